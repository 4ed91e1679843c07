package io.carrick.engine.administration;

import io.carrick.Binding;
import io.carrick.BindingInfo;
import io.carrick.ChannelInfo;
import io.carrick.ConnectionInfo;
import io.carrick.ConsumerInfo;
import io.carrick.ExchangeDefinition;
import io.carrick.LastValueInfo;
import io.carrick.NotFoundException;
import io.carrick.Policy;
import io.carrick.QueueDefinition;
import io.carrick.QueueDetails;
import io.carrick.QueueInfo;
import io.carrick.RoutingKey;
import io.carrick.Selection;
import io.carrick.SessionInfo;
import io.carrick.VirtualHostInfo;
import io.carrick.engine.administration.Listing.Order;
import io.carrick.engine.client.ConnectedClient;
import io.carrick.engine.client.Core;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.Destination;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.HostPolicies;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.topology.VirtualHosts;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one list has, in which order, and how each thing of it is read. Made for each page; used in
 * the loop that lists, the {@code show…} methods in those of the things.
 *
 * @param core knows who is connected
 * @param hosts what there is
 * @param rights what the administrator sees
 * @param here the loop that lists
 * @param which what is asked for
 */
record Inspection(Core core, VirtualHosts hosts, Rights rights, LoopContext here, Selection which) {

  // ---- in which order

  /** Returns where to begin. */
  Position start() {
    return which.start().map(Position::of).orElse(Position.START);
  }

  private <C> Order<C> order(Iterator<Candidate<C>> candidates) {
    return new Order<>(candidates, new NameFilter(which), limit());
  }

  private int limit() {
    return Math.min(which.limit(), core.limits().count(io.carrick.Limit.PAGE_ITEMS));
  }

  private boolean visible(String virtualHost) {
    return which.virtualHost().map(virtualHost::equals).orElse(true)
        && rights.mayAdminister(virtualHost);
  }

  /** Goes through the virtual hosts that are asked for and may be seen, from the start on. */
  private Iterator<VirtualHost> visibleHosts() {
    Iterator<VirtualHost> all = hosts.from(start().virtualHost());
    return new Walk<>(
        all, host -> (visible(host.name()) ? List.of(host) : List.<VirtualHost>of()).iterator());
  }

  /**
   * Goes through the things of virtual hosts.
   *
   * @param things from a position on
   */
  private <C> Order<C> byHost(BiFunction<VirtualHost, Position, Iterator<Candidate<C>>> things) {
    Position start = start();
    return order(
        new Walk<>(
            visibleHosts(),
            host ->
                things.apply(
                    host, host.name().equals(start.virtualHost()) ? start : Position.START)));
  }

  Order<VirtualHost> virtualHosts() {
    return byHost(
        (host, start) ->
            (start.inclusive() || !start.virtualHost().equals(host.name())
                    ? List.of(new Candidate<>(host.name(), "", host.name(), here, host))
                    : List.<Candidate<VirtualHost>>of())
                .iterator());
  }

  /** Goes through what belongs to no virtual host, by name. */
  <C> Order<C> named(BiFunction<String, Boolean, Iterator<C>> from, Function<C, String> name) {
    Position start = start();
    return order(
        Walk.over(
            from.apply(start.key(), start.inclusive()),
            c -> new Candidate<>("", name.apply(c), name.apply(c), here, c)));
  }

  Order<Policy> policies() {
    return byHost(
        (host, start) ->
            Walk.over(
                PolicyDesk.from(host, start),
                policy ->
                    new Candidate<>(
                        host.name(), HostPolicies.key(policy), policy.name(), here, policy)));
  }

  /** A destination of bindings, and where it is. */
  record Located<D extends Destination>(VirtualHost host, D thing) {}

  Order<Located<Exchange>> exchanges() {
    return byHost(
        (host, start) ->
            Walk.over(
                host.exchangesFrom(start.key(), start.inclusive()),
                x ->
                    new Candidate<>(
                        host.name(), x.name(), x.name(), here, new Located<>(host, x))));
  }

  Order<QueueEntry> queues() {
    return byHost(
        (host, start) ->
            Walk.over(
                host.queuesFrom(start.key(), start.inclusive()),
                q -> new Candidate<>(host.name(), q.name(), q.name(), q.queue.home(), q)));
  }

  /** Goes through queues, those of sessions by the sessions' names; others show nothing. */
  Order<QueueEntry> sessions() {
    return byHost(
        (host, start) ->
            Walk.over(
                host.queuesFrom(start.key(), start.inclusive()),
                q -> new Candidate<>(host.name(), q.name(), sessionOf(q), q.queue.home(), q)));
  }

  private static String sessionOf(QueueEntry entry) {
    SessionQueue session = entry.queue.declaration().session();
    return session == null || entry.isShared() ? "" : session.name();
  }

  /** Goes through the destinations of bindings: queues, then exchanges. */
  Order<Located<Destination>> destinations() {
    return byHost(
        (host, start) -> {
          char kind = start.key().isEmpty() ? QUEUE : start.key().charAt(0);
          String name = start.key().isEmpty() ? "" : start.key().substring(1);
          boolean inclusive = start.inclusive();
          Iterator<Destination> queues =
              kind == QUEUE
                  ? up(host.queuesFrom(name, inclusive))
                  : List.<Destination>of().iterator();
          Iterator<Destination> exchanges =
              kind == QUEUE
                  ? up(host.exchangesFrom("", true))
                  : up(host.exchangesFrom(name, inclusive));
          return new Walk<>(
              List.of(queues, exchanges).iterator(),
              all -> Walk.over(all, destination -> target(host, destination)));
        });
  }

