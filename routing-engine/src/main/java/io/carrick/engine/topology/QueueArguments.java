package io.carrick.engine.topology;

import io.carrick.Overflow;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueOptions;
import io.carrick.engine.queue.QueueSettings;
import io.carrick.spi.QueueDeclaration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The arguments of queues that are known here, with RabbitMQ's rules and in its words. Stateless.
 *
 * <p>Who asks that messages are ordered or delivered otherwise must not believe that they are: what
 * is not supported yet is refused. What only chooses an implementation is taken, and what nobody
 * knows is the application's own.
 */
public final class QueueArguments {

  static final String TYPE = "x-queue-type";
  private static final String STRATEGY = "x-dead-letter-strategy";
  private static final String AT_MOST_ONCE = "at-most-once";
  private static final String AT_LEAST_ONCE = "at-least-once";
  private static final String CLASSIC = "classic";
  private static final Set<String> TYPES = Set.of(CLASSIC, "quorum");

  private static final List<String> NOT_SUPPORTED =
      List.of("x-max-priority", "x-single-active-consumer");

  /** In what a queue that is declared again must agree, beside its type. */
  static final List<String> COMPARED = compared();

  private QueueArguments() {}

  private static List<String> compared() {
    var all =
        new ArrayList<>(
            List.of(
                QueueOptions.EXPIRES,
                QueueOptions.MESSAGE_TTL,
                QueueOptions.MAX_LENGTH,
                QueueOptions.MAX_LENGTH_BYTES,
                QueueOptions.OVERFLOW,
                QueueOptions.DEAD_LETTER_EXCHANGE,
                QueueOptions.DEAD_LETTER_ROUTING_KEY,
                STRATEGY,
                QueueOptions.DELIVERY_LIMIT));
    all.addAll(NOT_SUPPORTED);
    all.addAll(StreamArguments.COMPARED);
    return List.copyOf(all);
  }

  /**
   * Checks the arguments of a new queue.
   *
   * @param what the queue as people are told of it
   * @throws PreconditionFailedException for what makes no sense, and what would be promised and not
   *     kept
   */
  public static void check(QueueDeclaration declaration, String what) {
    Map<String, Object> arguments = declaration.arguments();
    if (StreamArguments.areOfStream(arguments)) {
      StreamArguments.check(declaration, what);
    } else if (!arguments.isEmpty()) {
      new Check(arguments, what).all();
    }
  }

  /** Returns which kind of queue is asked for, in which two declarations must agree. */
  static String type(Map<String, Object> arguments) {
    return ArgumentText.of(arguments.getOrDefault(TYPE, CLASSIC));
  }

  /** One check of one declaration. Immutable. */
  private record Check(Map<String, Object> arguments, String what) {

    void all() {
      String type = type(arguments);
      if (!TYPES.contains(type)) {
        throw invalid(TYPE, "\"unsupported queue type '" + type + "'\"");
      }
      for (String name : NOT_SUPPORTED) {
        if (arguments.containsKey(name)) {
          throw invalid(name, "not supported");
        }
      }
      time(QueueOptions.EXPIRES, 1);
      time(QueueOptions.MESSAGE_TTL, 0);
      notNegative(QueueOptions.MAX_LENGTH);
      notNegative(QueueOptions.MAX_LENGTH_BYTES);
      whole(QueueOptions.DELIVERY_LIMIT);
      overflow();
      deadLetters();
      StreamArguments.checkAbsent(arguments, what, "rabbit_" + type + "_queue");
    }

    private void time(String argument, long least) {
      long ms = notNegative(argument);
      if (ms < least && arguments.containsKey(argument)) {
        throw invalid(argument, "{value_zero," + ms + "}");
      } else if (ms > QueueSettings.LONGEST_MS) {
        throw invalid(argument, "{value_too_large," + ms + "}");
      }
    }

    private long notNegative(String argument) {
      long value = whole(argument);
      if (value < 0) {
        throw invalid(argument, "{value_negative," + value + "}");
      }
      return value;
    }

    /** Returns a whole number, 0 if there is none. */
    private long whole(String argument) {
      Object value = arguments.getOrDefault(argument, 0);
      if (!ArgumentText.isWhole(value)) {
        throw invalid(argument, "\"expected integer, got " + ArgumentText.type(value) + "\"");
      }
      return ((Number) value).longValue();
    }

    private void overflow() {
      String value = text(QueueOptions.OVERFLOW, Overflow.DROP_HEAD.text());
      if (Arrays.stream(Overflow.values()).noneMatch(o -> o.text().equals(value))) {
        throw invalid(QueueOptions.OVERFLOW, "invalid_overflow");
      }
    }

    private void deadLetters() {
      text(QueueOptions.DEAD_LETTER_EXCHANGE, "");
      text(QueueOptions.DEAD_LETTER_ROUTING_KEY, "");
      if (arguments.containsKey(QueueOptions.DEAD_LETTER_ROUTING_KEY)
          && !arguments.containsKey(QueueOptions.DEAD_LETTER_EXCHANGE)) {
        throw invalid(QueueOptions.DEAD_LETTER_ROUTING_KEY, "routing_key_but_no_dlx_defined");
      }
      String strategy = text(STRATEGY, AT_MOST_ONCE);
      if (strategy.equals(AT_LEAST_ONCE)) {
        throw invalid(STRATEGY, "not supported");
      } else if (!strategy.equals(AT_MOST_ONCE)) {
        throw invalid(STRATEGY, "invalid_dlx_strategy");
      }
    }

    private String text(String argument, String otherwise) {
      Object value = arguments.getOrDefault(argument, otherwise);
      if (value instanceof String text) {
        return text;
      }
      throw invalid(argument, "{unacceptable_type," + ArgumentText.type(value) + "}");
    }

    private PreconditionFailedException invalid(String argument, String why) {
      return new PreconditionFailedException(
          "invalid arg '" + argument + "' for " + what + ": " + why);
    }
  }
}
