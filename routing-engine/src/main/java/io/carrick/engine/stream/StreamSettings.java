package io.carrick.engine.stream;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.StreamOptions;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How much a stream keeps and for how long. Immutable.
 *
 * @param maxAgeMs how old the last message of a segment may be, {@link #UNBOUNDED} without a bound
 * @param maxBytes how large the stream may be, {@link #UNBOUNDED} without a bound
 * @param segmentBytes from which size on a segment is full
 */
public record StreamSettings(long maxAgeMs, long maxBytes, long segmentBytes) {

  /** No bound. */
  static final long UNBOUNDED = Long.MAX_VALUE;

  /** The largest segment, as with RabbitMQ. */
  public static final long MOST_SEGMENT_BYTES = 3_000_000_000L;

  private static final long SEGMENT_BYTES = 500_000_000;

  /** So that a small stream is not twice as large as it may be before anything is dropped. */
  private static final int SEGMENTS = 8;

  private static final long SECOND_MS = 1_000;
  private static final long DAY_MS = 24 * 3_600 * SECOND_MS;

  /**
   * Reads arguments, which have been found right.
   *
   * @param limits say how small a segment may be: each is a file
   */
  public static StreamSettings of(Map<String, Object> arguments, Limits limits) {
    long least = limits.value(Limit.STREAM_SEGMENT_BYTES);
    long maxBytes = number(arguments, StreamOptions.MAX_LENGTH_BYTES, UNBOUNDED);
    long segment = Math.min(SEGMENT_BYTES, maxBytes / SEGMENTS);
    long maxAgeMs =
        arguments.get(StreamOptions.MAX_AGE) instanceof String age
            ? milliseconds(age).orElse(UNBOUNDED)
            : UNBOUNDED;
    return new StreamSettings(
        maxAgeMs,
        maxBytes,
        Math.max(least, number(arguments, StreamOptions.SEGMENT_BYTES, segment)));
  }

  private static long number(Map<String, Object> arguments, String argument, long otherwise) {
    return arguments.get(argument) instanceof Number n ? n.longValue() : otherwise;
  }

  /**
   * Reads a time as RabbitMQ writes it, a whole number above 0 and one of {@code Y M D h m s}, a
   * year being 365 days and a month 30.
   *
   * @return empty if it is written otherwise, or is longer than all time
   */
  public static OptionalLong milliseconds(String text) {
    int digits = text.length() - 1;
    if (digits < 1 || !text.chars().limit(digits).allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    long unit = unitMs(text.charAt(digits));
    try {
      long ms = Math.multiplyExact(Long.parseLong(text, 0, digits, 10), unit);
      return ms > 0 ? OptionalLong.of(ms) : OptionalLong.empty();
    } catch (NumberFormatException | ArithmeticException tooLong) {
      return OptionalLong.empty();
    }
  }

  private static long unitMs(char unit) {
    return switch (unit) {
      case 'Y' -> 365 * DAY_MS;
      case 'M' -> 30 * DAY_MS;
      case 'D' -> DAY_MS;
      case 'h' -> 3_600 * SECOND_MS;
      case 'm' -> 60 * SECOND_MS;
      case 's' -> SECOND_MS;
      default -> 0;
    };
  }
}
