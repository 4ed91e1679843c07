package io.carrick.amqp.codec;

import io.carrick.Guarantee;
import io.carrick.HeaderNames;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Properties as they arrived by AMQP. Immutable: what goes out by AMQP is what came in, byte for
 * byte, and nothing is decoded before somebody asks.
 */
public final class AmqpProperties implements MessageProperties {

  /** The flag of a property that a publisher has to say the truth about. */
  public static final int USER_ID = 1 << 4;

  /** The flag of a property that must be a number. */
  public static final int EXPIRATION = 1 << 8;

  /** The flag of a property that may stand for an address of the broker's. */
  public static final int REPLY_TO = 1 << 9;

  /** A flag that is not on the wire: there are headers with further routing keys. */
  public static final int FURTHER_KEYS = 1 << 16;

  /** A flag that is not on the wire: there are headers that tell of MQTT. */
  static final int MQTT_HEADERS = 1 << 17;

  /** A flag that is not on the wire: a header says that the message is to be retained. */
  static final int RETAIN = 1 << 18;

  /**
   * A flag that is not on the wire: subscribers acknowledge the message though it is not persistent
   * (MAP-11).
   */
  private static final int ACKNOWLEDGED = 1 << 19;

  /** A flag that is not on the wire: a header asks for a receipt. */
  public static final int RECEIPT = 1 << 20;

  static final int CONTENT_TYPE = 1 << 15;
  static final int CONTENT_ENCODING = 1 << 14;
  static final int HEADERS = 1 << 13;
  static final int DELIVERY_MODE = 1 << 12;
  static final int PRIORITY = 1 << 11;
  static final int CORRELATION_ID = 1 << 10;
  static final int MESSAGE_ID = 1 << 7;
  static final int TIMESTAMP = 1 << 6;
  static final int TYPE = 1 << 5;
  static final int APP_ID = 1 << 3;
  static final int CLUSTER_ID = 1 << 2;

  /** Two bits have no property: more flags, and one that is not used. */
  private static final int NO_PROPERTY = 3;

  private static final int PERSISTENT = 2;

  /** The longest time to live that MQTT has. */
  private static final long MOST_SECONDS = 0xFFFF_FFFFL;

  /** Room for a death or two. */
  private static final int MORE_BYTES = 512;

  private final byte[] image;
  private final int flags;
  private final int tableDepth;
  private final int deliveryMode;
  private volatile @Nullable Decoded decoded;

  /** All properties at once. Immutable. */
  private record Decoded(
      @Nullable String[] texts,
      byte @Nullable [] correlationId,
      Map<String, Object> headers,
      int priority,
      long timestamp) {}

  private AmqpProperties(byte[] image, FieldReader in, int noted) {
    this.image = image;
    this.tableDepth = in.tableDepth();
    in.over(Unpooled.wrappedBuffer(image), 0, image.length);
    int wire = in.shortInt();
    if ((wire & NO_PROPERTY) != 0) {
      throw new AmqpException(ReplyCode.FRAME_ERROR, "unknown property flags");
    }
    int mode = 0;
    int found = wire | noted;
    for (int flag = CONTENT_TYPE; flag >= CLUSTER_ID; flag >>= 1) {
      if ((wire & flag) == 0) {
        continue;
      }
      if (flag == DELIVERY_MODE) {
        mode = in.octet();
      } else if (flag == HEADERS) {
        found |= FieldTable.skipHeaders(in);
      } else {
        skip(flag, in);
      }
    }
    this.deliveryMode = mode;
    this.flags = found;
    if (in.remaining() != 0) {
      throw new AmqpException(ReplyCode.FRAME_ERROR, "bytes behind the properties");
    }
  }

  /**
   * Takes properties as they arrived, and checks that they can be read.
   *
   * @param image flags and properties; kept, must not change
   * @param in its position is lost
   * @throws AmqpException 501 or 502 when they cannot be read
   */
  public static AmqpProperties of(byte[] image, FieldReader in) {
    return new AmqpProperties(image, in, 0);
  }

  /**
   * Takes properties as {@link #of(byte[], FieldReader)} does.
   *
   * @param transientQos the QoS if they say none and the message is not persistent: 0 or 1
   */
  public static AmqpProperties of(byte[] image, FieldReader in, int transientQos) {
    return new AmqpProperties(image, in, transientQos > 0 ? ACKNOWLEDGED : 0);
  }

  private static void skip(int flag, FieldReader in) {
    switch (flag) {
      case HEADERS -> FieldTable.skip(in);
      case DELIVERY_MODE, PRIORITY -> in.skip(1);
      case TIMESTAMP -> in.skip(8);
      default -> in.skip(in.octet());
    }
  }

