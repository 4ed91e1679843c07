package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.carrick.mqtt.codec.MqttPacket.Ack;
import io.carrick.mqtt.codec.MqttPacket.Disconnect;
import io.carrick.mqtt.codec.MqttPacket.PingReq;
import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Subscription;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;

/**
 * Reads packets of a client straight from the receive buffer. Confined to one connection.
 *
 * <p>After CONNECT it knows the version; what a version has not is malformed.
 */
public final class MqttDecoder {

  private static final int MAX_LENGTH_BYTES = 4;

  private final long maxPacketBytes;
  private final PublishView publish = new PublishView();
  private final ConnectDecoder connect = new ConnectDecoder();

  /**
   * Makes the decoder of a new connection.
   *
   * @param maxPacketBytes the longest remaining length that is accepted
   */
  public MqttDecoder(long maxPacketBytes) {
    this.maxPacketBytes = maxPacketBytes;
  }

  /** Takes packets. */
  public interface Sink {
    /** Takes a PUBLISH; the view is valid during the call. */
    void onPublish(PublishView publish);

    /** Takes any other packet. */
    void onPacket(MqttPacket packet);
  }

  /**
   * Reads one packet, if it is there in full, and moves the reader index behind it.
   *
   * @return whether there was one
   * @throws MalformedPacketException if the bytes are not a packet that a client may send
   */
  public boolean read(ByteBuf in, Sink sink) {
    int start = in.readerIndex();
    int readable = in.readableBytes();
    if (readable < 2) {
      return false;
    }
    int first = in.getUnsignedByte(start);
    int length = 0;
    int at = start + 1;
    for (int shift = 0; ; shift += 7) {
      if (at - start > MAX_LENGTH_BYTES) {
        throw malformed("a remaining length of more than four bytes");
      }
      if (at == start + readable) {
        return false;
      }
      int b = in.getByte(at++);
      length |= (b & 0x7F) << shift;
      if (b >= 0) {
        break;
      }
    }
    if (length > maxPacketBytes) {
      throw new MalformedPacketException(
          MalformedPacketException.TOO_LARGE, "a packet of " + length + " bytes");
    }
    int end = at + length;
    if (end > start + readable) {
      checkFlags(first);
      return false;
    }
    if ((first & 0xF0) == 0x30) {
      readPublish(in, first & 0x0F, at, end);
      in.readerIndex(end);
      sink.onPublish(publish);
      return true;
    }
    checkFlags(first);
    in.readerIndex(at);
    MqttPacket packet = readOther(in, PacketType.of(first), length);
    if (in.readerIndex() != end) {
      throw malformed("bytes left over in a packet");
    }
    sink.onPacket(packet);
    return true;
  }

  /** MQTT 3.1.1 §2.2.2: reserved flags must be as in the table [MQTT-2.2.2-2]. */
  private static void checkFlags(int first) {
    int flags = first & 0x0F;
    boolean right =
        switch (PacketType.of(first)) {
          case PUBLISH -> true;
          case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> flags == 2;
          case CONNECT, PUBACK, PUBREC, PUBCOMP, PINGREQ, DISCONNECT -> flags == 0;
          case RESERVED, CONNACK, SUBACK, UNSUBACK, PINGRESP, AUTH -> false;
        };
    if (!right) {
      throw malformed("a first byte of " + first);
    }
  }

  private void readPublish(ByteBuf in, int flags, int at, int end) {
    int qos = (flags >> 1) & 0x03;
    if (qos == 3 || (qos == 0 && (flags & 0x08) != 0)) {
      throw malformed("PUBLISH flags of " + flags); // [MQTT-3.3.1-2] [MQTT-3.3.1-4]
    }
    if (end - at < 2) {
      throw malformed("a PUBLISH without a topic");
    }
    int topicLength = in.getUnsignedShort(at);
    int topicAt = at + 2;
    int next = topicAt + topicLength;
    if (next > end || topicLength == 0) {
      throw malformed("a PUBLISH without a topic");
    }
    checkTopicName(in, topicAt, topicLength);
    publish.locate(in, flags, topicAt, topicLength);
    int packetId = 0;
    if (qos > 0) {
      if (next + 2 > end) {
        throw malformed("a PUBLISH without its packet identifier");
      }
      packetId = in.getUnsignedShort(next);
      next += 2;
      checkPacketId(packetId);
    }
    publish.locate(packetId, next, end - next);
  }

