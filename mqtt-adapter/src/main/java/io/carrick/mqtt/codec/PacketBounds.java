package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.carrick.Limit;
import io.carrick.Limits;

/**
 * How long packets and their parts may be. Immutable; one object serves all connections.
 *
 * @param messageBytes of a payload
 * @param topicBytes of a topic name or filter
 * @param controlBytes of the remaining length of any packet but PUBLISH
 */
public record PacketBounds(long messageBytes, int topicBytes, long controlBytes) {

  /** Topic and packet identifier of a PUBLISH at most, with the topic's length. */
  private static final int PUBLISH_OVERHEAD = 2 + 65_535 + 2;

  /** The bounds that a broker has. */
  public static PacketBounds of(Limits limits) {
    return new PacketBounds(
        limits.value(Limit.MESSAGE_BYTES),
        limits.count(Limit.TOPIC_BYTES),
        limits.value(Limit.CONTROL_PACKET_BYTES));
  }

  /** Checks a remaining length before anything is kept of the packet. */
  void checkLength(PacketType type, int length) {
    switch (type) {
      case PUBLISH -> checkAtMost(length, messageBytes + PUBLISH_OVERHEAD);
      case PUBACK, PUBREC, PUBREL, PUBCOMP -> checkExactly(length, 2);
      case PINGREQ, DISCONNECT -> checkExactly(length, 0);
      default -> checkAtMost(length, controlBytes);
    }
  }

  void checkPayload(int length) {
    checkAtMost(length, messageBytes);
  }

  void checkTopic(int length) {
    if (length == 0) {
      throw malformed("an empty topic"); // [MQTT-4.7.3-1]
    }
    if (length > topicBytes) {
      throw malformed("a topic of " + length + " bytes");
    }
  }

  private static void checkAtMost(int length, long most) {
    if (length > most) {
      throw new MalformedPacketException(
          MalformedPacketException.TOO_LARGE, length + " bytes where " + most + " are allowed");
    }
  }

  private static void checkExactly(int length, int right) {
    if (length != right) {
      throw malformed("a remaining length of " + length + " where " + right + " is right");
    }
  }
}