  private static final char QUEUE = 'q';
  private static final char EXCHANGE = 'x';

  private static Iterator<Destination> up(Iterator<? extends Destination> some) {
    return Walk.over(some, destination -> destination);
  }

  private Candidate<Located<Destination>> target(VirtualHost host, Destination destination) {
    char kind = destination instanceof QueueEntry ? QUEUE : EXCHANGE;
    return new Candidate<>(
        host.name(),
        kind + destination.name(),
        destination.name(),
        here,
        new Located<>(host, destination));
  }

  /** Goes through one destination, whatever it is called. */
  Order<Located<Destination>> destination(String virtualHost, Binding.Target kind, String name) {
    rights.check(virtualHost);
    VirtualHost host = hosts.host(virtualHost);
    Destination destination = kind == Binding.Target.QUEUE ? host.queue(name) : host.exchange(name);
    Candidate<Located<Destination>> only = target(host, destination);
    boolean shown = only.position(Position.BEHIND).equals(start());
    Iterator<Candidate<Located<Destination>>> candidates =
        (shown ? List.<Candidate<Located<Destination>>>of() : List.of(only)).iterator();
    return new Order<>(candidates, new NameFilter(Selection.everything()), limit());
  }

  Order<ConnectedClient> clients() {
    Position start = start();
    long number;
    try {
      number = start.key().isEmpty() ? 0 : Long.parseLong(start.key());
    } catch (NumberFormatException e) {
      throw Position.notOne();
    }
    return order(
        Walk.over(
            core.clients().from(number, start.inclusive()),
            client ->
                new Candidate<>(
                    "",
                    Long.toString(client.number()),
                    client.info().name(),
                    client.context(),
                    client)));
  }

  Order<LastValueWalk> lastValues(RoutingKey filter) {
    Order<LastValueWalk> order =
        byHost(
            (host, start) ->
                (start.inclusive()
                        ? List.of(
                            new Candidate<>(
                                host.name(),
                                "",
                                "",
                                here,
                                new LastValueWalk(
                                    host,
                                    host.lastValues().match(filter, here.loop(), message -> true))))
                        : List.<Candidate<LastValueWalk>>of())
                    .iterator());
    return new Order<>(order.candidates(), new NameFilter(Selection.everything()), order.limit());
  }

  // ---- how each is read

  /** Reads what is one item. */
  static <C, T> Reader<C, T> one(Function<C, @Nullable T> item) {
    return (thing, from, most, into) -> {
      T shown = from == 0 ? item.apply(thing) : null;
      if (shown != null) {
        into.accept(shown);
      }
      return Reader.ALL;
    };
  }

  VirtualHostInfo showHost(VirtualHost host) {
    return new VirtualHostInfo(
        host.name(), host.exchangeCount(), host.queueCount(), core.firehoseIsOn(host));
  }

  static ExchangeDefinition showExchange(Located<Exchange> exchange) {
    ExchangeDeclaration d = exchange.thing().declaration;
    return new ExchangeDefinition(
        exchange.host().name(),
        d.name(),
        d.type(),
        d.durable(),
        d.autoDelete(),
        d.internal(),
        d.arguments());
  }

  static QueueDetails showQueue(QueueEntry entry) {
    QueueDeclaration d = entry.queue.declaration();
    QueueInfo info = entry.queue.info();
    return new QueueDetails(
        new QueueDefinition(
            info.virtualHost(), d.name(), entry.queue.durable(), d.autoDelete(), d.arguments()),
        info,
        entry.ownerId(),
        Optional.ofNullable(d.session()).filter(s -> !entry.isShared()).map(SessionQueue::name));
  }

  static @Nullable SessionInfo showSession(QueueEntry entry) {
    SessionQueue session = entry.queue.declaration().session();
    if (session == null || entry.isShared()) {
      return null;
    }
    QueueInfo info = entry.queue.info();
    return new SessionInfo(
        session.name(),
        info.virtualHost(),
        info.name(),
        info.consumers() > 0,
        entry.subscriptions(),
        info.ready() + info.unsettled(),
        info.unsettled());
  }

  static int showConsumers(QueueEntry entry, int from, int most, Consumer<ConsumerInfo> into) {
    if (entry.queue.info().consumers() == 0) {
      return Reader.ALL;
    }
    var all = new ArrayList<ConsumerInfo>();
    entry.queue.showConsumers(all::add);
    return Reader.list(all, from, most, into);
  }

  @Nullable ConnectionInfo showClient(ConnectedClient client) {
    ConnectionInfo info = client.info();
    return visible(info.virtualHost()) ? info : null;
  }

  int showChannels(ConnectedClient client, int from, int most, Consumer<ChannelInfo> into) {
    return visible(client.info().virtualHost())
        ? Reader.list(client.channels(), from, most, into)
        : Reader.ALL;
  }

  /**
   * Shows bindings.
   *
   * @param source those from one exchange only; null for all
   */
  static Reader<Located<Destination>, BindingInfo> bindings(@Nullable String source) {
    return (target, from, most, into) ->
        target
            .host()
            .showBindings(
                target.thing(),
                from,
                most,
                binding -> {
                  if (source == null || binding.exchange().equals(source)) {
                    into.accept(new BindingInfo(target.host().name(), binding));
                  }
                });
  }

  static int showLastValues(LastValueWalk walk, int from, int most, Consumer<LastValueInfo> into) {
    return walk.read(from, most, into);
  }

  /** Checks that there is such an exchange. */
  void findExchange(String virtualHost, String exchange) throws NotFoundException {
    rights.check(virtualHost);
    hosts.host(virtualHost).exchange(exchange);
  }
}
