package io.carrick.mqtt.codec;

import io.netty.buffer.ByteBuf;

/** Writes packets of the server. Stateless; the caller has made room by the sizes named here. */
public final class MqttEncoder {

  /** Room for any acknowledgement. */
  public static final int ACK_BYTES = 4;

  /** Room for what stands before the topic of a PUBLISH. */
  private static final int MAX_FIXED_HEADER = 5;

  /** As long as a packet can be (MQTT 3.1.1 §2.2.3). */
  public static final int MOST_BYTES = MAX_FIXED_HEADER + 268_435_455;

  private static final int LONGEST_TOPIC = 0xFFFF;

  static final int DUP = 0x08;

  private MqttEncoder() {}

  /** Writes CONNACK of MQTT 3. */
  public static void connAck(ByteBuf out, boolean sessionPresent, int returnCode) {
    out.writeInt(0x20_02_00_00 | (sessionPresent ? 0x100 : 0) | returnCode);
  }

  /**
   * Returns how many bytes a packet of MQTT 5 has that is made of a few and of properties.
   *
   * @param fields the bytes between the remaining length and the properties' length
   */
  public static int packetBytes(int fields, PacketProperties properties) {
    int length = length(fields, properties);
    return 1 + VariableInt.bytes(length) + length;
  }

  private static int length(int fields, PacketProperties properties) {
    int bytes = properties.bytes().length;
    return fields + VariableInt.bytes(bytes) + bytes;
  }

  private static void begin(ByteBuf out, int first, int fields, PacketProperties properties) {
    out.writeByte(first);
    VariableInt.write(out, length(fields, properties));
  }

  private static void writeProperties(ByteBuf out, PacketProperties properties) {
    VariableInt.write(out, properties.bytes().length);
    out.writeBytes(properties.bytes());
  }

  /** Writes CONNACK of MQTT 5, which has two fields. */
  public static void connAck(
      ByteBuf out, boolean sessionPresent, int reasonCode, PacketProperties properties) {
    begin(out, PacketType.CONNACK.firstByte(0), 2, properties);
    out.writeByte(sessionPresent ? 1 : 0);
    out.writeByte(reasonCode);
    writeProperties(out, properties);
  }

  /** Writes DISCONNECT or AUTH of MQTT 5, which have one field. */
  public static void reason(
      ByteBuf out, PacketType type, int reasonCode, PacketProperties properties) {
    begin(out, type.firstByte(0), 1, properties);
    out.writeByte(reasonCode);
    writeProperties(out, properties);
  }

  /** Writes PUBACK, PUBREC, PUBREL or PUBCOMP of MQTT 5, which have three fields. */
  public static void ack(
      ByteBuf out, PacketType type, int packetId, int reasonCode, PacketProperties properties) {
    begin(out, type.firstByte(type == PacketType.PUBREL ? 2 : 0), 3, properties);
    out.writeShort(packetId);
    out.writeByte(reasonCode);
    writeProperties(out, properties);
  }

  /** Writes SUBACK or UNSUBACK of MQTT 5, which have two fields and codes behind the properties. */
  public static void codes(
      ByteBuf out, PacketType type, int packetId, PacketProperties properties, byte[] codes) {
    out.writeByte(type.firstByte(0));
    VariableInt.write(out, length(2, properties) + codes.length);
    out.writeShort(packetId);
    writeProperties(out, properties);
    out.writeBytes(codes);
  }

  /** Writes PUBACK, PUBREC, PUBREL or PUBCOMP. */
  public static void ack(ByteBuf out, PacketType type, int packetId) {
    int first = type.firstByte(type == PacketType.PUBREL ? 2 : 0);
    out.writeInt((first << 24) | (2 << 16) | packetId);
  }

  /** Writes UNSUBACK. */
  public static void unsubAck(ByteBuf out, int packetId) {
    out.writeInt((PacketType.UNSUBACK.firstByte(0) << 24) | (2 << 16) | packetId);
  }

  /** Writes PINGRESP. */
  public static void pingResp(ByteBuf out) {
    out.writeShort(PacketType.PINGRESP.firstByte(0) << 8);
  }

  /** Returns the room for a SUBACK with that many codes. */
  public static int subAckBytes(int codes) {
    return MAX_FIXED_HEADER + 2 + codes;
  }

  /** Writes SUBACK. */
  public static void subAck(ByteBuf out, int packetId, byte[] codes) {
    out.writeByte(PacketType.SUBACK.firstByte(0));
    VariableInt.write(out, 2 + codes.length);
    out.writeShort(packetId);
    out.writeBytes(codes);
  }

  /**
   * Returns whether a payload fits into a PUBLISH of MQTT 3 with any topic: {@link
   * io.carrick.Limit#MESSAGE_BYTES} may be more than MQTT has.
   */
  public static boolean fits(int payload) {
    return payload <= MOST_BYTES - MAX_FIXED_HEADER - 2 - LONGEST_TOPIC - 2;
  }

  /** Returns the room for a PUBLISH up to its payload. */
  public static int publishHeaderBytes(byte[] topic) {
    return MAX_FIXED_HEADER + 2 + topic.length + 2;
  }

  /**
   * Writes a PUBLISH up to its payload.
   *
   * @param packetId 0 for QoS 0
   */
  public static void publishHeader(
      ByteBuf out, byte[] topic, int qos, boolean retain, boolean dup, int packetId, int payload) {
    out.writeByte(PacketType.PUBLISH.firstByte((dup ? DUP : 0) | (qos << 1) | (retain ? 1 : 0)));
    VariableInt.write(out, 2 + topic.length + (qos > 0 ? 2 : 0) + payload);
    out.writeShort(topic.length);
    out.writeBytes(topic);
    if (qos > 0) {
      out.writeShort(packetId);
    }
  }
}
