package io.carrick.engine.administration;

import io.carrick.Admin;
import io.carrick.Alarm;
import io.carrick.Binding;
import io.carrick.BindingInfo;
import io.carrick.BrokerException;
import io.carrick.ChannelInfo;
import io.carrick.ConnectionInfo;
import io.carrick.ConsumerInfo;
import io.carrick.ExchangeDefinition;
import io.carrick.Identity;
import io.carrick.LastValueInfo;
import io.carrick.Page;
import io.carrick.PolicyAdmin;
import io.carrick.QueueDefinition;
import io.carrick.QueueDetails;
import io.carrick.RoutingKey;
import io.carrick.Selection;
import io.carrick.SessionInfo;
import io.carrick.UserAdmin;
import io.carrick.VirtualHostInfo;
import io.carrick.engine.access.UserTable;
import io.carrick.engine.administration.Inspection.Located;
import io.carrick.engine.administration.Listing.Order;
import io.carrick.engine.client.BrokerAdapterContext;
import io.carrick.engine.client.ConnectedClient;
import io.carrick.engine.client.Core;
import io.carrick.engine.client.FutureCompletion;
import io.carrick.engine.delivery.Alarms;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.Destination;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.topology.VirtualHosts;
import io.carrick.spi.AttachmentListener.CloseReason;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/** The administration of one broker. Thread-safe: everything happens in one loop or another. */
public final class BrokerAdmin implements Admin {

  /** A few hundred, as for everything that goes on later. */
  private static final int STEP = 256;

  private final Core core;
  private final BrokerAdapterContext adapters;
  private final VirtualHosts hosts;
  private final Rights rights;
  private final UnderWay underWay;
  private final AtomicInteger turn;
  private final Optional<UserTable> users;

  private BrokerAdmin(
      Core core,
      BrokerAdapterContext adapters,
      Rights rights,
      UnderWay underWay,
      AtomicInteger turn,
      Optional<UserTable> users) {
    this.core = core;
    this.adapters = adapters;
    this.hosts = adapters.hosts();
    this.rights = rights;
    this.underWay = underWay;
    this.turn = turn;
    this.users = users;
  }

  /** Makes the administration that needs no permission. */
  public static BrokerAdmin trusted(
      Core core, BrokerAdapterContext adapters, Optional<UserTable> users) {
    var all = new Rights(core.policies(), null);
    return new BrokerAdmin(core, adapters, all, new UnderWay(), new AtomicInteger(), users);
  }

  /** Returns the same with the rights of somebody. */
  public BrokerAdmin as(Identity who) {
    return new BrokerAdmin(core, adapters, new Rights(core.policies(), who), underWay, turn, users);
  }

  Iterator<ConnectedClient> connected() {
    return core.clients().all().iterator();
  }

  /** The broker has closed: nobody has to wait any more. */
  public void close() {
    underWay.close();
  }

  @Override
  public UserAdmin users() {
    return new UserDesk(this, users);
  }

  @Override
  public PolicyAdmin policies() {
    return new PolicyDesk(this, core);
  }

  // ---- looking

  @Override
  public CompletionStage<Page<VirtualHostInfo>> virtualHosts(Selection which) {
    return list(which, Inspection::virtualHosts, i -> Inspection.one(i::showHost));
  }

  @Override
  public CompletionStage<Page<ExchangeDefinition>> exchanges(Selection which) {
    return list(which, Inspection::exchanges, i -> Inspection.one(Inspection::showExchange));
  }

  @Override
  public CompletionStage<Page<QueueDetails>> queues(Selection which) {
    return list(which, Inspection::queues, i -> Inspection.one(Inspection::showQueue));
  }

  @Override
  public CompletionStage<Page<BindingInfo>> bindings(Selection which) {
    return list(which, Inspection::destinations, i -> Inspection.bindings(null));
  }

  @Override
  public CompletionStage<Page<BindingInfo>> bindingsTo(
      String virtualHost, Binding.Target target, String name, Selection which) {
    return list(
        which, i -> i.destination(virtualHost, target, name), i -> Inspection.bindings(null));
  }