  /** Returns flags and properties as they arrived; not to be modified. */
  public byte[] image() {
    return image;
  }

  /**
   * Returns these properties with more headers; what is there stays as it arrived, byte for byte.
   *
   * @param more hide headers of the same name
   * @param expires whether the property {@code expiration} stays as well
   */
  public byte[] imageWith(Map<String, Object> more, boolean expires) {
    return image(more, Set.of(), expires ? flags | HEADERS : (flags | HEADERS) & ~EXPIRATION, null);
  }

  /** Returns these properties without one of their headers; the rest stays, byte for byte. */
  public AmqpProperties withoutHeader(String name) {
    byte[] made = image(Map.of(), Set.of(name), flags, null);
    return new AmqpProperties(made, new FieldReader(tableDepth), flags & ACKNOWLEDGED);
  }

  /** Returns these properties with another place for replies; the rest stays, byte for byte. */
  public AmqpProperties withReplyTo(String address) {
    byte[] made = image(Map.of(), Set.of(), flags | REPLY_TO, address);
    return new AmqpProperties(made, new FieldReader(tableDepth), flags & ACKNOWLEDGED);
  }

  private byte[] image(
      Map<String, Object> more, Set<String> without, int written, @Nullable String replyTo) {
    var in = new FieldReader(tableDepth).over(Unpooled.wrappedBuffer(image), 2, image.length - 2);
    ByteBuf out = Unpooled.buffer(image.length + MORE_BYTES);
    out.writeShort(written);
    for (int flag = CONTENT_TYPE; flag >= CLUSTER_ID; flag >>= 1) {
      int from = in.position();
      boolean there = (flags & flag) != 0;
      if (flag == HEADERS && (written & flag) != 0) {
        FieldTable.writeMerged(new FieldWriter(out), there ? in : emptyTable(), without, more);
        continue;
      }
      if (there) {
        skip(flag, in);
      }
      if (flag == REPLY_TO && replyTo != null) {
        new FieldWriter(out).shortString(replyTo);
      } else if (there && (written & flag) != 0) {
        in.copy(from, out);
      }
    }
    return ByteBufUtil.getBytes(out);
  }

  private static FieldReader emptyTable() {
    return new FieldReader(1).over(Unpooled.wrappedBuffer(new byte[4]), 0, 4);
  }

  @Override
  public int memoryBytes() {
    return image.length;
  }

  /** Returns whether any property of a set of flags is there. */
  public boolean hasAny(int wanted) {
    return (flags & wanted) != 0;
  }

  private Decoded decoded() {
    Decoded made = decoded;
    if (made == null) {
      made = decode();
      decoded = made;
    }
    return made;
  }

  private Decoded decode() {
    var in = new FieldReader(tableDepth).over(Unpooled.wrappedBuffer(image), 2, image.length - 2);
    @Nullable String[] texts = new @Nullable String[16];
    byte[] correlation = null;
    Map<String, Object> headers = Map.of();
    int priority = 0;
    long timestamp = 0;
    for (int bit = 15; bit >= 2; bit--) {
      int flag = 1 << bit;
      if ((flags & flag) == 0) {
        continue;
      }
      switch (flag) {
        case HEADERS -> headers = FieldTable.read(in);
        case DELIVERY_MODE -> in.skip(1);
        case PRIORITY -> priority = in.octet();
        case TIMESTAMP -> timestamp = in.longLong();
        case CORRELATION_ID -> correlation = in.shortBytes();
        // Not everybody's short strings are UTF-8, and it is too late to refuse one.
        default -> texts[bit] = new String(in.shortBytes(), StandardCharsets.UTF_8);
      }
    }
    return new Decoded(texts, correlation, headers, priority, timestamp);
  }

  private Optional<String> text(int flag) {
    return (flags & flag) == 0
        ? Optional.empty()
        : Optional.ofNullable(decoded().texts[Integer.numberOfTrailingZeros(flag)]);
  }

  @Override
  public boolean persistent() {
    return deliveryMode == PERSISTENT;
  }

  // MAP-11
  @Override
  public Guarantee guarantee() {
    long qos = mqttNumber(HeaderNames.MQTT_QOS);
    if (qos >= 0 && qos <= 2) {
      return Guarantee.ofQos((int) qos);
    }
    return hasAny(ACKNOWLEDGED) ? Guarantee.AT_LEAST_ONCE : MessageProperties.super.guarantee();
  }

