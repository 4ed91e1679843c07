package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which exchanges a virtual host comes to have: what is declared is checked against what is there,
 * committed, and applied. Guarded by the lock of the virtual host.
 */
final class ExchangeRules {

  private final Called called;
  private final ExchangeMaker maker;
  private final NamedExchanges exchanges;
  private final Bindings bindings;
  private final ChangeLog log;
  private final Limits limits;

  ExchangeRules(
      Called called,
      ExchangeMaker maker,
      NamedExchanges exchanges,
      Bindings bindings,
      ChangeLog log,
      Limits limits) {
    this.called = called;
    this.maker = maker;
    this.exchanges = exchanges;
    this.bindings = bindings;
    this.log = log;
    this.limits = limits;
  }

  /** Makes what every virtual host has from the start. */
  void predeclare() {
    Exchange.PREDECLARED.forEach(
        (name, type) ->
            exchanges.add(
                maker.make(
                    new ExchangeDeclaration(
                        name, type, true, false, name.equals(Exchange.FIREHOSE), Map.of()),
                    true)));
  }

  /** Makes an empty table as an exchange has it. */
  RoutingTable newTable(ExchangeDeclaration declaration) {
    return maker.newTable(declaration);
  }

  /**
   * Finds or makes an exchange.
   *
   * @param refusal why the client may not make it with the alternate exchange that it has; null if
   *     it may
   * @return the sequence that the answer waits for, as of all changes
   */
  long declare(
      ExchangeDeclaration wanted, @Nullable AccessRefusedException refusal, LoopContext here) {
    Exchange there = exchanges.get(wanted.name());
    if (there != null) {
      Equivalence.check(there.declaration, wanted, called.exchange(wanted.name()));
      return log.answerAfter(wanted.durable(), here);
    }
    if (wanted.name().startsWith(Called.RESERVED)) {
      throw Called.reserved("exchange", wanted.name(), Called.RESERVED);
    }
    if (exchanges.size() >= limits.value(Limit.EXCHANGES)) {
      throw new PreconditionFailedException(
          "cannot declare %s: exchange limit of %d is reached"
              .formatted(called.exchange(wanted.name()), limits.value(Limit.EXCHANGES)));
    }
    checkAlternate(wanted);
    if (refusal != null) {
      throw refusal;
    }
    Exchange made = maker.make(wanted, false);
    if (wanted.durable()) {
      log.mayStore(here);
      log.declared(wanted, here);
    }
    exchanges.add(made);
    return log.answerAfter(wanted.durable(), here);
  }

  private void checkAlternate(ExchangeDeclaration wanted) {
    Object alternate = wanted.arguments().get(Exchange.ALTERNATE);
    if (alternate != null && !(alternate instanceof String)) {
      throw new PreconditionFailedException(
          "invalid type '%s' for arg '%s' in %s"
              .formatted(
                  ArgumentText.type(alternate),
                  Exchange.ALTERNATE,
                  called.exchange(wanted.name())));
    }
  }

  /** Takes an exchange as the store has it. */
  void restore(ExchangeDeclaration stored) {
    if (!exchanges.has(stored.name())) {
      exchanges.add(maker.make(stored, false));
    }
  }

  /**
   * Deletes an exchange with its bindings, if it is there.
   *
   * @return the sequence that the answer waits for
   */
  long delete(String exchange, boolean ifUnused, LoopContext here) {
    Exchange there = exchanges.get(exchange);
    if (there == null) {
      return log.answerAfter(false, here);
    }
    if (there.predeclared) {
      throw new AccessRefusedException(
          "deletion of system " + called.exchange(exchange) + " not allowed");
    }
    if (ifUnused && there.bindingsAsSource > 0) {
      throw new PreconditionFailedException(called.exchange(exchange) + " in use");
    }
    bindings.forget(there, here);
    return log.answerAfter(there.declaration.durable(), here);
  }
}