  /** One pass over the usual case, plain characters without a wildcard; the rest in full. */
  private static void checkTopicName(ByteBuf in, int start, int length) {
    for (int i = start; i < start + length; i++) {
      byte b = in.getByte(i);
      if (b == '+' || b == '#') {
        throw malformed("a wildcard in a topic name"); // [MQTT-3.3.2-2]
      }
      if (b <= 0) {
        Utf8.check(in, i, start + length - i);
        for (int rest = i; rest < start + length; rest++) {
          byte r = in.getByte(rest);
          if (r == '+' || r == '#') {
            throw malformed("a wildcard in a topic name"); // [MQTT-3.3.2-2]
          }
        }
        return;
      }
    }
  }

  private MqttPacket readOther(ByteBuf in, PacketType type, int length) {
    return switch (type) {
      case CONNECT -> connect.read(in, length);
      case PUBACK, PUBREC, PUBREL, PUBCOMP -> readAck(in, type, length);
      case SUBSCRIBE -> readSubscribe(in, length);
      case UNSUBSCRIBE -> readUnsubscribe(in, length);
      case PINGREQ -> {
        checkEmpty(length);
        yield new PingReq();
      }
      case DISCONNECT -> {
        checkEmpty(length);
        yield new Disconnect();
      }
      case PUBLISH, RESERVED, CONNACK, SUBACK, UNSUBACK, PINGRESP, AUTH ->
          throw malformed("a packet that a client does not send");
    };
  }

  private static void checkEmpty(int length) {
    if (length != 0) {
      throw malformed("a body where none belongs");
    }
  }

  private static Ack readAck(ByteBuf in, PacketType type, int length) {
    if (length != 2) {
      throw malformed("an acknowledgement of " + length + " bytes");
    }
    return new Ack(type, readPacketId(in), 0);
  }

  private static Subscribe readSubscribe(ByteBuf in, int length) {
    int end = in.readerIndex() + length;
    int packetId = readPacketId(in, end);
    var subscriptions = new ArrayList<Subscription>();
    while (in.readerIndex() < end) {
      byte[] filter = readText(in, end);
      TopicRules.checkFilter(filter);
      if (in.readerIndex() == end) {
        throw malformed("a filter without its QoS");
      }
      int qos = in.readUnsignedByte();
      if (qos > 2) {
        throw malformed("a subscription with options " + qos); // [MQTT-3-8.3-4]
      }
      subscriptions.add(new Subscription(filter, qos));
    }
    if (subscriptions.isEmpty()) {
      throw malformed("a SUBSCRIBE without a filter"); // [MQTT-3.8.3-3]
    }
    return new Subscribe(packetId, subscriptions);
  }

  private static Unsubscribe readUnsubscribe(ByteBuf in, int length) {
    int end = in.readerIndex() + length;
    int packetId = readPacketId(in, end);
    var filters = new ArrayList<byte[]>();
    while (in.readerIndex() < end) {
      byte[] filter = readText(in, end);
      TopicRules.checkFilter(filter);
      filters.add(filter);
    }
    if (filters.isEmpty()) {
      throw malformed("an UNSUBSCRIBE without a filter"); // [MQTT-3.10.3-2]
    }
    return new Unsubscribe(packetId, filters);
  }

  private static int readPacketId(ByteBuf in, int end) {
    if (end - in.readerIndex() < 2) {
      throw malformed("a packet without its identifier");
    }
    return readPacketId(in);
  }

  private static int readPacketId(ByteBuf in) {
    int packetId = in.readUnsignedShort();
    checkPacketId(packetId);
    return packetId;
  }

  private static void checkPacketId(int packetId) {
    if (packetId == 0) {
      throw malformed("a packet identifier of 0"); // [MQTT-2.3.1-1]
    }
  }

  /** Reads a string in UTF-8 that lies before {@code end}. */
  static byte[] readText(ByteBuf in, int end) {
    byte[] text = readBinary(in, end);
    Utf8.check(in, in.readerIndex() - text.length, text.length);
    return text;
  }

  /** Reads bytes with a length before them. */
  static byte[] readBinary(ByteBuf in, int end) {
    if (end - in.readerIndex() < 2) {
      throw malformed("a field without its length");
    }
    int length = in.readUnsignedShort();
    if (end - in.readerIndex() < length) {
      throw malformed("a field that is longer than its packet");
    }
    var bytes = new byte[length];
    in.readBytes(bytes);
    return bytes;
  }
}
