package io.carrick.mqtt;

import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.spi.Attachment;
import io.carrick.transport.Connection;

/**
 * A client with its session: what the handlers of its packets share. Confined to the connection's
 * loop.
 */
final class ClientState {

  final MqttServer server;
  final MqttConnection owner;
  final Connection connection;
  final Attachment port;
  final Session session;

  final PublishHandler publishes;
  final DeliveryHandler deliveries;
  final SubscribeHandler subscriptions;

  ClientState(
      MqttServer server,
      MqttConnection owner,
      Connection connection,
      Attachment port,
      Session session) {
    this.server = server;
    this.owner = owner;
    this.connection = connection;
    this.port = port;
    this.session = session;
    this.publishes = new PublishHandler(this);
    this.deliveries = new DeliveryHandler(this);
    this.subscriptions = new SubscribeHandler(this);
  }

  /** Writes PUBACK, PUBREC, PUBREL or PUBCOMP. */
  void acknowledge(PacketType type, int packetId) {
    MqttEncoder.ack(connection.output().reserve(MqttEncoder.ACK_BYTES), type, packetId);
  }

  /** Writes one of them when the store has everything up to a sequence. */
  void acknowledge(PacketType type, int packetId, long sequence) {
    if (sequence == 0) {
      acknowledge(type, packetId);
    } else {
      port.whenDurable(sequence, () -> acknowledge(type, packetId));
    }
  }
}
