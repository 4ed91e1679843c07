package io.carrick.amqp;

import io.carrick.HeaderNames;
import io.carrick.StreamFilter;
import io.carrick.StreamOffset;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.Attachment;
import io.carrick.spi.StreamRead;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a basic.consume says about reading a stream, as RabbitMQ's clients write it. Stateless. */
final class StreamArguments {

  private static final String OFFSET = HeaderNames.STREAM_OFFSET;
  private static final String FILTER = "x-stream-filter";
  private static final String MATCH_UNFILTERED = "x-stream-match-unfiltered";

  private static final Pattern INTERVAL = Pattern.compile("([0-9]{1,18})([YMDhms])");
  private static final Map<String, Long> SECONDS =
      Map.of("Y", 365 * 86_400L, "M", 30 * 86_400L, "D", 86_400L, "h", 3_600L, "m", 60L, "s", 1L);

  private StreamArguments() {}

  /**
   * Reads the arguments.
   *
   * @return null if they say nothing about a stream
   * @throws AmqpException if they make no sense
   */
  static @Nullable StreamRead of(BasicMethod.Consume m, String queue, Attachment attachment) {
    Map<String, Object> arguments = m.arguments();
    Object offset = arguments.get(OFFSET);
    StreamFilter filter = filter(arguments);
    if (offset == null) {
      return filter == null ? null : new StreamRead(StreamOffset.next(), filter);
    }
    StreamOffset from = offset(offset, attachment.loop().wallTimeMs());
    if (from == null) {
      throw new AmqpException(
          ReplyCode.PRECONDITION_FAILED,
          "invalid arg '%s' for queue '%s' in vhost '%s': {invalid_stream_offset_arg,%s}"
              .formatted(OFFSET, queue, attachment.virtualHost(), shown(offset)),
          m.classId(),
          m.methodId());
    }
    return new StreamRead(from, filter);
  }

  private static @Nullable StreamOffset offset(Object value, long nowMs) {
    if (value instanceof Instant time) {
      return StreamOffset.since(time);
    } else if (value instanceof String text) {
      return named(text, nowMs);
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      long number = ((Number) value).longValue();
      return number < 0 ? null : StreamOffset.at(number);
    }
    return null;
  }

  private static @Nullable StreamOffset named(String text, long nowMs) {
    if (text.equals("first")) {
      return StreamOffset.first();
    } else if (text.equals("last")) {
      return StreamOffset.last();
    }
    return text.equals("next") ? StreamOffset.next() : interval(text, nowMs);
  }

  /** Reads how long ago it is that reading is to begin with. */
  private static @Nullable StreamOffset interval(String text, long nowMs) {
    Matcher parts = INTERVAL.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    long units = Long.parseLong(parts.group(1));
    if (units == 0) {
      return null;
    }
    long second = SECONDS.getOrDefault(parts.group(2), 1L);
    // Longer ago than the year 0 is as good as the beginning.
    long seconds = units > Integer.MAX_VALUE ? Integer.MAX_VALUE * second : units * second;
    return StreamOffset.since(
        Instant.ofEpochMilli(nowMs).minusSeconds(Math.min(seconds, 1L << 36)));
  }

  /** Shows a value as RabbitMQ would, if it is a text. */
  private static String shown(Object value) {
    return value instanceof String text ? "{longstr,<<\"" + text + "\">>}" : value.toString();
  }

  /** What is no text in the array is passed over, as with RabbitMQ. */
  private static @Nullable StreamFilter filter(Map<String, Object> arguments) {
    Object wanted = arguments.get(FILTER);
    Set<String> values = new LinkedHashSet<>();
    if (wanted instanceof String value) {
      values.add(value);
    } else if (wanted instanceof List<?> all) {
      for (Object each : all) {
        if (each instanceof String value) {
          values.add(value);
        }
      }
    } else {
      return null;
    }
    return new StreamFilter(values, Boolean.TRUE.equals(arguments.get(MATCH_UNFILTERED)));
  }
}
