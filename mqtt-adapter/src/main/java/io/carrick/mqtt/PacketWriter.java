package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.PacketType;

/**
 * Writes to a client what handlers tell it, in the words of its version. Confined to the
 * connection's loop.
 *
 * <p>Reason codes are MQTT 5's ({@link io.carrick.mqtt.codec.ReasonCode}); texts are for people,
 * empty for none. MQTT 3 has no room for either in most packets.
 */
sealed interface PacketWriter permits V3Writer, V5Writer {

  /**
   * The client is let in.
   *
   * @param properties of version 5
   */
  void connAck(boolean sessionPresent, PacketProperties properties);

  /** The client is not let in. */
  void refuse(int reasonCode, PacketProperties properties);

  /** Writes PUBACK, PUBREC, PUBREL or PUBCOMP. */
  void ack(PacketType type, int packetId, int reasonCode, String why);

  /** Answers SUBSCRIBE; returns whether the client takes an answer of that length. */
  boolean subAck(int packetId, byte[] codes, String why);

  /** Answers UNSUBSCRIBE; returns whether the client takes an answer of that length. */
  boolean unsubAck(int packetId, byte[] codes, String why);

  /** Says why the connection ends, where the version has a word for that. */
  void disconnect(int reasonCode, PacketProperties properties);

  /** Writes AUTH, which only version 5 has. */
  void auth(int reasonCode, PacketProperties properties);

  /** Returns whether the client takes a packet as long as a message would be. */
  boolean fits(Message message, DeliveryTag how);

  /**
   * Writes PUBLISH.
   *
   * @param packetId 0 for QoS 0
   */
  void publish(Message message, DeliveryTag how, boolean dup, int packetId);
}
