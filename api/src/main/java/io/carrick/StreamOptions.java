package io.carrick;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much a stream keeps and for how long: a typed form of the arguments that RabbitMQ has for it.
 * A stream drops whole segments, the oldest first, and never the one that is written to. Immutable;
 * each method returns a copy, and throws {@link IllegalArgumentException} unless its number is
 * positive.
 */
public final class StreamOptions {

  /** How long messages stay, as a number and a unit: {@code Y}, {@code M}, {@code D}, h, m, s. */
  public static final String MAX_AGE = "x-max-age";

  /** How many bytes the stream may have. */
  public static final String MAX_LENGTH_BYTES = QueueOptions.MAX_LENGTH_BYTES;

  /** How many bytes one segment has. */
  public static final String SEGMENT_BYTES = "x-stream-max-segment-size-bytes";

  private static final StreamOptions NONE = new StreamOptions(Map.of());

  private final Map<String, Object> arguments;

  private StreamOptions(Map<String, Object> arguments) {
    this.arguments = arguments;
  }

  /** Returns the options of a stream that keeps everything. */
  public static StreamOptions none() {
    return NONE;
  }

  private StreamOptions with(String argument, long number, Object value) {
    if (number <= 0) {
      throw new IllegalArgumentException(argument + " is not positive: " + number);
    }
    var more = new LinkedHashMap<>(arguments);
    more.put(argument, value);
    return new StreamOptions(Map.copyOf(more));
  }

  /** Segments go whose messages have all been there for so long: full seconds count. */
  public StreamOptions maxAge(Duration time) {
    return with(MAX_AGE, time.toSeconds(), time.toSeconds() + "s");
  }

  /** No more than so many bytes stay when a segment is full, or that last one if it is larger. */
  public StreamOptions maxLengthBytes(long bytes) {
    return with(MAX_LENGTH_BYTES, bytes, bytes);
  }

  /** So many bytes make a segment. */
  public StreamOptions segmentBytes(long bytes) {
    return with(SEGMENT_BYTES, bytes, bytes);
  }

  /** Returns the arguments of a declaration with these options. */
  public Map<String, Object> arguments() {
    return arguments;
  }
}
