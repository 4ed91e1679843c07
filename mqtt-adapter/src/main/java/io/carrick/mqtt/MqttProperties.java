package io.carrick.mqtt;

import io.carrick.Guarantee;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.UserProperty;
import io.carrick.crossing.SaidInTexts;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import io.carrick.spi.ReplyRights;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * All that a PUBLISH says about itself: QoS and RETAIN (MAP-10), and the properties of version 5 as
 * they arrived, but for what concerns its connection alone. Without properties six objects serve
 * every message. Immutable.
 */
final class MqttProperties implements MessageProperties {

  private static final MqttProperties[] PLAIN = {
    new MqttProperties(Guarantee.AT_MOST_ONCE, false, PacketProperties.NONE),
    new MqttProperties(Guarantee.AT_MOST_ONCE, true, PacketProperties.NONE),
    new MqttProperties(Guarantee.AT_LEAST_ONCE, false, PacketProperties.NONE),
    new MqttProperties(Guarantee.AT_LEAST_ONCE, true, PacketProperties.NONE),
    new MqttProperties(Guarantee.EXACTLY_ONCE, false, PacketProperties.NONE),
    new MqttProperties(Guarantee.EXACTLY_ONCE, true, PacketProperties.NONE),
  };

  /** Under it a message of another protocol keeps what it looks like here. */
  private static final Object IMAGE = new Object();

  private static final int OBJECT_BYTES = 32;
  private static final int NOT_THERE = -1;
  private static final long MS = 1_000;

  private final Guarantee guarantee;
  private final boolean retain;
  private final PacketProperties packet;

  /** Where the expiry interval stands in the packet's properties. */
  private final int expiryAt;

  /** How much less than the expiry interval the message has, which is in seconds. */
  private final short roundedMs;

  /** Null before somebody of another protocol asks. Any thread may set it to an equal one. */
  private volatile @Nullable SaidInTexts said;

  private MqttProperties(Guarantee guarantee, boolean retain, PacketProperties packet) {
    this(guarantee, retain, packet, 0);
  }

  private MqttProperties(
      Guarantee guarantee, boolean retain, PacketProperties packet, int roundedMs) {
    this.guarantee = guarantee;
    this.retain = retain;
    this.packet = packet;
    this.roundedMs = (short) roundedMs;
    this.expiryAt = packet.isEmpty() ? NOT_THERE : packet.find(Property.MESSAGE_EXPIRY_INTERVAL);
  }

  static MqttProperties of(int qos, boolean retain) {
    return PLAIN[qos * 2 + (retain ? 1 : 0)];
  }

  /**
   * Properties with those of version 5.
   *
   * @param packet without a topic alias and what else concerns a connection
   */
  static MqttProperties of(int qos, boolean retain, PacketProperties packet) {
    MqttProperties plain = of(qos, retain);
    return packet.isEmpty() ? plain : new MqttProperties(plain.guarantee, retain, packet);
  }

  /**
   * Properties whose expiry interval was rounded up to seconds.
   *
   * @param roundedMs by how much
   */
  static MqttProperties rounded(int qos, boolean retain, PacketProperties packet, int roundedMs) {
    return packet.isEmpty()
        ? of(qos, retain)
        : new MqttProperties(Guarantee.ofQos(qos), retain, packet, roundedMs);
  }

  /**
   * Returns how a message goes to clients of version 5, of whichever protocol it came by. Of their
   * own only what a queue has given up is not as it arrived: it says why.
   *
   * @param rights lets clients answer it
   */
  static MqttProperties of(Message message, Mapping mapping, ReplyRights rights) {
    if (message.origin() instanceof MqttProperties own && !message.isDeadLetter()) {
      return own;
    }
    if (message.image(IMAGE) instanceof MqttProperties made) {
      return made;
    }
    MqttProperties made = ForeignProperties.of(message, mapping, rights);
    message.keepImage(IMAGE, made);
    return made;
  }

