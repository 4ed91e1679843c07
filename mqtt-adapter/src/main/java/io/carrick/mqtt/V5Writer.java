package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.crossing.PropertyTexts;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Property;
import io.carrick.mqtt.codec.PublishHeader;
import io.carrick.mqtt.codec.ReasonCode;
import io.carrick.transport.OutputBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Version 5: every answer has a reason, and nothing is longer than the client takes. Confined to
 * the connection's loop.
 */
final class V5Writer implements PacketWriter {

  /** Bytes between the remaining length of a packet and its properties. */
  private static final int CONNACK_FIELDS = 2;

  private static final int ACK_FIELDS = 3;
  private static final int REASON_FIELDS = 1;
  private static final int CODES_FIELDS = 2;

  /** A text that is longer would be of no use to anybody. */
  private static final int LONGEST_TEXT = 1_024;

  private final MqttConnection owner;
  private final ConnectOptions client;

  /** A payload below this leaves so much room that no properties fill it. */
  private static final int ALWAYS_FITS = 1 << 27;

  /** How many topic aliases there may be. */
  private final int mostAliases;

  /** Null before the first PUBLISH, and if the client takes none. */
  private @Nullable OutboundAliases aliases;

  /** Null before the first PUBLISH. */
  private @Nullable PublishHeader header;

  V5Writer(MqttConnection owner, ConnectOptions client) {
    this.owner = owner;
    this.client = client;
    this.mostAliases = Math.min(client.topicAliasMaximum(), owner.server.topicAliases);
  }

  private OutputBuffer output() {
    return owner.connection.output();
  }

  @Override
  public void connAck(boolean sessionPresent, PacketProperties properties) {
    writeConnAck(sessionPresent, ReasonCode.SUCCESS, properties);
  }

  @Override
  public void refuse(int reasonCode, PacketProperties properties) {
    writeConnAck(false, reasonCode, properties); // [MQTT-3.2.2-6]
  }

  private void writeConnAck(boolean sessionPresent, int reasonCode, PacketProperties properties) {
    PacketProperties fitting = fitting(CONNACK_FIELDS, properties); // [MQTT-3.2.2-19]
    int bytes = MqttEncoder.packetBytes(CONNACK_FIELDS, fitting);
    if (bytes <= client.maximumPacketSize()) { // else the end has to do [MQTT-3.1.2-24]
      MqttEncoder.connAck(output().reserve(bytes), sessionPresent, reasonCode, fitting);
    }
  }

  @Override
  public void ack(PacketType type, int packetId, int reasonCode, String why) {
    if (reasonCode == ReasonCode.SUCCESS) { // MQTT 5 §3.4.2.1
      MqttEncoder.ack(output().reserve(MqttEncoder.ACK_BYTES), type, packetId);
      return;
    }
    String told = reasonCode == ReasonCode.UNSPECIFIED ? "" : why; // who says that reveals nothing
    PacketProperties reason = fitting(ACK_FIELDS, problem(told)); // [MQTT-3.4.2-2]
    MqttEncoder.ack(
        output().reserve(MqttEncoder.packetBytes(ACK_FIELDS, reason)),
        type,
        packetId,
        reasonCode,
        reason);
  }

  /** What a client hears that wants to [MQTT-3.1.2-29]. */
  private PacketProperties problem(String why) {
    return client.problemInformation() ? reason(why) : PacketProperties.NONE;
  }

  /** Returns a text as the only property; none if it is empty, very long or none of MQTT. */
  static PacketProperties reason(String why) {
    return why.isEmpty() || why.length() > LONGEST_TEXT || !PropertyTexts.isReadable(why)
        ? PacketProperties.NONE
        : PacketProperties.builder().text(Property.REASON_STRING, why).build();
  }

