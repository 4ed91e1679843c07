package io.carrick.mqtt.codec;

import io.netty.buffer.ByteBuf;

/** Writes packets of the server. Stateless; the caller has made room by the sizes named here. */
public final class MqttEncoder {

  /** Room for any acknowledgement. */
  public static final int ACK_BYTES = 4;

  /** Room for what stands before the topic of a PUBLISH. */
  private static final int MAX_FIXED_HEADER = 5;

  private static final int DUP = 0x08;

  private MqttEncoder() {}

  /** Writes CONNACK of MQTT 3. */
  public static void connAck(ByteBuf out, boolean sessionPresent, int returnCode) {
    out.writeInt(0x20_02_00_00 | (sessionPresent ? 0x100 : 0) | returnCode);
  }

  /**
   * Writes CONNACK of MQTT 5 with a refusal and no property.
   *
   * @param reasonCode of MQTT 5 §3.2.2.2
   */
  public static void connAckV5(ByteBuf out, int reasonCode) {
    out.writeInt(0x20_03_00_00 | reasonCode);
    out.writeByte(0);
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
    writeLength(out, 2 + codes.length);
    out.writeShort(packetId);
    out.writeBytes(codes);
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
    writeLength(out, 2 + topic.length + (qos > 0 ? 2 : 0) + payload);
    out.writeShort(topic.length);
    out.writeBytes(topic);
    if (qos > 0) {
      out.writeShort(packetId);
    }
  }

  private static void writeLength(ByteBuf out, int length) {
    int rest = length;
    while (rest > 0x7F) {
      out.writeByte((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }
}
