package io.carrick.engine.topology;

import io.carrick.PreconditionFailedException;
import io.carrick.StreamOptions;
import io.carrick.engine.stream.StreamSettings;
import java.util.List;
import java.util.Map;

/** The arguments that only streams have, with RabbitMQ's rules and in its words. Stateless. */
final class StreamArguments {

  private static final String FILTER_BYTES = "x-stream-filter-size-bytes";
  private static final String CLUSTER_SIZE = "x-initial-cluster-size";
  private static final int LEAST_FILTER_BYTES = 16;
  private static final int MOST_FILTER_BYTES = 255;

  /** In what a stream that is declared again must agree, beside what other queues compare. */
  static final List<String> COMPARED =
      List.of(StreamOptions.MAX_AGE, StreamOptions.SEGMENT_BYTES, FILTER_BYTES, CLUSTER_SIZE);

  private StreamArguments() {}

  /** Returns whether a stream is asked for. */
  static boolean areOfStream(Map<String, Object> arguments) {
    return QueueType.STREAM.text().equals(arguments.get(QueueArguments.TYPE));
  }

  /** Checks what a new stream says beside what other queues may say. */
  static void check(ArgumentCheck check) {
    String age = check.text(StreamOptions.MAX_AGE, "1s");
    if (StreamSettings.milliseconds(age).isEmpty()) {
      throw check.invalid(StreamOptions.MAX_AGE, "invalid_max_age");
    }
    check.size(CLUSTER_SIZE);
    if (check.notNegative(StreamOptions.SEGMENT_BYTES) > StreamSettings.MOST_SEGMENT_BYTES) {
      throw new PreconditionFailedException(
          "Exceeded max value for " + StreamOptions.SEGMENT_BYTES);
    }
    long filter = check.notNegative(FILTER_BYTES);
    if (check.has(FILTER_BYTES) && (filter < LEAST_FILTER_BYTES || filter > MOST_FILTER_BYTES)) {
      throw new PreconditionFailedException("Invalid value for  " + FILTER_BYTES);
    }
  }
}
