package io.carrick.engine.topology;

import io.carrick.PreconditionFailedException;
import io.carrick.QueueOptions;
import io.carrick.StreamOptions;
import io.carrick.engine.stream.StreamSettings;
import io.carrick.spi.QueueDeclaration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The arguments of streams, with RabbitMQ's rules and in its words. Stateless. */
final class StreamArguments {

  private static final String STREAM = "stream";
  private static final String FILTER_BYTES = "x-stream-filter-size-bytes";
  private static final String CLUSTER_SIZE = "x-initial-cluster-size";
  private static final String LEADER_LOCATOR = "x-queue-leader-locator";
  private static final Set<String> LOCATORS = Set.of("client-local", "balanced");
  private static final int LEAST_FILTER_BYTES = 16;
  private static final int MOST_FILTER_BYTES = 255;

  /** What RabbitMQ's other queues have, and streams have not. */
  private static final List<String> NO_STREAMS =
      List.of(
          QueueOptions.EXPIRES,
          QueueOptions.MESSAGE_TTL,
          QueueOptions.MAX_LENGTH,
          QueueOptions.OVERFLOW,
          QueueOptions.DEAD_LETTER_EXCHANGE,
          QueueOptions.DEAD_LETTER_ROUTING_KEY,
          QueueOptions.DELIVERY_LIMIT,
          "x-dead-letter-strategy",
          "x-max-in-memory-length",
          "x-max-in-memory-bytes",
          "x-max-priority",
          "x-queue-mode",
          "x-queue-version",
          "x-queue-master-locator",
          "x-quorum-initial-group-size",
          "x-consumer-timeout",
          "x-single-active-consumer");

  /** In what a stream that is declared again must agree, beside what other queues compare. */
  static final List<String> COMPARED =
      List.of(
          StreamOptions.MAX_AGE,
          StreamOptions.SEGMENT_BYTES,
          FILTER_BYTES,
          CLUSTER_SIZE,
          LEADER_LOCATOR);

  private StreamArguments() {}

  /** Returns whether a stream is asked for. */
  static boolean areOfStream(Map<String, Object> arguments) {
    return STREAM.equals(arguments.get(QueueArguments.TYPE));
  }

  private static PreconditionFailedException ofAnotherType(
      String argument, String what, String type) {
    return new PreconditionFailedException(
        "invalid arg '" + argument + "' for " + what + " of queue type " + type);
  }

  /**
   * Checks a new stream.
   *
   * @param what the queue as people are told of it
   */
  static void check(QueueDeclaration declaration, String what) {
    var check = new Check(declaration.arguments(), what);
    check.values();
    for (String argument : NO_STREAMS) {
      if (declaration.arguments().containsKey(argument)) {
        throw ofAnotherType(argument, what, "rabbit_stream_queue");
      }
    }
    check.property("auto-delete", declaration.autoDelete());
    check.property("exclusive-owner", declaration.exclusive());
    check.property("non-durable", !declaration.durable());
    check.ranges();
  }

  /** One check of one declaration. Immutable. */
  private record Check(Map<String, Object> arguments, String what) {

    void values() {
      whole(QueueOptions.MAX_LENGTH_BYTES);
      maxAge();
      whole(StreamOptions.SEGMENT_BYTES);
      whole(FILTER_BYTES);
      if (arguments.containsKey(CLUSTER_SIZE) && whole(CLUSTER_SIZE) == 0) {
        throw invalid(CLUSTER_SIZE, "{value_zero,0}");
      }
      Object locator = arguments.getOrDefault(LEADER_LOCATOR, "balanced");
      if (!(locator instanceof String)) {
        throw invalid(LEADER_LOCATOR, unacceptable(locator));
      } else if (!LOCATORS.contains(locator)) {
        throw invalid(LEADER_LOCATOR, "invalid_queue_locator_arg");
      }
    }

    private void maxAge() {
      Object age = arguments.getOrDefault(StreamOptions.MAX_AGE, "1s");
      if (!(age instanceof String text)) {
        throw invalid(StreamOptions.MAX_AGE, unacceptable(age));
      } else if (StreamSettings.milliseconds(text).isEmpty()) {
        throw invalid(StreamOptions.MAX_AGE, "invalid_max_age");
      }
    }

    private static String unacceptable(Object value) {
      return "{unacceptable_type," + ArgumentText.type(value) + "}";
    }

    /** Returns a whole number that is not negative, 0 if there is none. */
    private long whole(String argument) {
      Object value = arguments.getOrDefault(argument, 0);
      if (!ArgumentText.isWhole(value)) {
        throw invalid(argument, "\"expected integer, got " + ArgumentText.type(value) + "\"");
      }
      long number = ((Number) value).longValue();
      if (number < 0) {
        throw invalid(argument, "{value_negative," + number + "}");
      }
      return number;
    }

    void ranges() {
      if (whole(StreamOptions.SEGMENT_BYTES) > StreamSettings.MOST_SEGMENT_BYTES) {
        throw new PreconditionFailedException(
            "Exceeded max value for " + StreamOptions.SEGMENT_BYTES);
      }
      long filter = whole(FILTER_BYTES);
      if (arguments.containsKey(FILTER_BYTES)
          && (filter < LEAST_FILTER_BYTES || filter > MOST_FILTER_BYTES)) {
        throw new PreconditionFailedException("Invalid value for  " + FILTER_BYTES);
      }
    }

    void property(String name, boolean wrong) {
      if (wrong) {
        throw new PreconditionFailedException("invalid property '" + name + "' for " + what);
      }
    }

    private PreconditionFailedException invalid(String argument, String why) {
      return new PreconditionFailedException(
          "invalid arg '" + argument + "' for " + what + ": " + why);
    }
  }
}
