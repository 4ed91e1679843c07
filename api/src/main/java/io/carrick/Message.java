package io.carrick;

import io.carrick.PropertyValues.Text;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A payload with its properties and, once published, its address. Immutable; one object serves
 * every queue and consumer.
 */
public final class Message {

  /** A message, the heads of two arrays, and a routing key. */
  private static final int OBJECT_BYTES = 128;

  private final byte[] payload;
  private final MessageProperties properties;
  private final String exchange;
  private final RoutingKey routingKey;
  private final Identity publisher;
  private final long arrivedMs;

  private Message(
      byte[] payload,
      MessageProperties properties,
      String exchange,
      RoutingKey routingKey,
      Identity publisher,
      long arrivedMs) {
    this.payload = payload;
    this.properties = properties;
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.publisher = publisher;
    this.arrivedMs = arrivedMs;
  }

  /** A message with a text in UTF-8 and no properties. */
  public static Message of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A message with that payload, which is kept and must not change, and no properties. */
  public static Message of(byte[] payload) {
    return new Message(
        payload, MessageProperties.NONE, "", RoutingKey.EMPTY, Identity.ANONYMOUS, 0);
  }

  /** Starts a message with a text in UTF-8. */
  public static Builder builder(String text) {
    return new Builder(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Starts a message with that payload, which is kept and must not change. */
  public static Builder builder(byte[] payload) {
    return new Builder(payload);
  }

  /**
   * A message as an adapter publishes it.
   *
   * @param exchange where it is published to
   * @param routingKey its address, in the form in which it arrived
   * @param properties in the form in which they arrived
   * @param payload kept: must not change
   * @param publisher who publishes
   * @param arrivedMs when it arrived, the loop's wall time
   */
  public static Message published(
      String exchange,
      RoutingKey routingKey,
      MessageProperties properties,
      byte[] payload,
      Identity publisher,
      long arrivedMs) {
    return new Message(payload, properties, exchange, routingKey, publisher, arrivedMs);
  }

  /**
   * Returns this message with an address; payload and properties are shared.
   *
   * @param toExchange where it is published to
   * @param withKey its address
   * @param by who publishes
   * @param nowMs when it arrives, wall time in milliseconds
   */
  public Message addressed(String toExchange, RoutingKey withKey, Identity by, long nowMs) {
    return new Message(payload, properties, toExchange, withKey, by, nowMs);
  }

  /** Returns the payload itself, not a copy; not to be modified. */
  public byte[] payload() {
    return payload;
  }

  /** Returns the payload read as UTF-8. */
  public String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  /** Returns what the message says about itself. */
  public MessageProperties properties() {
    return properties;
  }

  /** Returns the exchange it was published to; empty for the default exchange or before. */
  public String exchange() {
    return exchange;
  }

  /** Returns its address; {@link RoutingKey#EMPTY} before it is published. */
  public RoutingKey routingKey() {
    return routingKey;
  }

  /** Returns who published it; {@link Identity#ANONYMOUS} before it is published. */
  public Identity publisher() {
    return publisher;
  }

  /**
   * Returns when the broker took it, wall time in milliseconds, from which its time to live counts;
   * 0 before.
   */
  public long arrivedMs() {
    return arrivedMs;
  }

  /**
   * Returns about how many bytes of memory it keeps, all that hangs on it included; always the
   * same.
   */
  public int memoryBytes() {
    long sum =
        (long) OBJECT_BYTES + payload.length + routingKey.memoryBytes() + properties.memoryBytes();
    return (int) Math.min(Integer.MAX_VALUE, sum);
  }

  /** Returns address and size, never the payload. */
  @Override
  public String toString() {
    return "Message[" + exchange + " " + routingKey + ", " + payload.length + " bytes]";
  }

  /** The description of a message, ending in {@link #build()}. Confined to the calling thread. */
  public static final class Builder {

    private final byte[] payload;
    private final Map<String, Object> headers = new LinkedHashMap<>();
    private final Map<Text, String> texts = new EnumMap<>(Text.class);
    private boolean persistent;
    private boolean retain;
    private OptionalInt priority = OptionalInt.empty();
    private OptionalLong expirationMs = OptionalLong.empty();
    private Optional<Instant> timestamp = Optional.empty();
    private @Nullable Guarantee guarantee;

    private Builder(byte[] payload) {
      this.payload = payload;
    }

    /** Lets the message survive a restart in a durable queue. */
    public Builder persistent() {
      persistent = true;
      return this;
    }

    /** Keeps the message as the last value of its topic. */
    public Builder retain() {
      retain = true;
      return this;
    }

    /** States the guarantee for MQTT subscribers (default: by {@link #persistent()}). */
    public Builder guarantee(Guarantee value) {
      guarantee = value;
      return this;
    }

    /** Sets a header, of a type named in {@link MessageProperties#headers()}. */
    public Builder header(String name, Object value) {
      headers.put(name, value);
      return this;
    }

    /**
     * Sets the priority.
     *
     * @throws IllegalArgumentException unless 0 to 255
     */
    public Builder priority(int value) {
      if (value < 0 || value > 255) {
        throw new IllegalArgumentException("priority is 0 to 255: " + value);
      }
      priority = OptionalInt.of(value);
      return this;
    }

    /** Sets the time to live, counted from arrival, to the millisecond. */
    public Builder expiration(Duration value) {
      expirationMs = OptionalLong.of(value.toMillis());
      return this;
    }

    /** Sets when the message was made. */
    public Builder timestamp(Instant value) {
      timestamp = Optional.of(value);
      return this;
    }

    /** Sets the MIME type of the payload. */
    public Builder contentType(String value) {
      return text(Text.CONTENT_TYPE, value);
    }

    /** Sets the MIME encoding of the payload. */
    public Builder contentEncoding(String value) {
      return text(Text.CONTENT_ENCODING, value);
    }

    /** Sets what joins an answer to its request. */
    public Builder correlationId(String value) {
      return text(Text.CORRELATION_ID, value);
    }

    /** Sets the queue that an answer goes to. */
    public Builder replyTo(String value) {
      return text(Text.REPLY_TO, value);
    }

    /** Sets the application's message id. */
    public Builder messageId(String value) {
      return text(Text.MESSAGE_ID, value);
    }

    /** Sets the application's message type. */
    public Builder type(String value) {
      return text(Text.TYPE, value);
    }

    /** Sets the publishing application. */
    public Builder appId(String value) {
      return text(Text.APP_ID, value);
    }

    private Builder text(Text which, String value) {
      texts.put(which, value);
      return this;
    }

    /** Makes the message. */
    public Message build() {
      var properties =
          new PropertyValues(
              persistent,
              retain,
              java.util.Collections.unmodifiableMap(new LinkedHashMap<>(headers)),
              priority,
              expirationMs,
              Map.copyOf(texts),
              timestamp,
              guarantee);
      return new Message(payload, properties, "", RoutingKey.EMPTY, Identity.ANONYMOUS, 0);
    }
  }
}