  /** Returns a whole number, or -1 for anything else. */
  private static long wholeNumber(@Nullable Object value) {
    boolean fraction =
        value instanceof Float || value instanceof Double || value instanceof BigDecimal;
    return value instanceof Number number && !fraction ? number.longValue() : -1;
  }

  // MAP-31
  @Override
  public boolean retain() {
    return hasAny(RETAIN);
  }

  // MAP-21
  @Override
  public Optional<String> contentType() {
    return text(CONTENT_TYPE).or(() -> mqttText(HeaderNames.MQTT_CONTENT_TYPE));
  }

  private Optional<String> mqttText(String header) {
    return hasAny(MQTT_HEADERS) && headers().get(header) instanceof String text
        ? Optional.of(text)
        : Optional.empty();
  }

  private long mqttNumber(String header) {
    return hasAny(MQTT_HEADERS) ? wholeNumber(headers().get(header)) : -1;
  }

  @Override
  public Optional<String> contentEncoding() {
    return text(CONTENT_ENCODING);
  }

  @Override
  public Map<String, Object> headers() {
    return (flags & HEADERS) == 0 ? Map.of() : decoded().headers;
  }

  // MAP-24
  @Override
  public List<UserProperty> userProperties() {
    Object stated = hasAny(MQTT_HEADERS) ? headers().get(HeaderNames.MQTT_USER_PROPERTIES) : null;
    if (!(stated instanceof List<?> pairs)) {
      return List.of();
    }
    var properties = new ArrayList<UserProperty>(pairs.size());
    for (Object pair : pairs) {
      if (pair instanceof List<?> two
          && two.size() == 2
          && two.get(0) instanceof String name
          && two.get(1) instanceof String value) {
        properties.add(new UserProperty(name, value));
      }
    }
    return properties;
  }

  @Override
  public OptionalInt priority() {
    return (flags & PRIORITY) == 0 ? OptionalInt.empty() : OptionalInt.of(decoded().priority);
  }

  // MAP-20
  @Override
  public Optional<byte[]> correlationId() {
    if ((flags & CORRELATION_ID) != 0) {
      return Optional.ofNullable(decoded().correlationId);
    }
    Object header = headers().get(HeaderNames.CORRELATION_ID);
    if (header instanceof String text) {
      return Optional.of(text.getBytes(StandardCharsets.UTF_8));
    }
    return header instanceof byte[] bytes ? Optional.of(bytes) : Optional.empty();
  }

  // MAP-19
  @Override
  public Optional<String> responseTopic() {
    return mqttText(HeaderNames.MQTT_RESPONSE_TOPIC)
        .or(
            () ->
                headers().get(HeaderNames.REPLY_TO_TOPIC) instanceof String key
                    ? Optional.of(RoutingKey.ofKey(key))
                        .filter(RoutingKey::hasTopic)
                        .map(RoutingKey::asTopic)
                    : Optional.empty());
  }

  // MAP-22
  @Override
  public OptionalInt payloadFormat() {
    long format = mqttNumber(HeaderNames.MQTT_PAYLOAD_FORMAT);
    return format == 0 || format == 1 ? OptionalInt.of((int) format) : OptionalInt.empty();
  }

  @Override
  public Optional<String> replyTo() {
    return text(REPLY_TO);
  }

  @Override
  public OptionalLong expirationMs() {
    if ((flags & (EXPIRATION | MQTT_HEADERS)) == MQTT_HEADERS) {
      long seconds = mqttNumber(HeaderNames.MQTT_MESSAGE_EXPIRY); // MAP-23
      boolean some = seconds >= 0 && seconds <= MOST_SECONDS;
      return some ? OptionalLong.of(seconds * 1_000) : OptionalLong.empty();
    }
    String text = (flags & EXPIRATION) == 0 ? "" : text(EXPIRATION).orElse("");
    try {
      return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException notANumber) {
      return OptionalLong.empty();
    }
  }

  /** Returns the property {@code expiration} as it was written, a number or not. */
  public String expirationText() {
    return text(EXPIRATION).orElse("");
  }

  @Override
  public Optional<String> messageId() {
    return text(MESSAGE_ID);
  }

  @Override
  public Optional<Instant> timestamp() {
    return (flags & TIMESTAMP) == 0
        ? Optional.empty()
        : Optional.of(FieldTable.instant(decoded().timestamp));
  }

  @Override
  public Optional<String> type() {
    return text(TYPE);
  }

  @Override
  public Optional<String> userId() {
    return text(USER_ID);
  }

  @Override
  public Optional<String> appId() {
    return text(APP_ID);
  }

  /** Returns the property that AMQP reserves, which some clients set all the same. */
  public Optional<String> clusterId() {
    return text(CLUSTER_ID);
  }
}
