package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.PublishView;
import io.carrick.mqtt.codec.TopicRules;
import io.carrick.spi.Attachment;
import io.carrick.transport.Connection;

/**
 * Messages from the client: publishes them and acknowledges when the broker has taken
 * responsibility (MAP-12). Confined to the connection's loop.
 */
final class PublishHandler {

  private final MqttServer server;
  private final MqttConnection owner;
  private final Connection connection;
  private final Attachment port;
  private final Session session;
  private final TopicCache topics = new TopicCache();
  private final PendingAcks pending = new PendingAcks();

  PublishHandler(
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
  }

  void onPublish(PublishView publish) {
    RoutingKey key = topics.key(publish);
    if (mayNot(key)) {
      owner.close("a topic that clients may not publish to"); // MAP-7
      return;
    }
    int qos = publish.qos();
    if (qos > 0 && !isNew(publish, qos)) {
      return;
    }
    Message message =
        Message.published(
            server.space.exchange(),
            key,
            MqttProperties.of(qos, publish.retain()),
            publish.payload(),
            port.identity());
    try {
      if (qos == 0) {
        port.publish(message);
      } else {
        port.publishConfirmed(message);
        pending.add(publish.packetId(), qos);
      }
    } catch (BrokerException refused) {
      owner.close(String.valueOf(refused.getMessage())); // [MQTT-3.3.5-2]
    }
  }

  private boolean mayNot(RoutingKey key) {
    return key.levels() > server.limits.value(Limit.TOPIC_LEVELS)
        || (key.dollar()
            && (TopicRules.startsWith(key.bytes(), "$SYS/")
                || TopicRules.startsWith(key.bytes(), "$share/")));
  }

  /** Tells a message from its repetition, which gets the answer of the first (MAP-17). */
  private boolean isNew(PublishView publish, int qos) {
    int packetId = publish.packetId();
    if (pending.has(packetId)) {
      return false;
    }
    if (qos == 1) {
      return true;
    }
    if (session.receivedCount() >= server.limits.value(Limit.RECEIVE_MAXIMUM)) {
      owner.close("too many QoS 2 messages that are not released");
      return false;
    }
    if (!session.receive(packetId, port.sessionTable(session.clientId()))) {
      acknowledge(PacketType.PUBREC, packetId); // [MQTT-4.3.3-2]
      return false;
    }
    return true;
  }

  /** The broker has taken responsibility for the next {@code count} confirmed messages. */
  void accepted(long count) {
    for (long i = 0; i < count; i++) {
      PendingAcks.Pending next = pending.next();
      acknowledge(next.qos() == 1 ? PacketType.PUBACK : PacketType.PUBREC, next.packetId());
    }
  }

  void onPubRel(int packetId) {
    long sequence = session.complete(packetId, port.sessionTable(session.clientId()));
    port.whenDurable(sequence, () -> acknowledge(PacketType.PUBCOMP, packetId));
  }

  private void acknowledge(PacketType type, int packetId) {
    MqttEncoder.ack(connection.output().reserve(MqttEncoder.ACK_BYTES), type, packetId);
  }
}