  @Override
  public CompletionStage<Page<BindingInfo>> bindingsFrom(
      String virtualHost, String exchange, Selection which) {
    Function<Inspection, Order<Located<Destination>>> destinations =
        i -> {
          i.findExchange(virtualHost, exchange);
          return i.destinations();
        };
    return list(which.in(virtualHost), destinations, i -> Inspection.bindings(exchange));
  }

  @Override
  public CompletionStage<Page<ConsumerInfo>> consumers(Selection which) {
    return list(which, Inspection::queues, i -> Inspection::showConsumers);
  }

  @Override
  public CompletionStage<Page<SessionInfo>> sessions(Selection which) {
    return list(which, Inspection::sessions, i -> Inspection.one(Inspection::showSession));
  }

  @Override
  public CompletionStage<Page<ConnectionInfo>> connections(Selection which) {
    return list(which, Inspection::clients, i -> Inspection.one(i::showClient));
  }

  @Override
  public CompletionStage<Page<ChannelInfo>> channels(Selection which) {
    return list(which, Inspection::clients, i -> i::showChannels);
  }

  @Override
  public CompletionStage<Page<LastValueInfo>> lastValues(RoutingKey filter, Selection which) {
    return list(which, i -> i.lastValues(filter), i -> LastValueWalk::read);
  }

  <C, T> CompletionStage<Page<T>> list(
      Selection which,
      Function<Inspection, Order<C>> order,
      Function<Inspection, Reader<C, T>> reader) {
    CompletableFuture<Page<T>> page = underWay.promise();
    LoopContext here = nextLoop();
    run(
        here,
        page,
        () -> {
          var inspection = new Inspection(core, hosts, rights, here, which);
          new Listing<>(here, order.apply(inspection), reader.apply(inspection), page)
              .begin(inspection.start());
        });
    return page;
  }

  // ---- acting

  @Override
  public CompletionStage<Void> createVirtualHost(String name) {
    return changeBroker((here, done) -> here.whenDurable(hosts.create(name, here), done));
  }

  @Override
  public CompletionStage<Void> deleteVirtualHost(String name) {
    return changeBroker(
        (here, done) -> {
          VirtualHost host = hosts.beginDeleting(name, here);
          users.ifPresent(table -> table.forgetHost(name, here));
          new HostDeletion(core, adapters, host, here, done).begin();
        });
  }

