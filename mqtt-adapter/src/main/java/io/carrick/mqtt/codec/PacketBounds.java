package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.carrick.Limit;
import io.carrick.Limits;
import org.jspecify.annotations.Nullable;

/**
 * How long packets and their parts may be. Immutable; one object serves all connections.
 *
 * @param messageBytes of a payload
 * @param topicBytes of a topic name or filter
 * @param controlBytes of the remaining length of any packet but PUBLISH
 * @param publishFlags which flags a PUBLISH may have: a bit for each value of the four
 */
public record PacketBounds(long messageBytes, int topicBytes, long controlBytes, int publishFlags) {

  private static final int RETAIN = 0x01;

  /** Topic and packet identifier of a PUBLISH at most, with the topic's length. */
  private static final int PUBLISH_OVERHEAD = 2 + 65_535 + 2;

  /** What a remaining length can say. */
  private static final int MOST_LENGTH = 268_435_455;

  /** The first byte of a packet and its remaining length. */
  private static final int MOST_HEADER = 5;

  /** Bounds for publishes of every QoS, retained or not. */
  public PacketBounds(long messageBytes, int topicBytes, long controlBytes) {
    this(messageBytes, topicBytes, controlBytes, flags(2, true));
  }

  private static int flags(int maximumQos, boolean retain) {
    int allowed = 0;
    for (int flags = 0; flags < 16; flags++) {
      if (qos(flags) <= maximumQos && (retain || (flags & RETAIN) == 0)) {
        allowed |= 1 << flags;
      }
    }
    return allowed;
  }

  private static int qos(int flags) {
    return (flags >> 1) & 0x03;
  }

  /** Returns the same for fewer publishes. */
  public PacketBounds publishes(int maximumQos, boolean retain) {
    return new PacketBounds(messageBytes, topicBytes, controlBytes, flags(maximumQos, retain));
  }

  /** The bounds that a broker has. */
  public static PacketBounds of(Limits limits) {
    return new PacketBounds(
        limits.value(Limit.MESSAGE_BYTES),
        limits.count(Limit.TOPIC_BYTES),
        limits.value(Limit.CONTROL_PACKET_BYTES));
  }

  /** Checks a remaining length before anything is kept of the packet. */
  void checkLength(PacketType type, int length, @Nullable MqttVersion version) {
    boolean v5 = version == MqttVersion.V5;
    switch (type) {
      case PUBLISH -> checkAtMost(length, v5 ? publishBytes() : messageBytes + PUBLISH_OVERHEAD);
      case PUBACK, PUBREC, PUBREL, PUBCOMP -> {
        if (v5) {
          checkAtMost(length, controlBytes);
        } else {
          checkExactly(length, 2);
        }
      }
      case PINGREQ -> checkExactly(length, 0);
      case DISCONNECT -> {
        if (v5) {
          checkAtMost(length, controlBytes);
        } else {
          checkExactly(length, 0);
        }
      }
      default -> checkAtMost(length, controlBytes);
    }
  }

  /** Returns how long a PUBLISH of version 5 may be, behind its length. */
  private long publishBytes() {
    return messageBytes + PUBLISH_OVERHEAD + controlBytes;
  }

  /** Returns how long a packet of version 5 may be, whichever it is (MQTT 5 §3.2.2.3.6). */
  public long maximumPacketSize() {
    return Math.min(publishBytes(), MOST_LENGTH) + MOST_HEADER;
  }

  /** Checks the flags of a PUBLISH. */
  void checkPublish(int flags) {
    if ((publishFlags & (1 << flags)) == 0) {
      throw refusal(flags);
    }
  }

  private MalformedPacketException refusal(int flags) {
    if (qos(flags) > 2) {
      return malformed("a PUBLISH with flags " + flags); // [MQTT-3.3.1-4]
    }
    // A client of version 5 was told of both [MQTT-3.2.2-11] [MQTT-3.2.2-14].
    boolean forQos = (publishFlags & (1 << (flags & ~RETAIN))) == 0;
    return forQos
        ? new MalformedPacketException(ReasonCode.QOS_NOT_SUPPORTED, "a QoS of " + qos(flags))
        : new MalformedPacketException(ReasonCode.RETAIN_NOT_SUPPORTED, "a retained message");
  }

  void checkProperties(int length) {
    checkAtMost(length, controlBytes);
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
          ReasonCode.PACKET_TOO_LARGE, length + " bytes where " + most + " are allowed");
    }
  }

  private static void checkExactly(int length, int right) {
    if (length != right) {
      throw malformed("a remaining length of " + length + " where " + right + " is right");
    }
  }
}
