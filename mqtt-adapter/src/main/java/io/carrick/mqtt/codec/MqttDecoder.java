package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.carrick.mqtt.codec.MqttPacket.Disconnect;
import io.carrick.mqtt.codec.MqttPacket.PingReq;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reads packets of clients straight from the receive buffer. Immutable; one object serves all
 * connections, and each {@link Sink} says where its client is.
 *
 * <p>The first packet must be CONNECT and no other may be; from it the sink knows the version. What
 * can be told from the fixed header is refused before the rest of the packet has come.
 */
public final class MqttDecoder {

  private static final int MAX_LENGTH_BYTES = 4;
  private static final int DUP = 0x08;

  private final PacketBounds bounds;

  /** Makes a decoder. */
  public MqttDecoder(PacketBounds bounds) {
    this.bounds = bounds;
  }

  /** Takes the packets of one connection. */
  public interface Sink {
    /** Returns what the CONNECT that was taken named; null before it. */
    @Nullable MqttVersion version();

    /** Returns where the parts of a PUBLISH are put before it is taken. */
    PublishView publishView();

    /** Takes a PUBLISH; the view is valid during the call. */
    void onPublish(PublishView publish);

    /** Takes a PUBACK, PUBREC, PUBREL or PUBCOMP: as frequent as PUBLISH, and no object either. */
    void onAck(PacketType type, int packetId);

    /** Takes any other packet. */
    void onPacket(MqttPacket packet);
  }

  /**
   * Reads one packet, if it is there in full, and moves the reader index behind it.
   *
   * @return whether there was one
   * @throws MalformedPacketException if the bytes are not a packet that a client may send now
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
        throw malformed("a remaining length of more than four bytes"); // MQTT 3.1.1 §2.2.3
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
    PacketType type = PacketType.of(first);
    MqttVersion version = sink.version();
    checkTurn(type, version);
    checkFlags(type, first & 0x0F, version == MqttVersion.V3_1);
    bounds.checkLength(type, length);
    int end = at + length;
    if (end > start + readable) {
      return false;
    }
    if (type == PacketType.PUBLISH) {
      PublishView view = sink.publishView();
      readPublish(view, in, first & 0x0F, at, end);
      in.readerIndex(end);
      sink.onPublish(view);
      return true;
    }
    if (isAck(type)) {
      int packetId = readAck(in, at, length);
      in.readerIndex(end);
      sink.onAck(type, packetId);
      return true;
    }
    in.readerIndex(at);
    var fields = new PacketReader(in, end, bounds);
    MqttPacket packet = readOther(fields, type, first & 0x0F);
    if (!fields.atEnd()) {
      throw malformed("bytes left over in a packet");
    }
    sink.onPacket(packet);
    return true;
  }

  private static void checkTurn(PacketType type, @Nullable MqttVersion version) {
    if ((type == PacketType.CONNECT) != (version == null)) {
      throw new MalformedPacketException(
          MalformedPacketException.PROTOCOL_ERROR,
          version == null
              ? "a packet before CONNECT" // [MQTT-3.1.0-1]
              : "a second CONNECT"); // [MQTT-3.1.0-2]
    }
  }

  /**
   * MQTT 3.1.1 §2.2.2: reserved flags must be as in the table [MQTT-2.2.2-2]. MQTT 3.1 §2.1 does
   * not use them, and lets DUP stand in PUBREL, SUBSCRIBE and UNSUBSCRIBE: it is lenient.
   */
  private static void checkFlags(PacketType type, int flags, boolean lenient) {
    boolean right =
        switch (type) {
          case PUBLISH -> flags < 0x08 || (flags & 0x06) != 0 || lenient; // [MQTT-3.3.1-2]
          case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> flags == 2 || (lenient && (flags & ~DUP) == 2);
          case CONNECT -> true; // told when the version is known
          case PUBACK, PUBREC, PUBCOMP, PINGREQ, DISCONNECT -> flags == 0 || lenient;
          case RESERVED, CONNACK, SUBACK, UNSUBACK, PINGRESP, AUTH -> false;
        };
    if (!right || (type == PacketType.PUBLISH && (flags & 0x06) == 0x06)) { // [MQTT-3.3.1-4]
      throw malformed("a " + type + " with flags " + flags);
    }
  }

  private void readPublish(PublishView view, ByteBuf in, int flags, int at, int end) {
    if (end - at < 2) {
      throw malformed("a PUBLISH without a topic");
    }
    int topicLength = in.getUnsignedShort(at);
    int topicAt = at + 2;
    int next = topicAt + topicLength;
    if (next > end) {
      throw malformed("a PUBLISH without a topic");
    }
    bounds.checkTopic(topicLength);
    TopicRules.checkName(in, topicAt, topicLength);
    int packetId = 0;
    if ((flags & 0x06) != 0) {
      if (next + 2 > end) {
        throw malformed("a PUBLISH without its packet identifier");
      }
      packetId = in.getUnsignedShort(next);
      next += 2;
      PacketReader.checkPacketId(packetId);
    }
    bounds.checkPayload(end - next);
    view.locate(in, flags, packetId);
    view.locateTopic(topicAt, topicLength);
    view.locatePayload(next, end - next);
  }

  private static boolean isAck(PacketType type) {
    return switch (type) {
      case PUBACK, PUBREC, PUBREL, PUBCOMP -> true;
      default -> false;
    };
  }

  private static int readAck(ByteBuf in, int at, int length) {
    if (length != 2) { // MQTT 3.1.1 §3.4.1
      throw malformed("an acknowledgement of " + length + " bytes behind its length");
    }
    int packetId = in.getUnsignedShort(at);
    PacketReader.checkPacketId(packetId);
    return packetId;
  }

  private MqttPacket readOther(PacketReader in, PacketType type, int flags) {
    return switch (type) {
      case CONNECT -> ConnectDecoder.read(in, flags, bounds);
      case SUBSCRIBE -> SubscriptionDecoder.subscribe(in);
      case UNSUBSCRIBE -> SubscriptionDecoder.unsubscribe(in);
      case PINGREQ -> PingReq.PING_REQ;
      case DISCONNECT -> Disconnect.DISCONNECT;
      default -> throw new IllegalStateException("not read here: " + type);
    };
  }
}
