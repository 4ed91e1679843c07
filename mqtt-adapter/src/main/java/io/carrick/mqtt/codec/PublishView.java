package io.carrick.mqtt.codec;

import io.netty.buffer.ByteBuf;

/**
 * A PUBLISH that lies in the receive buffer: where its parts are. Reused from packet to packet, so
 * valid during the call only. Confined to one connection.
 */
public final class PublishView {

  private ByteBuf buffer = io.netty.buffer.Unpooled.EMPTY_BUFFER;
  private int flags;
  private int topicStart;
  private int topicLength;
  private int packetId;
  private int propertiesStart;
  private int propertiesLength;
  private int aliasAt = PropertyRules.NO_ALIAS;
  private boolean asksForReceipt;
  private int payloadStart;
  private int payloadLength;

  void locate(ByteBuf in, int headerFlags, int id) {
    buffer = in;
    flags = headerFlags;
    packetId = id;
    propertiesLength = 0;
    aliasAt = PropertyRules.NO_ALIAS;
    asksForReceipt = false;
  }

  void locateTopic(int at, int bytes) {
    topicStart = at;
    topicLength = bytes;
  }

  /**
   * Says where properties stand; a PUBLISH of MQTT 3 has none.
   *
   * @param alias where the value of the topic alias stands among them, {@link
   *     PropertyRules#NO_ALIAS} without one
   * @param receipt whether a user property asks for a receipt
   */
  void locateProperties(int at, int bytes, int alias, boolean receipt) {
    propertiesStart = at;
    propertiesLength = bytes;
    aliasAt = alias;
    asksForReceipt = receipt;
  }

  void locatePayload(int at, int bytes) {
    payloadStart = at;
    payloadLength = bytes;
  }

  /** Returns whether the client says that it may have sent it before. */
  public boolean dup() {
    return (flags & 0x08) != 0;
  }

  /** Returns the QoS, 0 to 2. */
  public int qos() {
    return (flags >> 1) & 0x03;
  }

  /** Returns whether it becomes the topic's last value. */
  public boolean retain() {
    return (flags & 0x01) != 0;
  }

  /** Returns the packet identifier, 0 for QoS 0. */
  public int packetId() {
    return packetId;
  }

  /** Returns whether a number stands for the topic, or is given to it. */
  public boolean hasTopicAlias() {
    return aliasAt != PropertyRules.NO_ALIAS;
  }

  /** Returns that number. */
  public int topicAlias() {
    return buffer.getUnsignedShort(aliasAt);
  }

  /** Returns whether a user property asks for a receipt. */
  public boolean asksForReceipt() {
    return asksForReceipt;
  }

  /** Returns a copy of the properties, as they arrived but for the topic alias. */
  public PacketProperties properties() {
    int end = propertiesStart + propertiesLength;
    return aliasAt == PropertyRules.NO_ALIAS
        ? PacketProperties.copied(buffer, propertiesStart, end)
        : PacketProperties.copiedAround(buffer, propertiesStart, aliasAt - 1, end);
  }

  /** Returns the number of bytes of the topic; 0 if an alias stands for it. */
  public int topicLength() {
    return topicLength;
  }

  /** Returns the number of bytes of the payload. */
  public int payloadLength() {
    return payloadLength;
  }

  /** Returns a hash of the topic's bytes. */
  public int topicHash() {
    int hash = topicLength;
    int i = topicStart;
    int end = topicStart + topicLength;
    for (; i + 4 <= end; i += 4) {
      hash = hash * 31 + buffer.getInt(i) * 0x9E3779B1;
    }
    for (; i < end; i++) {
      hash = hash * 31 + buffer.getByte(i);
    }
    return hash ^ (hash >>> 15);
  }

  /** Returns whether the topic has just these bytes. */
  public boolean topicIs(byte[] topic) {
    if (topic.length != topicLength) {
      return false;
    }
    for (int i = 0; i < topicLength; i++) {
      if (buffer.getByte(topicStart + i) != topic[i]) {
        return false;
      }
    }
    return true;
  }

  /** Returns a copy of the topic's bytes. */
  public byte[] topic() {
    var topic = new byte[topicLength];
    buffer.getBytes(topicStart, topic);
    return topic;
  }

  /** Returns a copy of the payload. */
  public byte[] payload() {
    var payload = new byte[payloadLength];
    buffer.getBytes(payloadStart, payload);
    return payload;
  }
}
