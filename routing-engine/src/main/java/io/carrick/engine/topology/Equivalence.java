package io.carrick.engine.topology;

import io.carrick.PreconditionFailedException;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether what is declared again is what is there, one argument after the other and in RabbitMQ's
 * words, for client libraries and their users read them. Stateless.
 */
final class Equivalence {

  private Equivalence() {}

  /**
   * Compares two declarations of an exchange.
   *
   * @param what the exchange as people are told of it
   * @throws PreconditionFailedException naming the first difference
   */
  static void check(ExchangeDeclaration there, ExchangeDeclaration wanted, String what) {
    same("type", what, there.type(), wanted.type());
    same("durable", what, there.durable(), wanted.durable());
    same("auto_delete", what, there.autoDelete(), wanted.autoDelete());
    same("internal", what, there.internal(), wanted.internal());
    sameArgument(Exchange.ALTERNATE, what, there.arguments(), wanted.arguments());
  }

  /**
   * Compares two declarations of a queue, both exclusive or neither.
   *
   * @param what the queue as people are told of it
   * @throws PreconditionFailedException naming the first difference
   */
  static void check(QueueDeclaration there, QueueDeclaration wanted, String what) {
    if (!there.exclusive()) { // which is never durable, whatever it was declared as
      same("durable", what, there.durable(), wanted.durable());
    }
    same("auto_delete", what, there.autoDelete(), wanted.autoDelete());
    same(
        QueueArguments.TYPE,
        what,
        QueueArguments.type(there.arguments()),
        QueueArguments.type(wanted.arguments()));
    if (there.session() != null) {
      return; // Its arguments are its adapter's to change.
    }
    for (String argument : QueueArguments.COMPARED) {
      sameArgument(argument, what, there.arguments(), wanted.arguments());
    }
  }

  private static void same(String argument, String what, Object there, Object wanted) {
    if (!there.equals(wanted)) {
      throw differs(argument, what, quoted(there), quoted(wanted));
    }
  }

  private static void sameArgument(
      String argument, String what, Map<String, Object> there, Map<String, Object> wanted) {
    Object current = there.get(argument);
    Object received = wanted.get(argument);
    if (current == null || received == null) {
      if (current != received) {
        throw differs(argument, what, typed(current), typed(received));
      }
    } else if (!equal(current, received)) {
      throw differs(argument, what, quoted(current), quoted(received));
    }
  }

  /** Whole numbers are equal whatever their width, as clients choose it by their language. */
  private static boolean equal(Object a, Object b) {
    if (ArgumentText.isWhole(a) && ArgumentText.isWhole(b)) {
      return ((Number) a).longValue() == ((Number) b).longValue();
    }
    return Objects.deepEquals(a, b);
  }

  private static String quoted(Object value) {
    return "'" + ArgumentText.of(value) + "'";
  }

  private static String typed(@Nullable Object value) {
    return value == null
        ? "none"
        : "the value " + quoted(value) + " of type '" + ArgumentText.type(value) + "'";
  }

  private static PreconditionFailedException differs(
      String argument, String what, String current, String received) {
    return new PreconditionFailedException(
        "inequivalent arg '%s' for %s: received %s but current is %s"
            .formatted(argument, what, received, current));
  }
}
