package io.carrick.mqtt.codec;

/** The control packets, by their number in the fixed header (MQTT 3.1.1 §2.2.1, MQTT 5 §2.1.2). */
public enum PacketType {
  /** Not a packet. */
  RESERVED,
  /** Client asks to connect. */
  CONNECT,
  /** Server answers CONNECT. */
  CONNACK,
  /** A message, either way. */
  PUBLISH,
  /** Answers PUBLISH of QoS 1. */
  PUBACK,
  /** Answers PUBLISH of QoS 2. */
  PUBREC,
  /** Answers PUBREC. */
  PUBREL,
  /** Answers PUBREL. */
  PUBCOMP,
  /** Client subscribes. */
  SUBSCRIBE,
  /** Server answers SUBSCRIBE. */
  SUBACK,
  /** Client unsubscribes. */
  UNSUBSCRIBE,
  /** Server answers UNSUBSCRIBE. */
  UNSUBACK,
  /** Client is there. */
  PINGREQ,
  /** Server is there. */
  PINGRESP,
  /** The sender goes. */
  DISCONNECT,
  /** Extended authentication; MQTT 5 only. */
  AUTH;

  private static final PacketType[] BY_NUMBER = values();

  /** Returns the type that the first byte of a packet names. */
  public static PacketType of(int firstByte) {
    return BY_NUMBER[(firstByte >> 4) & 0x0F];
  }

  /** The first byte of a packet of this type with these flags. */
  int firstByte(int flags) {
    return (ordinal() << 4) | flags;
  }
}