  /** Returns the properties of version 5, as they stand in its PUBLISH. */
  PacketProperties packet() {
    return packet;
  }

  /** Returns whether there is an expiry interval. */
  boolean expires() {
    return expiryAt != NOT_THERE;
  }

  /** Returns where the expiry interval stands. */
  int expiryAt() {
    return expiryAt;
  }

  /**
   * Returns the expiry interval of a message that goes on now [MQTT-3.3.2-6], an unsigned number.
   *
   * @param waitedMs how long the broker has had it
   */
  int secondsLeft(long waitedMs) {
    long leftMs = expiryMs() - Math.max(0, waitedMs);
    return (int) Math.max(0, (leftMs + MS - 1) / MS); // MAP-23: rounded up
  }

  private long expiryMs() {
    return packet.number(Property.MESSAGE_EXPIRY_INTERVAL, 0) * MS - roundedMs;
  }

  @Override
  public Guarantee guarantee() {
    return guarantee;
  }

  @Override
  public boolean retain() {
    return retain;
  }

  @Override
  public boolean persistent() {
    return guarantee != Guarantee.AT_MOST_ONCE;
  }

  @Override
  public OptionalLong expirationMs() {
    return expiryAt == NOT_THERE ? OptionalLong.empty() : OptionalLong.of(expiryMs());
  }

  @Override
  public Optional<String> contentType() {
    return packet.text(Property.CONTENT_TYPE);
  }

  @Override
  public Optional<byte[]> correlationId() {
    return packet.binary(Property.CORRELATION_DATA);
  }

  @Override
  public Optional<String> responseTopic() {
    return packet.text(Property.RESPONSE_TOPIC).filter(topic -> ReplyTopic.read(topic).isEmpty());
  }

  @Override
  public Optional<String> replyTo() {
    return packet
        .text(Property.RESPONSE_TOPIC)
        .flatMap(ReplyTopic::read)
        .map(ReplyTopic::queue) // MAP-19
        .or(said()::replyTo);
  }

  @Override
  public OptionalInt payloadFormat() {
    long format = packet.number(Property.PAYLOAD_FORMAT_INDICATOR, NOT_THERE);
    return format == NOT_THERE ? OptionalInt.empty() : OptionalInt.of((int) format);
  }

  @Override
  public List<UserProperty> userProperties() {
    return packet.userProperties();
  }

  // ---- what the user properties say (MAP-24 to MAP-26)

  private SaidInTexts said() {
    if (packet.isEmpty()) {
      return SaidInTexts.NOTHING;
    }
    SaidInTexts read = said;
    if (read == null) {
      read = SaidInTexts.of(userProperties());
      said = read;
    }
    return read;
  }

  @Override
  public Map<String, Object> headers() {
    return said().headers();
  }

  // MAP-30
  @Override
  public OptionalInt priority() {
    return said().priority();
  }

  @Override
  public Optional<String> contentEncoding() {
    return said().contentEncoding();
  }

  @Override
  public Optional<String> messageId() {
    return said().messageId();
  }

  @Override
  public Optional<Instant> timestamp() {
    return said().timestamp();
  }

  @Override
  public Optional<String> type() {
    return said().type();
  }

  @Override
  public Optional<String> appId() {
    return said().appId();
  }

  @Override
  public boolean isPlain() {
    return packet.isEmpty();
  }

  @Override
  public int memoryBytes() {
    return packet.isEmpty() ? 0 : OBJECT_BYTES + packet.memoryBytes();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MqttProperties o
        && guarantee == o.guarantee
        && retain == o.retain
        && java.util.Arrays.equals(packet.bytes(), o.packet.bytes());
  }

  @Override
  public int hashCode() {
    return Objects.hash(guarantee, retain, packet.bytes().length);
  }

  @Override
  public String toString() {
    return "MqttProperties[" + guarantee + (retain ? ", retain, " : ", ") + packet + "]";
  }
}
