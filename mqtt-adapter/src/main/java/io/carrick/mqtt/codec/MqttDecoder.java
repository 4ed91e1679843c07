package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;
import static io.carrick.mqtt.codec.MalformedPacketException.protocolError;

import io.carrick.mqtt.codec.MqttPacket.Auth;
import io.carrick.mqtt.codec.MqttPacket.Disconnect;
import io.carrick.mqtt.codec.MqttPacket.PingReq;
import io.carrick.mqtt.codec.Property.Place;
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

    /**
     * Takes a PUBACK, PUBREC, PUBREL or PUBCOMP that rejects nothing: as frequent as PUBLISH, and
     * no object either.
     */
    void onAck(PacketType type, int packetId);

    /**
     * Takes a PUBACK or PUBREC with a reason code that rejects the message, of MQTT 5.
     *
     * @param why its reason string, empty without one
     */
    void onRejection(PacketType type, int packetId, int reasonCode, String why);

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
        checkFirst(first, sink.version());
        return false;
      }
      int b = in.getByte(at++);
      length |= (b & 0x7F) << shift;
      if (b >= 0) {
        break;
      }
    }
    MqttVersion version = sink.version();
    PacketType type = checkFirst(first, version);
    bounds.checkLength(type, length, version);
    if (at - start > 2 && in.getByte(at - 1) == 0 && version == MqttVersion.V5) {
      throw malformed("a remaining length with a byte that it does not need"); // [MQTT-1.5.5-1]
    }
    int end = at + length;
    if (end > start + readable) {
      return false;
    }
    boolean v5 = version == MqttVersion.V5;
    if (type == PacketType.PUBLISH) {
      PublishView view = sink.publishView();
      readPublish(view, in, first & 0x0F, at, end, v5);
      in.readerIndex(end);
      sink.onPublish(view);
      return true;
    }
    if (isAck(type)) {
      int packetId = readAckId(in, at, length);
      int reasonCode = length == 2 ? ReasonCode.SUCCESS : readAckReason(type, in, at + 2, end);
      in.readerIndex(end);
      if (ReasonCode.isFailure(reasonCode) && rejects(type)) {
        sink.onRejection(type, packetId, reasonCode, reasonString(in, at + 3, end));
      } else {
        sink.onAck(type, packetId);
      }
      return true;
    }
    in.readerIndex(at);
    var fields = new PacketReader(in, end, bounds);
    MqttPacket packet = readOther(fields, type, first & 0x0F, v5);
    if (!fields.atEnd()) {
      throw malformed("bytes left over in a packet");
    }
    sink.onPacket(packet);
    return true;
  }

  private PacketType checkFirst(int first, @Nullable MqttVersion version) {
    PacketType type = PacketType.of(first);
    checkTurn(type, version);
    checkFlags(type, first & 0x0F, version);
    return type;
  }

  private static void checkTurn(PacketType type, @Nullable MqttVersion version) {
    if ((type == PacketType.CONNECT) != (version == null)) {
      throw protocolError(
          version == null
              ? "a packet before CONNECT" // [MQTT-3.1.0-1]
              : "a second CONNECT"); // [MQTT-3.1.0-2]
    }
  }

  /**
   * §2.2.2 of MQTT 3.1.1, §2.1.3 of MQTT 5: reserved flags must be as in the table [MQTT-2.2.2-2].
   * MQTT 3.1 §2.1 does not use them, and lets DUP stand in PUBREL, SUBSCRIBE and UNSUBSCRIBE: it is
   * lenient.
   */
  private void checkFlags(PacketType type, int flags, @Nullable MqttVersion version) {
    boolean lenient = version == MqttVersion.V3_1;
    boolean right =
        switch (type) {
          case PUBLISH -> flags < 0x08 || (flags & 0x06) != 0 || lenient; // [MQTT-3.3.1-2]
          case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> flags == 2 || (lenient && (flags & ~DUP) == 2);
          case CONNECT -> true; // told when the version is known
          case PUBACK, PUBREC, PUBCOMP, PINGREQ, DISCONNECT -> flags == 0 || lenient;
          case AUTH -> flags == 0 && version == MqttVersion.V5; // [MQTT-3.15.1-1]
          case RESERVED, CONNACK, SUBACK, UNSUBACK, PINGRESP -> false;
        };
    if (!right) {
      throw malformed("a " + type + " with flags " + flags);
    } else if (type == PacketType.PUBLISH) {
      bounds.checkPublish(flags);
    }
  }

  private void readPublish(PublishView view, ByteBuf in, int flags, int at, int end, boolean v5) {
    if (end - at < 2) {
      throw malformed("a PUBLISH without a topic");
    }
    int topicLength = in.getUnsignedShort(at);
    int topicAt = at + 2;
    int next = topicAt + topicLength;
    if (next > end) {
      throw malformed("a PUBLISH without a topic");
    }
    if (topicLength > 0 || !v5) { // an alias may stand for it
      bounds.checkTopic(topicLength);
      TopicRules.checkName(in, topicAt, topicLength);
    }
    int packetId = 0;
    if ((flags & 0x06) != 0) {
      if (next + 2 > end) {
        throw malformed("a PUBLISH without its packet identifier");
      }
      packetId = in.getUnsignedShort(next);
      next += 2;
      PacketReader.checkPacketId(packetId);
    }
    view.locate(in, flags, packetId);
    view.locateTopic(topicAt, topicLength);
    if (v5) {
      next = readPublishProperties(view, in, next, end);
    }
    bounds.checkPayload(end - next);
    view.locatePayload(next, end - next);
  }

  private int readPublishProperties(PublishView view, ByteBuf in, int at, int end) {
    int first = at < end ? in.getByte(at) : 0;
    if (at < end && first == 0) {
      view.locateProperties(at + 1, 0, PropertyRules.NO_ALIAS, false);
      return at + 1;
    }
    int start = at + VariableInt.length(in, at, end);
    int length = VariableInt.value(in, at);
    if (length > end - start) {
      throw malformed("properties that are longer than their PUBLISH");
    }
    bounds.checkProperties(length);
    long found = PropertyRules.check(in, start, start + length, Place.PUBLISH);
    boolean receipt = PropertyRules.asksForReceipt(found);
    view.locateProperties(start, length, PropertyRules.aliasAt(found), receipt);
    return start + length;
  }

  private static boolean isAck(PacketType type) {
    return switch (type) {
      case PUBACK, PUBREC, PUBREL, PUBCOMP -> true;
      default -> false;
    };
  }

  private static boolean rejects(PacketType type) {
    return type == PacketType.PUBACK || type == PacketType.PUBREC;
  }

  private static int readAckId(ByteBuf in, int at, int length) {
    if (length < 2) {
      throw malformed("an acknowledgement of " + length + " bytes behind its length");
    }
    int packetId = in.getUnsignedShort(at);
    PacketReader.checkPacketId(packetId);
    return packetId;
  }

  /**
   * Reads the reason code of MQTT 5, and looks at the properties behind it: of what rejects nothing
   * nobody asks for them.
   */
  private int readAckReason(PacketType type, ByteBuf in, int at, int end) {
    int reasonCode = in.getUnsignedByte(at);
    ReasonCode.checkAck(type, reasonCode);
    if (at + 1 < end) {
      int start = at + 1 + VariableInt.length(in, at + 1, end);
      if (VariableInt.value(in, at + 1) != end - start) {
        throw malformed("an acknowledgement whose properties do not end with it");
      }
      PropertyRules.check(in, start, end, Place.ACK);
    }
    return reasonCode;
  }

  /** Reads the reason string behind a reason code, where the properties have been found right. */
  private static String reasonString(ByteBuf in, int at, int end) {
    if (at >= end) {
      return "";
    }
    int start = at + VariableInt.length(in, at, end);
    return PacketProperties.copied(in, start, end).text(Property.REASON_STRING).orElse("");
  }

  private MqttPacket readOther(PacketReader in, PacketType type, int flags, boolean v5) {
    return switch (type) {
      case CONNECT -> ConnectDecoder.read(in, flags, bounds);
      case SUBSCRIBE -> SubscriptionDecoder.subscribe(in, v5);
      case UNSUBSCRIBE -> SubscriptionDecoder.unsubscribe(in, v5);
      case PINGREQ -> PingReq.PING_REQ;
      case DISCONNECT -> readDisconnect(in);
      case AUTH -> readAuth(in);
      default -> throw new IllegalStateException("not read here: " + type);
    };
  }

  private static Disconnect readDisconnect(PacketReader in) {
    if (in.atEnd()) {
      return Disconnect.NORMAL;
    }
    int reasonCode = in.oneByte();
    ReasonCode.checkDisconnect(reasonCode);
    return new Disconnect(
        reasonCode, in.atEnd() ? PacketProperties.NONE : in.properties(Place.DISCONNECT));
  }

  private static Auth readAuth(PacketReader in) {
    int reasonCode = in.atEnd() ? ReasonCode.SUCCESS : in.oneByte();
    ReasonCode.checkAuth(reasonCode);
    return new Auth(reasonCode, in.atEnd() ? PacketProperties.NONE : in.properties(Place.AUTH));
  }
}
