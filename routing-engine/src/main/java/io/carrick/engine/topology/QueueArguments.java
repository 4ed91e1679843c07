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

/**
 * The arguments of queues that are known here, with RabbitMQ's rules and in its words. Stateless.
 *
 * <p>Who asks that messages are ordered or delivered otherwise must not believe that they are: what
 * is not supported yet is refused. What only chooses an implementation, or where a cluster puts a
 * queue, is checked and has no effect, and what nobody knows is the application's own.
 */
public final class QueueArguments {

  static final String TYPE = QueueOptions.TYPE;
  private static final String MODE = "x-queue-mode";
  private static final String VERSION = "x-queue-version";
  private static final String LOCATOR = "x-queue-leader-locator";
  private static final String PLACEMENT_TAG = "x-member-placement-tag";

  private static final List<String> STRATEGIES = List.of("at-most-once", "at-least-once");
  private static final List<String> LOCATORS =
      List.of("client-local", "balanced", "random", "least-leaders", "min-masters");

  private static final List<String> MODES = List.of("default", "lazy");
  private static final List<String> OVERFLOWS =
      Arrays.stream(Overflow.values()).map(Overflow::text).toList();

  private static final int MOST_PRIORITIES = 255;

  /** How long and how much, where a cluster keeps it: not negative. */
  private static final List<String> NOT_NEGATIVE =
      List.of(
          QueueOptions.MAX_LENGTH,
          QueueOptions.MAX_LENGTH_BYTES,
          "x-max-in-memory-length",
          "x-max-in-memory-bytes",
          QueueOptions.CONSUMER_TIMEOUT,
          "x-consumer-disconnected-timeout");

  /** How many of a cluster's nodes keep it: at least one. */
  private static final List<String> SIZES =
      List.of("x-quorum-initial-group-size", "x-quorum-target-group-size");

  private static final List<String> NOT_SUPPORTED =
      List.of("x-delayed-retry-type", "x-delayed-retry-min", "x-delayed-retry-max");

  /** In what a queue that is declared again must agree, beside its type. */
  static final List<String> COMPARED = compared();

  private QueueArguments() {}

