package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;
import io.carrick.transport.OutputBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Messages to the client, from PUBLISH to the last acknowledgement. Confined to the connection's
 * loop.
 */
final class DeliveryHandler implements DeliverySink {

  private final ClientState client;
  private @Nullable Consumption consumption;

  /** Deliveries that wait for an identifier; null while there are none. */
  private @Nullable ArrayDeque<Waiting> waiting;

  private boolean outputTakes = true;

  /** A delivery without an identifier. Immutable. */
  private record Waiting(long deliveryId, Message message, DeliveryTag how, boolean redelivered) {}

  DeliveryHandler(ClientState client) {
    this.client = client;
  }

  /** CONNACK is written: what an earlier connection left goes first [MQTT-4.4.0-1]. */
  void start(Consumption started) {
    consumption = started;
    for (int packetId : client.session.inflight().released()) {
      client.acknowledge(PacketType.PUBREL, packetId);
    }
  }

  // ---- from the queue

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    if (client.owner.ended()) {
      return;
    }
    DeliveryTag how = tag instanceof DeliveryTag known ? known : DeliveryTag.of(message);
    if (client.session.hasTakenOver(deliveryId)) {
      settle(deliveryId, Settlement.ACCEPT);
    } else if (!client.server.space.topics().spells(message.routingKey())) {
      client.server.illegalTopic.add(); // MAP-2, MAP-4
      settle(deliveryId, Settlement.REJECT);
    } else if (deliveryId == NO_ID) {
      sendAtMostOnce(message, how);
    } else if (waiting != null || !sendAcknowledged(deliveryId, message, how, redelivered)) {
      await(new Waiting(deliveryId, message, how, redelivered));
    }
  }

  private void sendAtMostOnce(Message message, DeliveryTag how) {
    if (client.connection.output().pendingBytes() > client.server.outputBytes) {
      client.server.slowConsumer.add();
    } else {
      write(message, 0, how.retain(), false, 0);
    }
  }

  /** Sends a message under its identifier; returns whether there was one left. */
  private boolean sendAcknowledged(
      long deliveryId, Message message, DeliveryTag how, boolean redelivered) {
    Session session = client.session;
    int old = session.sentBefore(deliveryId, redelivered);
    if (old == 0 && session.inflight().size() >= client.server.inflightMessages) {
      return false;
    }
    int packetId = old == 0 ? session.inflight().assign(deliveryId, how.qos()) : old;
    boolean dup = redelivered && (old != 0 || session.restored()); // [MQTT-3.3.1-1]
    long sequence =
        how.qos() == 2 && old == 0 ? session.sent(packetId, deliveryId, client.port) : 0;
    if (sequence == 0) {
      write(message, how.qos(), how.retain(), dup, packetId);
    } else {
      client.port.whenDurable(
          sequence, () -> write(message, how.qos(), how.retain(), dup, packetId));
    }
    return true;
  }

  /** The client has not completed enough of what it has: the queue's prefetch bounds the rest. */
  private void await(Waiting delivery) {
    ArrayDeque<Waiting> deliveries = waiting;
    if (deliveries == null) {
      deliveries = new ArrayDeque<>();
      waiting = deliveries;
    }
    deliveries.add(delivery);
  }

  private void sendWaiting() {
    ArrayDeque<Waiting> deliveries = waiting;
    while (deliveries != null) {
      Waiting first = deliveries.peek();
      if (first == null) {
        waiting = null;
        return;
      }
      if (!sendAcknowledged(first.deliveryId, first.message, first.how, first.redelivered)) {
        return;
      }
      deliveries.remove();
    }
  }

  private void write(Message message, int qos, boolean retain, boolean dup, int packetId) {
    byte[] topic = client.server.space.topics().topic(message.routingKey());
    byte[] payload = message.payload();
    OutputBuffer output = client.connection.output();
    MqttEncoder.publishHeader(
        output.reserve(MqttEncoder.publishHeaderBytes(topic)),
        topic,
        qos,
        retain,
        dup,
        packetId,
        payload.length);
    output.payload(payload, 0, payload.length);
  }

  @Override
  public void ended(End why) {
    client.owner.close("another connection of the client has taken over"); // [MQTT-3.1.4-2]
  }

  // ---- from the client

  void onPubAck(int packetId) {
    long deliveryId = client.session.inflight().acknowledge(packetId);
    if (deliveryId != InflightWindow.UNKNOWN) {
      settle(deliveryId, Settlement.ACCEPT);
      sendWaiting();
    }
  }

  void onPubRec(int packetId) {
    long deliveryId = client.session.inflight().release(packetId);
    if (deliveryId == InflightWindow.UNKNOWN) {
      client.acknowledge(PacketType.PUBREL, packetId, client.session.storedUpTo());
      return;
    }
    // The message is the client's from here on (MAP-11).
    long sequence = client.session.released(packetId, deliveryId, client.port);
    settle(deliveryId, Settlement.ACCEPT);
    client.acknowledge(PacketType.PUBREL, packetId, sequence);
  }

  void onPubComp(int packetId) {
    Consumption c = consumption;
    if (c != null) {
      // The record that the message is the client's goes behind what the queue has stored of it.
      c.afterSettlements(
          () -> {
            client.session.completed(packetId, client.port);
            sendWaiting();
          });
    }
  }

  // ---- from both

  /** Sends a retained message to a new subscription. */
  void retained(Message message, int qos) {
    DeliveryTag how = DeliveryTag.retained(qos);
    Consumption c = consumption;
    if (qos == 0) {
      deliver(NO_ID, message, how, false);
    } else if (c != null) {
      c.offer(message, how);
    }
  }

  /** Returns whether the client takes bytes; {@link #onWritable} tells of a change. */
  boolean outputTakes() {
    return outputTakes;
  }

  void onWritable(boolean writable) {
    Consumption c = consumption;
    if (outputTakes != writable && c != null) {
      outputTakes = writable;
      c.writable(writable);
    }
  }

  private void settle(long deliveryId, Settlement how) {
    Consumption c = consumption;
    if (c != null && deliveryId != NO_ID) {
      c.settle(deliveryId, how);
    }
  }
}
