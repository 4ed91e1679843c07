package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.PublishView;

/**
 * Messages from the client: publishes them and acknowledges when the broker has taken
 * responsibility (MAP-12). Confined to the connection's loop; made with the first PUBLISH or
 * PUBREL.
 */
final class PublishHandler {

  private final ActiveSession client;
  private final PublishView view = new PublishView();
  private final TopicCache topics = new TopicCache();
  private final PendingAcks pending = new PendingAcks();

  /** Whether the broker has said of the message under way that it does not take it. */
  private boolean refusing;

  PublishHandler(ActiveSession client) {
    this.client = client;
  }

  /** Returns where the parts of the next PUBLISH are put. */
  PublishView view() {
    return view;
  }

  void onPublish(PublishView publish) {
    RoutingKey key = topics.key(publish, client.server().space.topics());
    if (publish.qos() == 2 && client.session.persistent()) {
      client.port.atomically(() -> publish(publish, key));
    } else {
      publish(publish, key);
    }
  }

  private void publish(PublishView publish, RoutingKey key) {
    int qos = publish.qos();
    if (qos > 0 && !isNew(publish, qos)) {
      return;
    }
    Message message =
        Message.published(
            client.server().space.exchange(),
            key,
            MqttProperties.of(qos, publish.retain()),
            publish.payload(),
            client.port.identity(),
            client.connection().loop().wallTimeMs());
    try {
      if (qos == 0) {
        client.port.publish(message);
      } else {
        refusing = false;
        pending.add(publish.packetId(), qos);
        client.port.publishConfirmed(message);
        if (refusing) {
          // Now, in the record set of the message: there may be nobody left when the answer comes.
          forget(publish.packetId(), qos);
        }
      }
    } catch (BrokerException refused) {
      if (qos > 0) {
        pending.dropLast();
      }
      forget(publish.packetId(), qos);
      client.owner.close(String.valueOf(refused.getMessage())); // [MQTT-3.3.5-2] MAP-7
    }
  }

  /** Tells a message from its repetition, which gets the answer of the first (MAP-17). */
  private boolean isNew(PublishView publish, int qos) {
    int packetId = publish.packetId();
    if (qos == 1) {
      return !publish.dup() || !pending.has(packetId);
    }
    Exchanges exchanges = client.session.exchanges();
    if (exchanges.receive(packetId, client.port)) {
      boolean tooMany =
          exchanges.receivedCount() > client.server().limits.value(Limit.RECEIVE_MAXIMUM);
      if (tooMany) {
        exchanges.complete(packetId, client.port);
        client.owner.close("too many QoS 2 messages that are not released");
      }
      return !tooMany;
    }
    if (!pending.has(packetId)) {
      client.acknowledge(PacketType.PUBREC, packetId, exchanges.storedUpTo()); // [MQTT-4.3.3-2]
    }
    return false;
  }

  /** The broker has taken responsibility for the next {@code count} confirmed messages. */
  void accepted(long count) {
    for (long i = 0; i < count; i++) {
      int next = pending.next();
      client.acknowledge(
          PendingAcks.qos(next) == 1 ? PacketType.PUBACK : PacketType.PUBREC,
          PendingAcks.packetId(next));
    }
  }

  /** Returns whether no confirmed message is without its answer. */
  boolean answered() {
    return pending.isEmpty();
  }

  /** The broker does not take the message under way. */
  void refusing() {
    refusing = true;
  }

  /** The broker has not taken the next {@code count} confirmed messages: they may come again. */
  void refused(long count) {
    for (long i = 0; i < count; i++) {
      int next = pending.next();
      forget(PendingAcks.packetId(next), PendingAcks.qos(next));
    }
  }

  private void forget(int packetId, int qos) {
    if (qos == 2) {
      client.session.exchanges().complete(packetId, client.port);
    }
  }

  void onPubRel(int packetId) {
    client.acknowledge(
        PacketType.PUBCOMP, packetId, client.session.exchanges().complete(packetId, client.port));
  }
}
