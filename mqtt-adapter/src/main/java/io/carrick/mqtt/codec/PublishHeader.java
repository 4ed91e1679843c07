package io.carrick.mqtt.codec;

import io.netty.buffer.ByteBuf;

/**
 * A PUBLISH of MQTT 5 to a client, up to its payload: put together from what is there, and written
 * without anything in between. Reused; confined to one connection.
 */
public final class PublishHeader {

  /** What an alias takes among the properties; the lengths may take two more for that. */
  public static final int ALIAS_BYTES = 3;

  private static final int MAX_FIXED_HEADER = 5;
  private static final byte[] NO_TOPIC = {};
  private static final int[] NO_IDS = {};

  private int flags;
  private int packetId;
  private byte[] topic = NO_TOPIC;
  private int alias;
  private PacketProperties properties = PacketProperties.NONE;
  private int expiryAt = -1;
  private int expirySeconds;
  private int[] subscriptionIds = NO_IDS;

  /**
   * Starts anew.
   *
   * @param id the packet identifier, 0 for QoS 0
   */
  public PublishHeader begin(int qos, boolean retain, boolean dup, int id) {
    flags = (dup ? MqttEncoder.DUP : 0) | (qos << 1) | (retain ? 1 : 0);
    packetId = id;
    alias = 0;
    expiryAt = -1;
    subscriptionIds = NO_IDS;
    return this;
  }

  /** Sets the topic; the array is not kept longer than the packet takes. */
  public PublishHeader topic(byte[] name) {
    topic = name;
    return this;
  }

  /**
   * Gives the topic a number, or lets a number stand for it.
   *
   * @param known whether the client knows it already
   */
  public PublishHeader alias(int number, boolean known) {
    alias = number;
    if (known) {
      topic = NO_TOPIC;
    }
    return this;
  }

  /** Sets what is passed on as it arrived: no topic alias, no subscription identifier. */
  public PublishHeader properties(PacketProperties passed) {
    properties = passed;
    return this;
  }

  /**
   * Writes another expiry interval than arrived [MQTT-3.3.2-6].
   *
   * @param at where it stands in the properties
   */
  public PublishHeader expiry(int at, int seconds) {
    expiryAt = at;
    expirySeconds = seconds;
    return this;
  }

  /** Names the subscriptions that matched [MQTT-3.3.4-4]. */
  public PublishHeader subscriptions(int[] ids) {
    subscriptionIds = ids;
    return this;
  }

  private int propertyBytes() {
    int bytes = properties.bytes().length + (alias > 0 ? ALIAS_BYTES : 0);
    for (int id : subscriptionIds) {
      bytes += 1 + VariableInt.bytes(id);
    }
    return bytes;
  }

  /** Returns the remaining length with a payload. */
  private long length(int propertyBytes, int payload) {
    return 2L
        + topic.length
        + (packetId > 0 ? 2 : 0)
        + VariableInt.bytes(propertyBytes)
        + propertyBytes
        + payload;
  }

  /** Returns how many bytes the packet has with a payload. */
  public long packetBytes(int payload) {
    long length = length(propertyBytes(), payload);
    return 1 + VariableInt.bytes((int) Math.min(length, Integer.MAX_VALUE)) + length;
  }

  /** Returns the room for what {@link #write} writes. */
  public int room() {
    return MAX_FIXED_HEADER + (int) length(propertyBytes(), 0);
  }

  /** Writes it. */
  public void write(ByteBuf out, int payload) {
    int propertyBytes = propertyBytes();
    out.writeByte(PacketType.PUBLISH.firstByte(flags));
    VariableInt.write(out, (int) length(propertyBytes, payload));
    out.writeShort(topic.length);
    out.writeBytes(topic);
    if (packetId > 0) {
      out.writeShort(packetId);
    }
    VariableInt.write(out, propertyBytes);
    int start = out.writerIndex();
    out.writeBytes(properties.bytes());
    if (expiryAt >= 0) {
      out.setInt(start + expiryAt, expirySeconds);
    }
    for (int id : subscriptionIds) {
      out.writeByte(Property.SUBSCRIPTION_IDENTIFIER.identifier());
      VariableInt.write(out, id);
    }
    if (alias > 0) {
      out.writeByte(Property.TOPIC_ALIAS.identifier());
      out.writeShort(alias);
    }
  }
}
