package io.carrick;

import io.carrick.PropertyValues.Scalars;
import io.carrick.PropertyValues.Text;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
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
  private static final int OBJECT_BYTES = 136;

  private final byte[] payload;

  /** As they arrived, or {@link AnnotatedProperties} around them. */
  private final MessageProperties properties;

  private final String exchange;
  private final RoutingKey routingKey;
  private final Identity publisher;
  private final long arrivedMs;

  /**
   * What adapters keep; null while that is nothing. Written by any thread without a lock: what it
   * points to is immutable, and an image that is lost is made again.
   */
  private @Nullable Image images;

  /** What an adapter has made of a message. Immutable. */
  private record Image(Object protocol, Object image, @Nullable Image next) {}

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
   * Returns this message with an address; payload and properties are shared. What the broker has
   * noted on it stays only as what can be read of it: published again, a message starts anew.
   *
   * @param toExchange where it is published to
   * @param withKey its address
   * @param by who publishes
   * @param nowMs when it arrives, wall time in milliseconds
   */
  public Message addressed(String toExchange, RoutingKey withKey, Identity by, long nowMs) {
    MessageProperties seen =
        properties instanceof AnnotatedProperties a ? PropertyValues.copyOf(a) : properties;
    return new Message(payload, seen, toExchange, withKey, by, nowMs);
  }

  /**
   * Returns this message at another address, for somebody who cannot spell the one that it has;
   * everything else is shared.
   *
   * @param key its address there
   */
  public Message shownAt(RoutingKey key) {
    return new Message(payload, properties, exchange, key, publisher, arrivedMs);
  }

  /**
   * Returns this message as one that arrives at another time, as from a transaction that is
   * committed; everything else is shared.
   *
   * @param nowMs wall time in milliseconds
   */
  public Message arriving(long nowMs) {
    return nowMs == arrivedMs
        ? this
        : new Message(payload, properties, exchange, routingKey, publisher, nowMs);
  }

  /**
   * Returns this message with what the broker has noted on it; everything else is shared.
   *
   * @param notes instead of those that it has
   */
  public Message annotated(Annotations notes) {
    return new Message(payload, withNotes(notes), exchange, routingKey, publisher, arrivedMs);
  }

  private MessageProperties withNotes(Annotations notes) {
    return notes.isEmpty() ? origin() : new AnnotatedProperties(origin(), notes);
  }

  /**
   * Returns this message as a queue gives it up to a dead letter exchange: that is noted, its time
   * to live is over with, and it arrives anew. Payload, publisher and the properties as they
   * arrived are shared.
   *
   * @param queue which gives it up; its delivery count was that queue's
   * @param reason why
   * @param toExchange where it goes
   * @param withKey its new address, or the object of the one that it has, with which the further
   *     ones stay as well
   * @param nowMs wall time in milliseconds
   */
  public Message deadLettered(
      String queue, Death.Reason reason, String toExchange, RoutingKey withKey, long nowMs) {
    Annotations notes =
        annotations()
            .withReceiptId(0)
            .withDeliveryCount(0)
            .withDeath(
                new Death.Event(queue, reason, exchange),
                keysForAll(),
                Instant.ofEpochMilli(nowMs),
                properties.expirationMs());
    if (withKey != routingKey && !notes.furtherKeys().isEmpty()) {
      notes = notes.withFurtherKeys(List.of(), 0);
    }
    return new Message(payload, withNotes(notes), toExchange, withKey, publisher, nowMs);
  }

  /** Returns the keys that everybody may know of. */
  private List<String> keysForAll() {
    List<RoutingKey> further = annotations().furtherKeys();
    if (further.isEmpty()) {
      return List.of(routingKey.asKey());
    }
    var keys = new ArrayList<String>();
    keys.add(routingKey.asKey());
    int open = further.size() - annotations().hiddenKeys();
    further.subList(0, open).forEach(key -> keys.add(key.asKey()));
    return keys;
  }

  /**
   * Returns this message as an exchange lets it go that had it wait: that is noted, and it arrives
   * anew. All else is shared.
   *
   * @param waitedMs for how many milliseconds it was to wait
   * @param nowMs wall time in milliseconds
   */
  public Message released(long waitedMs, long nowMs) {
    MessageProperties noted = withNotes(annotations().withWaited(waitedMs));
    return new Message(payload, noted, exchange, routingKey, publisher, nowMs);
  }

  /**
   * Returns this message, which is the last value of its topic, as it comes to a queue whose
   * binding has asked for those: that is noted, and it arrives anew, its time to live as far used
   * up as it was. All else is shared.
   *
   * @param nowMs wall time in milliseconds
   */
  public Message asLastValue(long nowMs) {
    MessageProperties noted = withNotes(annotations().withKept(nowMs - arrivedMs));
    return new Message(payload, noted, exchange, routingKey, publisher, nowMs);
  }

  /** Returns the payload itself, not a copy; not to be modified. */
  public byte[] payload() {
    return payload;
  }

  /** Returns the payload read as UTF-8. */
  public String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  /**
   * Returns what the message says about itself, with what the broker has noted on it as headers.
   */
  public MessageProperties properties() {
    return properties;
  }

  /** Returns the properties in the form in which they arrived, without the broker's notes. */
  public MessageProperties origin() {
    return properties instanceof AnnotatedProperties a ? a.origin() : properties;
  }

  /** Returns what the broker has noted on it; {@link Annotations#NONE} on most. */
  public Annotations annotations() {
    return properties instanceof AnnotatedProperties a ? a.annotations() : Annotations.NONE;
  }

  /** Returns whether {@linkplain Annotations#isFollowed() somebody follows} it on its way. */
  public boolean isFollowed() {
    return properties instanceof AnnotatedProperties a && a.annotations().isFollowed();
  }

  /** Returns whether a queue has given it up. */
  public boolean isDeadLetter() {
    return properties instanceof AnnotatedProperties a && !a.annotations().deaths().isEmpty();
  }

  /** Returns whether its publisher {@linkplain Annotations#receipt() asks for a receipt}. */
  public boolean asksForReceipt() {
    return properties instanceof AnnotatedProperties a && a.annotations().receipt().isPresent();
  }

  /**
   * Returns this message without a receipt, which counts its copies in queues alone: a last value,
   * or a dead letter.
   */
  public Message withoutReceipt() {
    Annotations notes = annotations();
    return notes.receiptId() == 0 ? this : annotated(notes.withReceiptId(0));
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
   * Returns what an adapter has {@linkplain #keepImage kept} of the message for its protocol; null
   * if there is nothing. Any thread may ask.
   *
   * @param protocol the object under which it was kept
   */
  public @Nullable Object image(Object protocol) {
    for (Image kept = images; kept != null; kept = kept.next) {
      if (kept.protocol == protocol) {
        return kept.image;
      }
    }
    return null;
  }

  /**
   * Keeps what a message that crosses protocols looks like in an adapter's, so that the next of
   * many consumers finds it made. Any thread may; of two at a time one may be lost, and of one
   * protocol either is good.
   *
   * @param protocol the adapter's, compared by identity
   * @param image must not change
   */
  public void keepImage(Object protocol, Object image) {
    Image before = images;
    images = new Image(protocol, image, before);
  }

  /**
   * Returns about how many bytes of memory it keeps, all that hangs on it included, an {@linkplain
   * #image image} as well; always the same.
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
    private Optional<byte[]> correlationId = Optional.empty();
    private List<UserProperty> userProperties = List.of();
    private OptionalInt payloadFormat = OptionalInt.empty();
    private @Nullable Guarantee guarantee;
    private @Nullable Receipt receipt;

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
     * Adds a name and a text to the {@linkplain MessageProperties#userProperties() user
     * properties}, behind those that there are.
     */
    public Builder userProperty(String name, String value) {
      if (userProperties.isEmpty()) {
        userProperties = new ArrayList<>();
      }
      userProperties.add(new UserProperty(name, value));
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
      return correlationId(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Sets what joins an answer to its request; kept, must not change. */
    public Builder correlationId(byte[] value) {
      correlationId = Optional.of(value);
      return this;
    }

    /** Sets the queue that an answer goes to. */
    public Builder replyTo(String value) {
      return text(Text.REPLY_TO, value);
    }

    /** Sets the topic that an answer goes to, as MQTT writes it. */
    public Builder responseTopic(String value) {
      return text(Text.RESPONSE_TOPIC, value);
    }

    /**
     * Says what the payload is: 1 for text in UTF-8, 0 for bytes.
     *
     * @throws IllegalArgumentException unless 0 or 1
     */
    public Builder payloadFormat(int value) {
      if (value != 0 && value != 1) {
        throw new IllegalArgumentException("a payload format is 0 or 1: " + value);
      }
      payloadFormat = OptionalInt.of(value);
      return this;
    }

    /**
     * Asks to be told who has received the message: by {@link Publisher#publishForReceipt}, or with
     * an answer to the {@linkplain #responseTopic topic} or {@linkplain #replyTo queue} for one.
     */
    public Builder receipt(Receipt value) {
      receipt = value;
      return header(HeaderNames.RECEIPT, value.toString());
    }

    /** Sets the application's message id. */
    public Builder messageId(String value) {
      return text(Text.MESSAGE_ID, value);
    }

    /** Sets the application's message type. */
    public Builder type(String value) {
      return text(Text.TYPE, value);
    }

    /** Sets the publishing user, which the broker does not check. */
    public Builder userId(String value) {
      return text(Text.USER_ID, value);
    }

    /** Sets the publishing application. */
    public Builder appId(String value) {
      return text(Text.APP_ID, value);
    }

    private Builder text(Text which, String value) {
      texts.put(which, value);
      return this;
    }

    // MAP-24
    private Map<String, Object> allHeaders() {
      if (headers.isEmpty() && userProperties.isEmpty()) {
        return Map.of();
      }
      var all = new LinkedHashMap<>(headers);
      for (UserProperty property : userProperties) {
        if (!property.name().startsWith(HeaderNames.MQTT_PREFIX)) {
          all.putIfAbsent(property.name(), property.value());
        }
      }
      return Collections.unmodifiableMap(all);
    }

    /** Makes the message. */
    public Message build() {
      var properties =
          new PropertyValues(
              new Scalars(persistent, retain, guarantee, priority, expirationMs, timestamp),
              Map.copyOf(texts),
              correlationId,
              allHeaders(),
              List.copyOf(userProperties),
              payloadFormat);
      var made = new Message(payload, properties, "", RoutingKey.EMPTY, Identity.ANONYMOUS, 0);
      return receipt == null ? made : made.annotated(Annotations.NONE.withReceipt(receipt));
    }
  }
}
