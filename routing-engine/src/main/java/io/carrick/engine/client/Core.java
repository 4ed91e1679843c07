package io.carrick.engine.client;

import io.carrick.ConnectionInfo;
import io.carrick.Limits;
import io.carrick.ReceiptReport.Recipient;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.delivery.Alarms;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.Memory;
import io.carrick.engine.extension.AlarmNotices;
import io.carrick.engine.extension.CounterRegistry;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.receipt.Receipts;
import io.carrick.engine.routing.Firehose;
import io.carrick.engine.routing.Router;
import io.carrick.engine.topology.DeclaredSettings;
import io.carrick.engine.topology.QueueKeeper;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.tracing.Tracer;
import io.carrick.engine.tracing.Tracers;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What every part of one broker shares. Immutable; what it refers to says who owns it.
 *
 * @param limits the bounds
 * @param group the loops
 * @param contexts the engine's side of each loop, by index
 * @param routers the router of each loop, by index
 * @param definitions what the store has beside messages, and the store
 * @param policies what the user has plugged in
 * @param clients who is attached
 * @param counters what is counted off the message path
 * @param memory what the loops hold
 * @param tracers who may want to follow messages
 * @param receipts what publishers are still to be told
 */
public record Core(
    Limits limits,
    LoopGroup group,
    List<LoopContext> contexts,
    List<Router> routers,
    Definitions definitions,
    Policies policies,
    ConnectedClients clients,
    CounterRegistry counters,
    Memory memory,
    Tracers tracers,
    Receipts receipts) {

  public static Core over(
      LoopGroup group,
      Definitions definitions,
      Limits limits,
      Policies policies,
      Map<Kind, LongSupplier> others) {
    var counters = new CounterRegistry();
    var alarms = new Alarms(new AlarmNotices(policies, counters, group.loops().get(0)::nanoTime));
    var memory = new Memory(limits, alarms, others);
    var tracers = new Tracers();
    var contexts = new ArrayList<LoopContext>();
    var routers = new ArrayList<Router>();
    for (Loop loop : group.loops()) {
      var context = new LoopContext(loop, contexts.size(), definitions.store(), memory);
      context.followedBy(tracers);
      contexts.add(context);
    }
    List<LoopContext> all = List.copyOf(contexts);
    for (LoopContext context : all) {
      routers.add(new Router(context, all, policies, tracers, limits));
    }
    var clients = new ConnectedClients(policies);
    var receipts =
        new Receipts(
            routers, all, definitions, limits, id -> clients.find(id).map(Core::recipient));
    return new Core(
        limits,
        group,
        all,
        List.copyOf(routers),
        definitions,
        policies,
        clients,
        counters,
        memory,
        tracers,
        receipts);
  }

  private static Recipient recipient(ConnectedClient client) {
    ConnectionInfo info = client.info();
    return new Recipient(info.protocol(), info.name(), info.user());
  }

  public LoopContext context(Loop loop) {
    for (LoopContext context : contexts) {
      if (context.loop() == loop) {
        return context;
      }
    }
    throw new IllegalStateException("the loop is not one of this broker's");
  }

  /** Returns what makes the queues of a virtual host and lets them go. */
  public QueueKeeper keeper(VirtualHost host) {
    return new QueueKeeper(
        host,
        definitions,
        limits,
        policies,
        new DeclaredSettings(limits, host.policies()),
        routers.stream().map(Router::deadLetters).toList());
  }

  /** Copies what passes through a virtual host to its firehose, from now on. */
  public void firehoseOn(VirtualHost host) {
    var firehose = new Firehose(host, routers, id -> clients.find(id).map(ConnectedClient::info));
    synchronized (tracers) {
      if (!firehoseIsOn(host)) {
        tracers.add(firehose, Integer.MAX_VALUE);
      }
    }
  }

  /** Copies nothing any more. */
  public void firehoseOff(VirtualHost host) {
    for (Tracer tracer : tracers.remove(tracer -> isOf(host, tracer))) {
      ((Firehose) tracer).stop();
    }
  }

  /** Returns whether there is a firehose. */
  public boolean firehoseIsOn(VirtualHost host) {
    return tracers.any(tracer -> isOf(host, tracer));
  }

  private static boolean isOf(VirtualHost host, Tracer tracer) {
    return tracer instanceof Firehose firehose && firehose.isOf(host);
  }

  public Router router(LoopContext context) {
    return routers.get(context.index());
  }
}