  private static List<String> compared() {
    var all =
        new ArrayList<>(
            List.of(
                QueueOptions.EXPIRES,
                QueueOptions.MESSAGE_TTL,
                QueueOptions.DEAD_LETTER_EXCHANGE,
                QueueOptions.DEAD_LETTER_ROUTING_KEY,
                QueueOptions.DEAD_LETTER_STRATEGY,
                QueueOptions.MAX_PRIORITY,
                QueueOptions.OVERFLOW,
                QueueOptions.SINGLE_ACTIVE_CONSUMER,
                QueueOptions.DELIVERY_LIMIT,
                MODE,
                VERSION,
                "x-queue-master-locator",
                LOCATOR,
                PLACEMENT_TAG));
    all.addAll(NOT_NEGATIVE);
    all.addAll(SIZES);
    all.addAll(NOT_SUPPORTED);
    all.addAll(StreamArguments.COMPARED);
    return all.stream().distinct().toList();
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
      new Check(arguments, what).all().checkProperties(declaration, what);
    }
  }

  /** Checks that a queue without a name may be given one. */
  static void checkMayBeNamed(Map<String, Object> arguments) {
    if (StreamArguments.areOfStream(arguments)) {
      throw QueueType.mayNotBeNamed("rabbit_stream_queue");
    }
    QueueType type = QueueType.of(type(arguments));
    if (type != null) { // else it is refused for that
      type.checkMayBeNamed();
    }
  }

  /** Returns which kind of queue is asked for, in which two declarations must agree. */
  static String type(Map<String, Object> arguments) {
    String type = ArgumentText.of(arguments.getOrDefault(TYPE, ""));
    return type.isEmpty() || type.equals("undefined") ? QueueType.CLASSIC.text() : type;
  }

  /** One check of one declaration. Immutable. */
  private record Check(Map<String, Object> arguments, String what) {

    QueueType all() {
      text(TYPE, "");
      String name = type(arguments);
      QueueType type = QueueType.of(name);
      if (type == null) {
        throw invalid(TYPE, "\"unsupported queue type '" + name + "'\"");
      }
      type.checkArguments(arguments, what);
      time(QueueOptions.EXPIRES, 1);
      time(QueueOptions.MESSAGE_TTL, 0);
      deadLetters();
      NOT_NEGATIVE.forEach(this::notNegative);
      priorities();
      oneOf(QueueOptions.OVERFLOW, OVERFLOWS, "invalid_overflow");
      version();
      singleActiveConsumer();
      SIZES.forEach(this::size);
      whole(QueueOptions.DELIVERY_LIMIT);
      oneOf(LOCATOR, LOCATORS, "invalid_queue_locator_arg");
      oneOf(MODE, MODES, "invalid_queue_mode");
      NOT_SUPPORTED.stream().filter(arguments::containsKey).forEach(this::notSupported);
      if (text(PLACEMENT_TAG, "none").isEmpty()) {
        throw invalid(PLACEMENT_TAG, "invalid_member_placement_tag_arg");
      }
      return type;
    }

    private void notSupported(String argument) {
      throw invalid(argument, "not supported");
    }

    private void time(String argument, long least) {
      long ms = notNegative(argument);
      if (ms < least && arguments.containsKey(argument)) {
        throw invalid(argument, "{value_zero," + ms + "}");
      } else if (ms > QueueSettings.LONGEST_MS) {
        throw invalid(argument, "{value_too_large," + ms + "}");
      }
    }

    private void size(String argument) {
      if (notNegative(argument) == 0 && arguments.containsKey(argument)) {
        throw invalid(argument, "{value_zero,0}");
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

    private void priorities() {
      long most = notNegative(QueueOptions.MAX_PRIORITY);
      if (most > MOST_PRIORITIES) {
        throw invalid(QueueOptions.MAX_PRIORITY, "{max_value_exceeded," + most + "}");
      }
    }

    private void version() {
      long version = notNegative(VERSION);
      if (arguments.containsKey(VERSION) && version != 1 && version != 2) {
        throw invalid(VERSION, "\"unsupported queue version '" + version + "'\"");
      }
    }

    private void singleActiveConsumer() {
      Object value = arguments.getOrDefault(QueueOptions.SINGLE_ACTIVE_CONSUMER, false);
      if (!(value instanceof Boolean)) {
        throw unacceptable(QueueOptions.SINGLE_ACTIVE_CONSUMER, value);
      }
    }

    private void deadLetters() {
      text(QueueOptions.DEAD_LETTER_EXCHANGE, "");
      text(QueueOptions.DEAD_LETTER_ROUTING_KEY, "");
      if (arguments.containsKey(QueueOptions.DEAD_LETTER_ROUTING_KEY)
          && !arguments.containsKey(QueueOptions.DEAD_LETTER_EXCHANGE)) {
        throw invalid(QueueOptions.DEAD_LETTER_ROUTING_KEY, "routing_key_but_no_dlx_defined");
      }
      oneOf(QueueOptions.DEAD_LETTER_STRATEGY, STRATEGIES, "invalid_dlx_strategy");
    }

    private void oneOf(String argument, List<String> values, String otherwise) {
      if (!values.contains(text(argument, values.get(0)))) {
        throw invalid(argument, otherwise);
      }
    }

    private String text(String argument, String otherwise) {
      Object value = arguments.getOrDefault(argument, otherwise);
      if (value instanceof String text) {
        return text;
      }
      throw unacceptable(argument, value);
    }

    private PreconditionFailedException unacceptable(String argument, Object value) {
      return invalid(argument, "{unacceptable_type," + ArgumentText.type(value) + "}");
    }

    private PreconditionFailedException invalid(String argument, String why) {
      return new PreconditionFailedException(
          "invalid arg '" + argument + "' for " + what + ": " + why);
    }
  }
}
