package io.carrick.engine;

import io.carrick.Admin;
import io.carrick.Alarm;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.ConnectionInfo;
import io.carrick.ConsumerInfo;
import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Metrics;
import io.carrick.NotFoundException;
import io.carrick.Page;
import io.carrick.QueueDetails;
import io.carrick.QueueInfo;
import io.carrick.Referral;
import io.carrick.Selection;
import io.carrick.SessionInfo;
import io.carrick.Trace;
import io.carrick.TraceFilter;
import io.carrick.TraceListener;
import io.carrick.engine.access.ReplyKey;
import io.carrick.engine.access.ScramMechanism;
import io.carrick.engine.access.UserTable;
import io.carrick.engine.administration.BrokerAdmin;
import io.carrick.engine.client.BrokerAdapterContext;
import io.carrick.engine.client.ClientAttachment;
import io.carrick.engine.client.ConnectedClient;
import io.carrick.engine.client.Core;
import io.carrick.engine.client.FutureCompletion;
import io.carrick.engine.client.LocalClient;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.Records;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.extension.RestrictedAuthorizer;
import io.carrick.engine.loop.ThreadLoops;
import io.carrick.engine.loop.Workers;
import io.carrick.engine.matching.DirectType;
import io.carrick.engine.matching.FanoutType;
import io.carrick.engine.matching.HeadersType;
import io.carrick.engine.matching.TopicType;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.topology.Mappings;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.topology.VirtualHosts;
import io.carrick.engine.tracing.EventFeed;
import io.carrick.engine.tracing.Tracing;
import io.carrick.engine.tracing.Tracing.People;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.Authenticator;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.Credentials;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.spi.SaslMechanism;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoreContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker from its start to its end. Thread-safe; parts are started and ended in order here. */
final class RunningBroker implements Broker {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");
  private static final String THREADS = "carrick";

  private final Core core;
  private final VirtualHosts hosts;
  private final BrokerAdmin admin;
  private final Workers workers = new Workers(THREADS);
  private final BrokerAdapterContext desk;
  private final Map<String, BoundEndpoint> endpoints = new LinkedHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Breakdown breakdown;

  private RunningBroker(
      Core core,
      VirtualHosts hosts,
      Optional<UserTable> users,
      ReplyKey replies,
      EmbeddedBroker.Builder description) {
    this.core = core;
    this.hosts = hosts;
    Optional<Authenticator> authenticator = description.authenticator.or(() -> users);
    this.desk =
        new BrokerAdapterContext(
            core, hosts, workers, authenticator, mechanisms(description, users), replies);
    this.admin = BrokerAdmin.trusted(core, desk, users);
    this.breakdown =
        new Breakdown(core.policies(), this::abort, core.group()::close, THREADS + "-end");
    core.group().onFailure(breakdown);
    workers.onFailure(breakdown);
    core.definitions().store().wakeWhenFailed(this::storeFailed);
  }

  private static List<SaslMechanism> mechanisms(
      EmbeddedBroker.Builder description, Optional<UserTable> users) {
    var all = new ArrayList<SaslMechanism>();
    if (description.authenticator.isEmpty()) {
      users.ifPresent(table -> all.add(new ScramMechanism(table)));
    }
    all.addAll(description.mechanisms);
    return all;
  }

  private static VirtualHosts hosts(
      EmbeddedBroker.Builder description, Definitions definitions, int loops) {
    Limits limits = description.limits;
    var mappings = new Mappings(description.mapping, description.mappings);
    Map<String, ExchangeType> types = types(description, false);
    Map<String, ExchangeType> hiding = types(description, true);
    var hosts =
        new VirtualHosts(
            definitions,
            limits,
            mappings,
            name -> {
              boolean hides = mappings.of(name).hidesDollarTopics();
              return new VirtualHost(name, limits, hides ? hiding : types, loops, definitions);
            });
    description.virtualHosts.forEach(hosts::restore);
    return hosts;
  }

