package io.carrick.engine.topology;

import io.carrick.Overflow;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueOptions;
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
    if (!arguments.isEmpty()) {
      checked(new ArgumentCheck(arguments, what)).checkProperties(declaration, what);
    }
  }

  /** Checks that a queue without a name may be given one. */
  static void checkMayBeNamed(Map<String, Object> arguments) {
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

  private static QueueType checked(ArgumentCheck check) {
    check.text(TYPE, "");
    String name = type(check.arguments());
    QueueType type = QueueType.of(name);
    if (type == null) {
      throw check.invalid(TYPE, "\"unsupported queue type '" + name + "'\"");
    }
    type.checkArguments(check.arguments(), check.what());
    check.time(QueueOptions.EXPIRES, 1);
    check.time(QueueOptions.MESSAGE_TTL, 0);
    checkDeadLetters(check);
    NOT_NEGATIVE.forEach(check::notNegative);
    checkPriorities(check);
    check.oneOf(QueueOptions.OVERFLOW, OVERFLOWS, "invalid_overflow");
    checkVersion(check);
    checkSingleActiveConsumer(check);
    SIZES.forEach(check::size);
    check.whole(QueueOptions.DELIVERY_LIMIT);
    check.oneOf(LOCATOR, LOCATORS, "invalid_queue_locator_arg");
    check.oneOf(MODE, MODES, "invalid_queue_mode");
    for (String argument : NOT_SUPPORTED) {
      if (check.has(argument)) {
        throw check.invalid(argument, "not supported");
      }
    }
    if (check.text(PLACEMENT_TAG, "none").isEmpty()) {
      throw check.invalid(PLACEMENT_TAG, "invalid_member_placement_tag_arg");
    }
    if (type == QueueType.STREAM) {
      StreamArguments.check(check);
    }
    return type;
  }

  private static void checkPriorities(ArgumentCheck check) {
    long most = check.notNegative(QueueOptions.MAX_PRIORITY);
    if (most > MOST_PRIORITIES) {
      throw check.invalid(QueueOptions.MAX_PRIORITY, "{max_value_exceeded," + most + "}");
    }
  }

  private static void checkVersion(ArgumentCheck check) {
    long version = check.notNegative(VERSION);
    if (check.has(VERSION) && version != 1 && version != 2) {
      throw check.invalid(VERSION, "\"unsupported queue version '" + version + "'\"");
    }
  }

  private static void checkSingleActiveConsumer(ArgumentCheck check) {
    Object value = check.arguments().getOrDefault(QueueOptions.SINGLE_ACTIVE_CONSUMER, false);
    if (!(value instanceof Boolean)) {
      throw check.unacceptable(QueueOptions.SINGLE_ACTIVE_CONSUMER, value);
    }
  }

  private static void checkDeadLetters(ArgumentCheck check) {
    check.text(QueueOptions.DEAD_LETTER_EXCHANGE, "");
    check.text(QueueOptions.DEAD_LETTER_ROUTING_KEY, "");
    if (check.has(QueueOptions.DEAD_LETTER_ROUTING_KEY)
        && !check.has(QueueOptions.DEAD_LETTER_EXCHANGE)) {
      throw check.invalid(QueueOptions.DEAD_LETTER_ROUTING_KEY, "routing_key_but_no_dlx_defined");
    }
    check.oneOf(QueueOptions.DEAD_LETTER_STRATEGY, STRATEGIES, "invalid_dlx_strategy");
  }
}
