package io.carrick.engine.topology;

import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.Map;
import java.util.Optional;

/**
 * A name and a way to match. Routed through by any loop; the number of bindings is guarded by the
 * lock of its virtual host, a mark is written by the loop of its index alone.
 */
public final class Exchange extends Destination {

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
          "headers");

  /** The argument with the name of the exchange that unroutable messages go to. */
  static final String ALTERNATE = "alternate-exchange";

  public final ExchangeDeclaration declaration;
  public final RoutingTable table;

  /** Whether it was declared by the broker itself and cannot be deleted. */
  final boolean predeclared;

  /** Where unroutable messages go, empty for nowhere. */
  public final String alternate;

  /** The last routing of each loop that came through here. */
  public final long[] visited;

  int bindingsAsSource;

  Exchange(ExchangeDeclaration declaration, RoutingTable table, boolean predeclared, int loops) {
    this.declaration = declaration;
    this.table = table;
    this.predeclared = predeclared;
    this.visited = new long[loops];
    this.alternate =
        Optional.ofNullable(declaration.arguments().get(ALTERNATE))
            .map(Object::toString)
            .orElse("");
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
