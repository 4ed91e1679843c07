package io.carrick.engine.topology;

import io.carrick.PreconditionFailedException;
import io.carrick.engine.queue.Lifetime;
import io.carrick.spi.QueueDeclaration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments of queues that are known here. Stateless.
 *
 * <p>Who asks that messages expire, are counted or go elsewhere must not believe that they do: what
 * is not supported yet is refused. What only chooses an implementation is taken, and what nobody
 * knows is the application's own.
 */
public final class QueueArguments {

  static final String TYPE = "x-queue-type";
  private static final String CLASSIC = "classic";
  private static final Set<String> TYPES = Set.of(CLASSIC, "quorum");

  private static final List<String> NOT_SUPPORTED =
      List.of(
          "x-max-length",
          "x-max-length-bytes",
          "x-overflow",
          "x-dead-letter-exchange",
          "x-dead-letter-routing-key",
          "x-dead-letter-strategy",
          "x-max-priority",
          "x-single-active-consumer",
          "x-delivery-limit");

  /** In what a queue that is declared again must agree, beside its type. */
  static final List<String> COMPARED = compared();

  private QueueArguments() {}

  private static List<String> compared() {
    var all = new ArrayList<>(List.of(Lifetime.UNUSED, Lifetime.MESSAGE));
    all.addAll(NOT_SUPPORTED);
    return List.copyOf(all);
  }

  /**
   * Checks the arguments of a new queue.
   *
   * @param what the queue as people are told of it
   * @throws PreconditionFailedException for what would be promised and not kept
   */
  public static void check(QueueDeclaration declaration, String what) {
    Map<String, Object> arguments = declaration.arguments();
    if (arguments.isEmpty()) {
      return;
    }
    if (!TYPES.contains(type(arguments))) {
      throw invalid(TYPE, what, "\"unsupported queue type '" + type(arguments) + "'\"");
    }
    for (String name : NOT_SUPPORTED) {
      if (arguments.containsKey(name)) {
        throw invalid(name, what, "not supported");
      }
    }
    checkTime(Lifetime.UNUSED, arguments, 1, what);
    checkTime(Lifetime.MESSAGE, arguments, 0, what);
  }

  private static void checkTime(
      String argument, Map<String, Object> arguments, long least, String what) {
    Object value = arguments.get(argument);
    if (value == null) {
      return;
    }
    if (!ArgumentText.isWhole(value)) {
      throw invalid(argument, what, "\"expected integer, got " + ArgumentText.type(value) + "\"");
    }
    long ms = ((Number) value).longValue();
    if (ms < 0) {
      throw invalid(argument, what, "{value_negative," + ms + "}");
    } else if (ms < least) {
      throw invalid(argument, what, "{value_zero," + ms + "}");
    } else if (ms > Lifetime.LONGEST_MS) {
      throw invalid(argument, what, "{value_too_large," + ms + "}");
    }
  }

  private static PreconditionFailedException invalid(String argument, String what, String why) {
    return new PreconditionFailedException(
        "invalid arg '" + argument + "' for " + what + ": " + why);
  }

  /** Returns which kind of queue is asked for, in which two declarations must agree. */
  static String type(Map<String, Object> arguments) {
    return ArgumentText.of(arguments.getOrDefault(TYPE, CLASSIC));
  }
}