  private static Map<String, ExchangeType> types(
      EmbeddedBroker.Builder description, boolean hidesDollar) {
    var types = new LinkedHashMap<String, ExchangeType>();
    List.of(
            new DirectType(),
            new FanoutType(),
            new TopicType(description.limits, hidesDollar),
            new HeadersType())
        .forEach(t -> types.put(t.name(), t));
    description.exchangeTypes.forEach(t -> types.put(t.name(), t));
    return types;
  }

  static Broker start(EmbeddedBroker.Builder description) {
    var codecs = new LinkedHashMap<String, ObjectCodec>();
    description.adapters.forEach(a -> a.objectCodec().ifPresent(c -> codecs.put(a.name(), c)));
    var records = new Records(codecs);
    RunningBroker broker;
    try {
      broker =
          restored(
              description,
              new Definitions(
                  description.store.open(new StoreContext(records, description.limits)), records));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    try {
      for (ProtocolAdapter adapter : description.adapters) {
        adapter.start(broker.desk).forEach(e -> broker.endpoints.put(e.name(), e));
      }
      broker.hosts.all().forEach(host -> host.sessionLives.start());
    } catch (IOException e) {
      broker.stop();
      throw new UncheckedIOException(e.getMessage(), e);
    } catch (RuntimeException e) {
      broker.stop();
      throw e;
    }
    log.info("started {}", broker.endpoints.keySet());
    return broker;
  }

  /** Makes a broker that nobody can reach yet of what its store holds. */
  private static RunningBroker restored(EmbeddedBroker.Builder description, Definitions definitions)
      throws IOException {
    LoopGroup group;
    try {
      group = loops(description).start(THREADS);
    } catch (RuntimeException e) {
      closeStore(definitions.store());
      throw e;
    }
    try {
      var hosts = hosts(description, definitions, group.loops().size());
      var recovery = new Recovery(hosts, definitions);
      recovery.read();
      Optional<UserTable> users =
          description.users.map(rules -> recovery.users(rules, description.limits));
      var policies =
          new Policies(
              RestrictedAuthorizer.of(
                  description.authorizer.or(() -> users), description.restriction),
              description.interceptors,
              description.listeners);
      Core core =
          Core.over(
              group, definitions, description.limits, policies, heldBy(hosts, definitions.store()));
      recovery.restore(core, description.policies);
      var broker = new RunningBroker(core, hosts, users, recovery.replies(), description);
      broker.begin(recovery);
      broker.watchPressure();
      return broker;
    } catch (IOException | RuntimeException e) {
      group.close();
      closeStore(definitions.store());
      throw e;
    }
  }

  private void begin(Recovery recovery) {
    if (!core.definitions().kept()) {
      return;
    }
    var begun = new CompletableFuture<Done>();
    LoopContext first = core.contexts().get(0);
    run(
        first.loop(),
        () -> {
          long sequence = recovery.begin(core, first);
          // A full store can still be emptied.
          first.whenDurable(first.storeTakes() ? sequence : 0, new FutureCompletion<>(begun));
        });
    core.group().await(begun);
  }

  /** Says what is held that is no loop's. */
  private static Map<Kind, LongSupplier> heldBy(VirtualHosts hosts, MessageStore store) {
    return Map.of(
        Kind.STORE,
        store::waitingBytes,
        Kind.LAST_VALUES,
        () -> hosts.all().stream().mapToLong(host -> host.lastValues().bytes()).sum(),
        Kind.TOPOLOGY,
        () -> hosts.all().stream().mapToLong(VirtualHost::topologyBytes).sum(),
        Kind.SCHEDULED,
        () -> hosts.all().stream().mapToLong(host -> host.schedules().bytes()).sum());
  }

  /** A store that has failed serves nobody any more but refuses; without memory nothing is sure. */
  private void storeFailed() {
    core.definitions().store().failure().filter(LoopGroup::isFatal).ifPresent(breakdown);
  }

  private void watchPressure() {
    LoopContext here = core.contexts().get(0);
    var watch = new PressureWatch(here, core.definitions().store(), core.memory(), core.limits());
    Runnable begin = () -> here.wake(watch::begin);
    core.memory().alarms().whenRaised(begin);
    if (core.definitions().kept()) {
      begin.run();
    }
  }

  private static void closeStore(MessageStore store) {
    try {
      store.close();
    } catch (IOException e) {
      log.error("the store could not be closed", e);
    }
  }

  private static LoopGroup.Factory loops(EmbeddedBroker.Builder description) {
    return description
        .loops
        .or(
            () ->
                description.adapters.stream()
                    .flatMap(adapter -> adapter.loops().stream())
                    .findFirst())
        .orElse(ThreadLoops::start);
  }

  // ---- clients

  @Override
  public Client connect() {
    return connect("/");
  }

  @Override
  public Client connect(String virtualHost) {
    if (closed.get()) {
      throw new IllegalStateException("the broker is closed");
    }
    var request =
        new AttachRequest(
            virtualHost, new Credentials("", new byte[0], "", "jvm", true), "in-JVM", "");
    return LocalClient.connect(
        core, workers, (loop, listener) -> desk.attachProgram(loop, request, listener));
  }

  @Override
  public InetSocketAddress address(String endpoint) {
    BoundEndpoint bound = endpoints.get(endpoint);
    if (bound == null) {
      throw new NotFoundException("no endpoint '" + endpoint + "'");
    }
    return bound.address();
  }

  @Override
  public void reloadCertificates() {
    IOException first = null;
    for (BoundEndpoint endpoint : endpoints.values()) {
      try {
        endpoint.reloadCertificates();
      } catch (IOException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw new UncheckedIOException(first.getMessage(), first);
    }
  }

  // ---- looking at it

  @Override
  public Metrics metrics() {
    return desk.metrics();
  }

  @Override
  public Set<Alarm> alarms() {
    return core.memory().alarms().all();
  }

  @Override
  public List<QueueInfo> queues() {
    return all(admin::queues).stream().map(QueueDetails::info).toList();
  }

  @Override
  public List<ConsumerInfo> consumers() {
    return all(admin::consumers);
  }

  @Override
  public List<SessionInfo> sessions() {
    return all(admin::sessions);
  }

  @Override
  public List<ConnectionInfo> connections() {
    return all(admin::connections);
  }

  /** Lists everything, page by page. */
  private <T> List<T> all(Function<Selection, CompletionStage<Page<T>>> list) {
    var items = new ArrayList<T>();
    Selection which = Selection.everything().limit(core.limits().count(Limit.PAGE_ITEMS));
    for (Page<T> page = page(list, which); ; page = page(list, which)) {
      items.addAll(page.items());
      if (page.next().isEmpty()) {
        return List.copyOf(items);
      }
      which = which.from(page.next().get());
    }
  }

  private <T> Page<T> page(Function<Selection, CompletionStage<Page<T>>> list, Selection which) {
    return core.group().await(list.apply(which).toCompletableFuture());
  }

  @Override
  public Admin admin() {
    return admin;
  }

  @Override
  public Admin admin(Identity who) {
    return admin.as(who);
  }

  /** Takes something of one queue, in the queue's loop. */
  @FunctionalInterface
  private interface Look<T> {
    void at(QueueEntry entry, List<T> into);
  }

  private <T> List<T> gather(Look<T> look) {
    var gathered = new ArrayList<T>();
    for (var context : core.contexts()) {
      var part = new CompletableFuture<List<T>>();
      run(
          context.loop(),
          () -> {
            var found = new ArrayList<T>();
            for (VirtualHost host : hosts.all()) {
              for (QueueEntry entry : host.queues()) {
                if (entry.queue.home() == context) {
                  look.at(entry, found);
                }
              }
            }
            part.complete(found);
          });
      gathered.addAll(core.group().await(part));
    }
    return gathered;
  }

  private static void run(io.carrick.spi.Loop loop, Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the broker is closed", e);
    }
  }

  @Override
  public void snapshot(Path directory) {
    try {
      core.definitions().store().snapshot(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  // ---- following messages

  @Override
  public Trace trace(TraceFilter which) {
    return begun(which, EventFeed.toNobody());
  }

  @Override
  public Trace trace(TraceFilter which, TraceListener listener) {
    int most = core.limits().count(Limit.TRACE_EVENTS);
    return begun(which, new EventFeed(listener, workers, most));
  }

  private Trace begun(TraceFilter which, EventFeed feed) {
    if (closed.get()) {
      throw new IllegalStateException("the broker is closed");
    }
    var people =
        new People(core.contexts(), id -> core.clients().find(id).map(ConnectedClient::info));
    var trace = new Tracing(core.tracers(), which, people, feed, core.limits());
    trace.begin();
    return trace;
  }

  // ---- the end

  @Override
  public boolean closeConnection(String connectionId, String reason) {
    return core.group().await(admin.closeConnection(connectionId, reason).toCompletableFuture());
  }

  @Override
  public boolean drain(Duration timeout) {
    endpoints.values().forEach(BoundEndpoint::stopAccepting);
    return core.group().await(new Drain(core, hosts.all(), timeout, null).start());
  }

  @Override
  public boolean drain(Duration timeout, Referral referral) {
    desk.drain(referral);
    log.info("lets its clients go: {}", referral.text());
    var evacuation = new Evacuation(core, referral);
    return core.group().await(new Drain(core, hosts.all(), timeout, evacuation).start());
  }

  @Override
  public void close() {
    if (!breakdown.begun() && closed.compareAndSet(false, true)) {
      stop();
      log.info("closed");
    }
    if (breakdown.begun()) {
      breakdown.await();
    }
  }

  /** Ends what can be ended after an error, without a word to anybody and waiting for nobody. */
  private void abort() {
    closed.set(true);
    workers.close(core.limits().value(Limit.CLOSE_TIMEOUT_MS));
    core.group().close();
    admin.close();
    closeStore(core.definitions().store());
  }

  private void stop() {
    closed.set(true);
    endpoints.values().forEach(BoundEndpoint::stopAccepting);
    try {
      core.group().await(new Farewell(core, core.clients().all()).say());
    } catch (IllegalStateException | RejectedExecutionException e) {
      log.warn("what was published was not confirmed to the end", e);
    }
    var closing = new ArrayList<CompletableFuture<Void>>();
    endpoints.values().forEach(e -> closing.add(e.close().toCompletableFuture()));
    long timeoutMs = core.limits().value(Limit.CLOSE_TIMEOUT_MS);
    try {
      core.group().await(CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)));
    } catch (IllegalStateException e) {
      log.warn("connections were not closed in order", e);
    }
    core.receipts().close();
    workers.close(timeoutMs);
    endRun();
    core.group().close();
    admin.close();
    closeStore(core.definitions().store());
  }

  /** Notes what the next run has to know, and then that this one has ended in order. */
  private void endRun() {
    if (!core.definitions().kept()) {
      return;
    }
    try {
      for (ConnectedClient client : List.copyOf(core.clients().all())) {
        run(client.context().loop(), () -> client.attachments().forEach(ClientAttachment::close));
      }
      gather((entry, into) -> {}); // Behind this, queues have heard of every client that left.
      gather(
          (entry, into) -> {
            if (entry.queue.durable()) {
              Queue queue = entry.queue;
              core.definitions().redelivered(queue.home(), queue.id(), queue.redeliveries());
            }
          });
      var ended = new CompletableFuture<Void>();
      LoopContext first = core.contexts().get(0);
      run(
          first.loop(),
          () -> {
            core.definitions().ended(first);
            ended.complete(null);
          });
      core.group().await(ended);
    } catch (IllegalStateException e) {
      log.warn("the broker's run could not be ended in order", e);
    }
  }
}
