package io.carrick.engine.topology;

import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType.RoutingTable;
import io.carrick.spi.Resource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A name and a way to match. Routed through by any loop; the number of bindings is guarded by the
 * lock of its virtual host, a mark is written by the loop of its index alone.
 */
public final class Exchange extends Destination {

  /** Where the firehose publishes to, and nobody else. */
  public static final String FIREHOSE = "amq.rabbitmq.trace";

  /** What a virtual host has from the start: names and types. */
  static final Map<String, String> PREDECLARED =
      Map.of(
          "",
          "direct",
          "amq.direct",
          "direct",
          "amq.fanout",
          "fanout",
          "amq.topic",
          "topic",
          "amq.headers",
          "headers",
          "amq.match",
          "headers",
          FIREHOSE,
          "topic");

  /** The argument with the name of the exchange that unroutable messages go to. */
  public static final String ALTERNATE = "alternate-exchange";

  public final ExchangeDeclaration declaration;
  public final RoutingTable table;

  /** What messages are routed through: the table, or what stands before it. */
  public final RoutingTable routes;

  /** Whether it was declared by the broker itself and cannot be deleted. */
  final boolean predeclared;

  /** Where unroutable messages go, empty for nowhere; a policy may change it. */
  private volatile String alternate;

  /** The last routing of each loop that came through here. */
  public final long[] visited;

  int bindingsAsSource;

  /**
   * How many of its bindings lead to which destination, so that nobody else is asked when it goes;
   * empty in what never does.
   */
  private final Map<Destination, Integer> destinations = new HashMap<>(2);

  /** How an authorizer knows it; null before the first question. Racing makers make equal ones. */
  private @Nullable Resource resource;

  Exchange(
      ExchangeDeclaration declaration,
      RoutingTable table,
      RoutingTable routes,
      boolean predeclared,
      int loops) {
    this.declaration = declaration;
    this.table = table;
    this.routes = routes;
    this.predeclared = predeclared;
    this.visited = new long[loops];
    this.alternate =
        Optional.ofNullable(declaration.arguments().get(ALTERNATE))
            .map(Object::toString)
            .orElse("");
  }

  /** Notes a binding. */
  void leadsTo(Destination destination) {
    bindingsAsSource++;
    if (!predeclared) {
      destinations.merge(destination, 1, Integer::sum);
    }
  }

  /** A binding is gone. */
  void leadsNoMoreTo(Destination destination) {
    bindingsAsSource--;
    if (!predeclared) {
      destinations.computeIfPresent(destination, (d, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Returns where its bindings lead to, if it can be deleted. */
  Set<Destination> destinations() {
    return destinations.keySet();
  }

  /** Returns where unroutable messages go, empty for nowhere. From any thread. */
  public String alternate() {
    return alternate;
  }

  /** Changes where unroutable messages go; called under the virtual host's lock. */
  void alternate(String exchange) {
    alternate = exchange;
  }

  /** Returns whether its keys are topics, which need permissions of their own. */
  public boolean isTopic() {
    return declaration.type().equals("topic");
  }

  /** Returns how an authorizer knows it, which for publishers is not made again and again. */
  public Resource resource(String virtualHost) {
    Resource made = resource;
    if (made == null) {
      made = Resource.exchange(virtualHost, name());
      resource = made;
    }
    return made;
  }

  /** Returns what of it waits; empty if nothing ever does. */
  Optional<Delays> delays() {
    return table instanceof Delays delays ? Optional.of(delays) : Optional.empty();
  }

  @Override
  public String name() {
    return declaration.name();
  }

  @Override
  boolean durable() {
    return declaration.durable();
  }
}
