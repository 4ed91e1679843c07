package io.carrick.engine.topology;

import io.carrick.NotFoundException;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.Map;

/**
 * Makes exchanges of their declarations. Immutable.
 *
 * @param types by name
 * @param loops how many loops route through an exchange
 */
record ExchangeMaker(Map<String, ExchangeType> types, int loops) {

  /**
   * Makes an exchange.
   *
   * @param predeclared whether the broker itself declares it
   * @throws NotFoundException when there is no such type
   */
  Exchange make(ExchangeDeclaration declaration, boolean predeclared) {
    return new Exchange(declaration, newTable(declaration), predeclared, loops);
  }

  /** Makes an empty table as an exchange has it. */
  RoutingTable newTable(ExchangeDeclaration declaration) {
    ExchangeType type = types.get(declaration.type());
    if (type == null) {
      throw new NotFoundException("unknown exchange type '" + declaration.type() + "'");
    }
    return type.newTable(declaration.arguments());
  }
}
