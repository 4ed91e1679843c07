package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Reads the fields of one packet, and never beyond it. Confined to the reading of that packet. */
final class PacketReader {

  private final ByteBuf in;
  private final int end;
  private final PacketBounds bounds;

  /**
   * Reads what lies between the buffer's reader index and {@code end}.
   *
   * @param in holds the whole packet
   */
  PacketReader(ByteBuf in, int end, PacketBounds bounds) {
    this.in = in;
    this.end = end;
    this.bounds = bounds;
  }

  boolean atEnd() {
    return in.readerIndex() == end;
  }

  void skipRest() {
    in.readerIndex(end);
  }

  int oneByte() {
    need(1);
    return in.readUnsignedByte();
  }

  int twoBytes() {
    need(2);
    return in.readUnsignedShort();
  }

  int packetId() {
    int packetId = twoBytes();
    checkPacketId(packetId);
    return packetId;
  }

  static void checkPacketId(int packetId) {
    if (packetId == 0) {
      throw malformed("a packet identifier of 0"); // [MQTT-2.3.1-1]
    }
  }

  /** Reads a section of properties with the length before it. */
  PacketProperties properties(Property.Place place) {
    int at = in.readerIndex();
    int bytes = VariableInt.length(in, at, end);
    int length = VariableInt.value(in, at);
    in.skipBytes(bytes);
    need(length);
    int start = in.readerIndex();
    PropertyRules.check(in, start, start + length, place);
    in.skipBytes(length);
    return PacketProperties.copied(in, start, start + length);
  }

  /** Reads bytes with a length before them. */
  byte[] binary() {
    int length = twoBytes();
    need(length);
    var bytes = new byte[length];
    in.readBytes(bytes);
    return bytes;
  }

  String text() {
    return new String(utf8(), StandardCharsets.UTF_8);
  }

  byte[] topicName() {
    byte[] topic = utf8();
    bounds.checkTopic(topic.length);
    TopicRules.checkName(topic);
    return topic;
  }

  byte[] topicFilter() {
    byte[] filter = utf8();
    bounds.checkTopic(filter.length);
    TopicRules.checkFilter(filter);
    return filter;
  }

  private byte[] utf8() {
    byte[] text = binary();
    Utf8.check(in, in.readerIndex() - text.length, text.length);
    return text;
  }

  private void need(int bytes) {
    if (end - in.readerIndex() < bytes) {
      throw malformed("a field that is longer than its packet");
    }
  }
}