  /** Does something to the broker, for who may. */
  CompletionStage<Void> changeBroker(BiConsumer<LoopContext, Completion<Done>> action) {
    CompletableFuture<Done> answer = underWay.promise();
    LoopContext here = nextLoop();
    run(
        here,
        answer,
        () -> {
          rights.checkBroker();
          action.accept(here, new FutureCompletion<>(answer));
        });
    return answer.thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Void> declare(ExchangeDefinition exchange) {
    return change(exchange.virtualHost(), (deputy, done) -> deputy.declare(exchange, done));
  }

  @Override
  public CompletionStage<String> declare(QueueDefinition queue) {
    return act(queue.virtualHost(), (deputy, done) -> deputy.declare(queue, done));
  }

  @Override
  public CompletionStage<Void> deleteExchange(String virtualHost, String name, boolean ifUnused) {
    return change(virtualHost, (deputy, done) -> deputy.deleteExchange(name, ifUnused, done));
  }

  @Override
  public CompletionStage<Long> deleteQueue(
      String virtualHost, String name, boolean ifUnused, boolean ifEmpty) {
    return act(virtualHost, (deputy, done) -> deputy.deleteQueue(name, ifUnused, ifEmpty, done));
  }

  @Override
  public CompletionStage<Void> bind(String virtualHost, Binding binding) {
    return change(virtualHost, (deputy, done) -> deputy.bind(binding, done));
  }

  @Override
  public CompletionStage<Void> unbind(String virtualHost, Binding binding) {
    return change(virtualHost, (deputy, done) -> deputy.unbind(binding, done));
  }

  @Override
  public CompletionStage<Long> purge(String virtualHost, String queue) {
    return act(virtualHost, (deputy, done) -> deputy.purge(queue, done));
  }

  @Override
  public CompletionStage<Void> firehose(String virtualHost, boolean on) {
    return change(
        virtualHost,
        (deputy, done) -> {
          if (on) {
            core.firehoseOn(deputy.host());
          } else {
            core.firehoseOff(deputy.host());
          }
          done.completed(Done.DONE);
        });
  }

  /** Does something to a virtual host, for who may. */
  CompletionStage<Void> change(String virtualHost, BiConsumer<Deputy, Completion<Done>> action) {
    return act(virtualHost, action).thenAccept(done -> {});
  }

  private <T> CompletionStage<T> act(String virtualHost, BiConsumer<Deputy, Completion<T>> action) {
    CompletableFuture<T> answer = underWay.promise();
    LoopContext here = nextLoop();
    run(
        here,
        answer,
        () -> {
          rights.check(virtualHost);
          VirtualHost host = hosts.host(virtualHost);
          action.accept(
              new Deputy(host, core.keeper(host), here, core.router(here)),
              new FutureCompletion<>(answer));
        });
    return answer;
  }

  @Override
  public CompletionStage<Void> holdAlarm(Alarm alarm) {
    return changeAlarms(alarms -> alarms.hold(alarm, "an administrator says so"));
  }

  @Override
  public CompletionStage<Void> releaseAlarm(Alarm alarm) {
    return changeAlarms(alarms -> alarms.release(alarm));
  }

  private CompletionStage<Void> changeAlarms(Consumer<Alarms> change) {
    return changeBroker(
        (here, done) -> {
          change.accept(here.alarms());
          done.completed(Done.DONE);
        });
  }

  @Override
  public CompletionStage<Void> memoryWatermark(long bytes) {
    return changeBroker(
        (here, done) -> {
          core.memory().watermark(bytes);
          done.completed(Done.DONE);
        });
  }

  @Override
  public CompletionStage<Boolean> closeConnection(String connectionId, String reason) {
    CompletableFuture<Boolean> answer = underWay.promise();
    Optional<ConnectedClient> found = core.clients().find(connectionId);
    run(
        found.map(ConnectedClient::context).orElseGet(this::nextLoop),
        answer,
        () -> {
          Optional<ConnectedClient> visible =
              found.filter(client -> rights.mayAdminister(client.info().virtualHost()));
          visible.ifPresent(client -> client.requestClose(CloseReason.ADMINISTRATIVE, reason));
          answer.complete(visible.isPresent());
        });
    return answer;
  }

  /** Asks clients to leave; there may be many, so it takes turns. */
  void closeConnections(
      LoopContext here,
      Iterator<ConnectedClient> all,
      Predicate<ConnectedClient> whose,
      String reason) {
    for (int i = 0; i < STEP && all.hasNext(); i++) {
      ConnectedClient client = all.next();
      if (whose.test(client)) {
        here.tell(client.context(), () -> client.requestClose(CloseReason.ADMINISTRATIVE, reason));
      }
    }
    if (all.hasNext()) {
      here.loop().continueLater(() -> closeConnections(here, all, whose, reason));
    }
  }

  // ---- in a loop

  /** Takes the loops in turn, so that administration is no burden to one of them. */
  private LoopContext nextLoop() {
    return core.contexts().get(Math.floorMod(turn.getAndIncrement(), core.contexts().size()));
  }

  private static void run(LoopContext here, CompletableFuture<?> promise, Runnable task) {
    try {
      here.loop()
          .execute(
              () -> {
                try {
                  task.run();
                } catch (BrokerException refused) {
                  promise.completeExceptionally(refused);
                } catch (RuntimeException bug) { // of an exchange type, say
                  promise.completeExceptionally(
                      new IllegalStateException("the broker has failed to answer", bug));
                  throw bug;
                }
              });
    } catch (RejectedExecutionException e) {
      promise.completeExceptionally(new IllegalStateException("the broker is closed", e));
    }
  }
}
