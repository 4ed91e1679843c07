package io.carrick.engine.topology;

import io.carrick.Limits;
import io.carrick.NotFoundException;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeType.DelayingTable;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.Map;

/**
 * Makes exchanges of their declarations. Immutable.
 *
 * @param types by name
 * @param loops how many loops route through an exchange
 * @param delays makes queues for messages that wait
 * @param limits what bounds exchanges
 */
record ExchangeMaker(
    Map<String, ExchangeType> types, int loops, DelayKeeper delays, Limits limits) {

  /**
   * Makes an exchange.
   *
   * @param predeclared whether the broker itself declares it
   * @throws NotFoundException when there is no such type
   */
  Exchange make(ExchangeDeclaration declaration, boolean predeclared) {
    RoutingTable table = newTable(declaration);
    if (table instanceof DelayingTable delaying) {
      table = new Delays(delays, declaration, delaying);
    }
    RoutingTable routes = Deduplication.of(declaration, table, limits, loops);
    return new Exchange(declaration, table, routes, predeclared, loops);
  }

  /** Makes an empty table as an exchange has it. */
  RoutingTable newTable(ExchangeDeclaration declaration) {
    return newTable(declaration.type(), declaration.arguments());
  }

  private RoutingTable newTable(String name, Map<String, Object> arguments) {
    ExchangeType type = types.get(name.equals(Deduplication.NAME) ? "fanout" : name);
    if (type == null) {
      throw new NotFoundException("unknown exchange type '" + name + "'");
    }
    return type.newTable(arguments, this::newTable);
  }
}