  /** Leaves out what is for people only, and where else to go, if the packet were too long. */
  private PacketProperties fitting(int fields, PacketProperties properties) {
    return MqttEncoder.packetBytes(fields, properties) <= client.maximumPacketSize()
        ? properties
        : properties.without(Property.REASON_STRING).without(Property.SERVER_REFERENCE);
  }

  @Override
  public boolean subAck(int packetId, byte[] codes, String why) {
    return writeCodes(PacketType.SUBACK, packetId, codes, why);
  }

  @Override
  public boolean unsubAck(int packetId, byte[] codes, String why) {
    return writeCodes(PacketType.UNSUBACK, packetId, codes, why);
  }

  private boolean writeCodes(PacketType type, int packetId, byte[] codes, String why) {
    int fields = CODES_FIELDS + codes.length;
    PacketProperties reason = fitting(fields, problem(why)); // [MQTT-3.9.2-1] [MQTT-3.11.2-1]
    int bytes = MqttEncoder.packetBytes(fields, reason);
    if (bytes > client.maximumPacketSize()) {
      return false; // [MQTT-3.1.2-24]
    }
    MqttEncoder.codes(output().reserve(bytes), type, packetId, reason, codes);
    return true;
  }

  @Override
  public void disconnect(int reasonCode, PacketProperties properties) {
    writeReason(PacketType.DISCONNECT, reasonCode, properties);
  }

  @Override
  public void auth(int reasonCode, PacketProperties properties) {
    writeReason(PacketType.AUTH, reasonCode, properties);
  }

  private void writeReason(PacketType type, int reasonCode, PacketProperties properties) {
    PacketProperties fitting = fitting(REASON_FIELDS, properties); // [MQTT-3.14.2-3]
    MqttEncoder.reason(
        output().reserve(MqttEncoder.packetBytes(REASON_FIELDS, fitting)),
        type,
        reasonCode,
        fitting);
  }

  // ---- PUBLISH

  @Override
  public boolean fits(Message message, DeliveryTag how) {
    if (client.maximumPacketSize() == ConnectOptions.ANY_SIZE
        && message.payload().length < ALWAYS_FITS) {
      return true;
    }
    PublishHeader h = begin(message, how, false, how.qos() == 0 ? 0 : 1);
    return h.packetBytes(message.payload().length) <= client.maximumPacketSize();
  }

  @Override
  public void publish(Message message, DeliveryTag how, boolean dup, int packetId) {
    PublishHeader h = begin(message, how, dup, packetId);
    byte[] payload = message.payload();
    if (mostAliases > 0) {
      boolean room = h.packetBytes(payload.length) <= mostWithoutAlias();
      aliases().shorten(topic(message), room, h);
    }
    OutputBuffer output = output();
    h.write(output.reserve(h.room()), payload.length);
    output.payload(payload, 0, payload.length);
  }

  /** A packet that is longer would be too long with an alias beside its topic. */
  private long mostWithoutAlias() {
    return client.maximumPacketSize() - PublishHeader.ALIAS_BYTES - 2;
  }

  private OutboundAliases aliases() {
    OutboundAliases known = aliases;
    if (known == null) {
      known = new OutboundAliases(mostAliases);
      aliases = known;
    }
    return known;
  }

  private byte[] topic(Message message) {
    return owner.server.space.topics().topic(message.routingKey());
  }

  private PublishHeader begin(Message message, DeliveryTag how, boolean dup, int packetId) {
    PublishHeader h = header;
    if (h == null) {
      h = new PublishHeader();
      header = h;
    }
    MqttProperties properties =
        MqttProperties.of(message, owner.server.space.mapping(), owner.server.replyRights);
    h.begin(how.qos(), how.retain(), dup, packetId)
        .topic(topic(message))
        .properties(properties.packet())
        .subscriptions(how.subscriptionIds());
    if (properties.expires()) {
      long nowMs = owner.connection.loop().wallTimeMs();
      h.expiry(properties.expiryAt(), properties.secondsLeft(nowMs - message.arrivedMs()));
    }
    return h;
  }
}
