package io.carrick.engine.topology;

import io.carrick.PreconditionFailedException;
import io.carrick.QueueOptions;
import io.carrick.spi.QueueDeclaration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The types of queues, and what RabbitMQ does not let them have. A limit of deliveries, a strategy
 * for dead letters and a time for consumers are for every queue here but streams.
 */
enum QueueType {
  /** The one without a type. */
  CLASSIC(
      "classic",
      List.of(
          "x-max-in-memory-length",
          "x-max-in-memory-bytes",
          "x-quorum-initial-group-size",
          "x-quorum-target-group-size",
          "x-member-placement-tag",
          "x-consumer-disconnected-timeout",
          "x-delayed-retry-type",
          "x-delayed-retry-min",
          "x-delayed-retry-max",
          "x-max-age",
          "x-stream-max-segment-size-bytes",
          "x-stream-filter-size-bytes",
          "x-initial-cluster-size")),
  /** Which RabbitMQ replicates: durable, and of nobody's own. */
  QUORUM(
      "quorum",
      List.of(
          QueueOptions.MAX_PRIORITY,
          "x-queue-mode",
          "x-queue-version",
          "x-queue-master-locator",
          "x-max-age",
          "x-stream-max-segment-size-bytes",
          "x-stream-filter-size-bytes",
          "x-initial-cluster-size")),
  /** The one that keeps what is consumed. */
  STREAM(
      "stream",
      List.of(
          QueueOptions.EXPIRES,
          QueueOptions.MESSAGE_TTL,
          QueueOptions.MAX_LENGTH,
          QueueOptions.OVERFLOW,
          QueueOptions.DEAD_LETTER_EXCHANGE,
          QueueOptions.DEAD_LETTER_ROUTING_KEY,
          QueueOptions.DEAD_LETTER_STRATEGY,
          QueueOptions.DELIVERY_LIMIT,
          QueueOptions.MAX_PRIORITY,
          QueueOptions.CONSUMER_TIMEOUT,
          QueueOptions.SINGLE_ACTIVE_CONSUMER,
          "x-max-in-memory-length",
          "x-max-in-memory-bytes",
          "x-queue-mode",
          "x-queue-version",
          "x-queue-master-locator",
          "x-quorum-initial-group-size"));

  private final String text;

  /** Arguments that only other types have. */
  @SuppressWarnings("ImmutableEnumChecker") // a list that does not change
  private final List<String> ofOthers;

  QueueType(String text, List<String> ofOthers) {
    this.text = text;
    this.ofOthers = ofOthers;
  }

  /** Returns the type of a name; null if there is none. */
  static @Nullable QueueType of(String text) {
    for (QueueType type : values()) {
      if (type.text.equals(text)) {
        return type;
      }
    }
    return null;
  }

  /** Returns the value of the argument. */
  String text() {
    return text;
  }

  /** Returns RabbitMQ's name for what implements it, which its refusals show. */
  private String module() {
    return "rabbit_" + text + "_queue";
  }

  /** Checks that a queue has no argument that only other types have. */
  void checkArguments(Map<String, Object> arguments, String what) {
    for (String argument : ofOthers) {
      if (arguments.containsKey(argument)) {
        throw new PreconditionFailedException(
            "invalid arg '" + argument + "' for " + what + " of queue type " + module());
      }
    }
  }

  /** Checks how long the queue is to live, and whose it is to be. */
  void checkProperties(QueueDeclaration declaration, String what) {
    if (this != CLASSIC) {
      checkNot(declaration.autoDelete(), "auto-delete", what);
      checkNot(declaration.exclusive(), "exclusive-owner", what);
      checkNot(!declaration.durable(), "non-durable", what);
    }
  }

  private static void checkNot(boolean wrong, String property, String what) {
    if (wrong) {
      throw new PreconditionFailedException("invalid property '" + property + "' for " + what);
    }
  }

  /** Checks that a queue without a name may be given one. */
  void checkMayBeNamed() {
    if (this != CLASSIC) {
      throw new PreconditionFailedException(
          "Cannot declare a server-named queue for type " + module());
    }
  }
}
