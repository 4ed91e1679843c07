package io.carrick;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a message says about itself, in neutral words. Immutable.
 *
 * <p>Adapters implement it over the form in which the properties arrived and decode lazily, so that
 * a message which does not cross protocols is never converted. An adapter that meets a foreign
 * implementation reads it through this interface.
 */
public interface MessageProperties {

  /** A message that says nothing: not persistent, no property. */
  MessageProperties NONE = new MessageProperties() {};

  /** Returns whether the message is to survive a restart in a durable queue. */
  default boolean persistent() {
    return false;
  }

  /** Returns the guarantee that the publisher asked for (MAP-10, MAP-11). */
  default Guarantee guarantee() {
    return persistent() ? Guarantee.AT_LEAST_ONCE : Guarantee.AT_MOST_ONCE;
  }

  /** Returns whether the message is to be kept as the last value of its topic (MQTT RETAIN). */
  default boolean retain() {
    return false;
  }

  /** Returns the MIME type of the payload. */
  default Optional<String> contentType() {
    return Optional.empty();
  }

  /** Returns the MIME encoding of the payload. */
  default Optional<String> contentEncoding() {
    return Optional.empty();
  }

  /**
   * Returns the application's headers. Values are String, Boolean, Byte, Short, Integer, Long,
   * Float, Double, BigDecimal, Instant, byte[], List, Map, or {@link #VOID}.
   */
  default Map<String, Object> headers() {
    return Map.of();
  }

  /**
   * Returns the names and texts that the application has given the message, in its order, with
   * names that repeat. Of each name the first is among the {@linkplain #headers() headers} as well,
   * unless there is a header of that name or it starts like the broker's own about MQTT (MAP-24).
   */
  default List<UserProperty> userProperties() {
    return List.of();
  }

  /** Returns the priority, 0 to 255. */
  default OptionalInt priority() {
    return OptionalInt.empty();
  }

  /** Returns what joins an answer to its request; not to be modified. */
  default Optional<byte[]> correlationId() {
    return Optional.empty();
  }

  /** Returns the queue that an answer goes to. */
  default Optional<String> replyTo() {
    return Optional.empty();
  }

  /**
   * Returns the topic that an answer goes to, as MQTT writes it (MQTT's Response Topic); beside
   * {@link #replyTo()}, which names a queue (MAP-19).
   */
  default Optional<String> responseTopic() {
    return Optional.empty();
  }

  /**
   * Returns what the application says of the payload: 1 for text in UTF-8, 0 for bytes; empty if it
   * says nothing (MQTT's Payload Format Indicator, MAP-22). Nobody checks it.
   */
  default OptionalInt payloadFormat() {
    return OptionalInt.empty();
  }

  /** Returns the time to live, from its arrival, in milliseconds. */
  default OptionalLong expirationMs() {
    return OptionalLong.empty();
  }

  /** Returns the application's message id. */
  default Optional<String> messageId() {
    return Optional.empty();
  }

  /** Returns when the application says that it made the message. */
  default Optional<Instant> timestamp() {
    return Optional.empty();
  }

  /** Returns the application's message type. */
  default Optional<String> type() {
    return Optional.empty();
  }

  /** Returns the publishing user, as the publisher states it. */
  default Optional<String> userId() {
    return Optional.empty();
  }

  /** Returns the publishing application. */
  default Optional<String> appId() {
    return Optional.empty();
  }

  /**
   * Returns whether they say nothing but the guarantee, whether the message is persistent, and
   * whether it is to be kept. Who knows that of their own form says so without looking at each.
   */
  default boolean isPlain() {
    return headers().isEmpty()
        && userProperties().isEmpty()
        && contentType().isEmpty()
        && contentEncoding().isEmpty()
        && priority().isEmpty()
        && correlationId().isEmpty()
        && replyTo().isEmpty()
        && responseTopic().isEmpty()
        && payloadFormat().isEmpty()
        && expirationMs().isEmpty()
        && messageId().isEmpty()
        && timestamp().isEmpty()
        && type().isEmpty()
        && userId().isEmpty()
        && appId().isEmpty();
  }

  /**
   * Returns about how many bytes of memory these properties keep; always the same. By default
   * nothing worth counting.
   */
  default int memoryBytes() {
    return 0;
  }

  /** The header value that stands for nothing (AMQP's field type {@code V}). */
  Object VOID =
      new Object() {
        @Override
        public String toString() {
          return "void";
        }
      };
}
