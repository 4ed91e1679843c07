package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.ReasonCode;
import io.carrick.transport.OutputBuffer;

/**
 * Versions 3.1 and 3.1.1: return codes in CONNACK, 0x80 in SUBACK, and no word for anything else.
 * Confined to the connection's loop.
 *
 * @param owner where packets go
 */
record V3Writer(MqttConnection owner) implements PacketWriter {

  static final int UNACCEPTABLE_VERSION = 1;
  private static final int IDENTIFIER_REJECTED = 2;
  private static final int SERVER_UNAVAILABLE = 3;
  private static final int BAD_USER_OR_PASSWORD = 4;
  private static final int NOT_AUTHORIZED = 5;

  private OutputBuffer output() {
    return owner.connection.output();
  }

  @Override
  public void connAck(boolean sessionPresent, PacketProperties properties) {
    MqttEncoder.connAck(output().reserve(MqttEncoder.ACK_BYTES), sessionPresent, 0);
  }

  @Override
  public void refuse(int reasonCode, PacketProperties properties) {
    MqttEncoder.connAck(
        output().reserve(MqttEncoder.ACK_BYTES), false, returnCode(reasonCode)); // [MQTT-3.2.2-4]
  }

  private static int returnCode(int reasonCode) {
    return switch (reasonCode) {
      case ReasonCode.UNSUPPORTED_VERSION -> UNACCEPTABLE_VERSION;
      case ReasonCode.CLIENT_ID_NOT_VALID -> IDENTIFIER_REJECTED;
      case ReasonCode.BAD_USER_OR_PASSWORD -> BAD_USER_OR_PASSWORD;
      case ReasonCode.NOT_AUTHORIZED,
          ReasonCode.TOPIC_NAME_INVALID,
          ReasonCode.QOS_NOT_SUPPORTED,
          ReasonCode.RETAIN_NOT_SUPPORTED ->
          NOT_AUTHORIZED;
      default -> SERVER_UNAVAILABLE;
    };
  }

  @Override
  public void ack(PacketType type, int packetId, int reasonCode, String why) {
    MqttEncoder.ack(output().reserve(MqttEncoder.ACK_BYTES), type, packetId);
  }

  @Override
  public boolean subAck(int packetId, byte[] codes, String why) {
    byte[] known = codes;
    for (int i = 0; i < known.length; i++) {
      if (known[i] < 0 && known[i] != (byte) ReasonCode.UNSPECIFIED) {
        known = known == codes ? codes.clone() : known;
        known[i] = (byte) ReasonCode.UNSPECIFIED; // [MQTT-3.9.3-2]
      }
    }
    MqttEncoder.subAck(output().reserve(MqttEncoder.subAckBytes(known.length)), packetId, known);
    return true;
  }

  @Override
  public boolean unsubAck(int packetId, byte[] codes, String why) {
    MqttEncoder.unsubAck(output().reserve(MqttEncoder.ACK_BYTES), packetId);
    return true;
  }

  @Override
  public void disconnect(int reasonCode, PacketProperties properties) {
    // The end of the connection has to do: a server of version 3 sends no DISCONNECT.
  }

  @Override
  public void auth(int reasonCode, PacketProperties properties) {
    throw new IllegalStateException("version 3 has no AUTH");
  }

  @Override
  public boolean fits(Message message, DeliveryTag how) {
    return MqttEncoder.fits(message.payload().length); // MAP-29
  }

  @Override
  public void publish(Message message, DeliveryTag how, boolean dup, int packetId) {
    byte[] topic = owner.server.space.topics().topic(message.routingKey());
    byte[] payload = message.payload();
    OutputBuffer output = output();
    MqttEncoder.publishHeader(
        output.reserve(MqttEncoder.publishHeaderBytes(topic)),
        topic,
        how.qos(),
        how.retain(),
        dup,
        packetId,
        payload.length);
    output.payload(payload, 0, payload.length);
  }
}
