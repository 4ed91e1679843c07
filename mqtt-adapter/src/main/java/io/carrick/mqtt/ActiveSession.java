package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.mqtt.codec.MalformedPacketException;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.spi.Attachment;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;
import io.carrick.transport.Connection;
import io.carrick.transport.OutputBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A client that was let in, with its session: messages to it, from PUBLISH to the last
 * acknowledgement, and what the handlers of its packets share. Confined to the connection's loop.
 */
final class ActiveSession implements ConnectionStage, DeliverySink {

  final MqttConnection owner;
  final Attachment port;
  final Session session;

  /** From CONNACK on. */
  private @Nullable Consumption consumption;

  /** Messages from the client; null before the first. */
  private @Nullable PublishHandler publishes;

  /** Retained messages that new subscriptions still have to get; null while there are none. */
  private @Nullable RetainedReplay replay;

  /** Deliveries that wait for an identifier; null while there are none. */
  private @Nullable ArrayDeque<Unsent> waiting;

  /** A delivery without an identifier. Immutable. */
  private record Unsent(long deliveryId, Message message, DeliveryTag how, boolean redelivered) {}

  ActiveSession(MqttConnection owner, Attachment port, Session session) {
    this.owner = owner;
    this.port = port;
    this.session = session;
  }

  MqttServer server() {
    return owner.server;
  }

  Connection connection() {
    return owner.connection;
  }

  PublishHandler publishes() {
    PublishHandler p = publishes;
    if (p == null) {
      p = new PublishHandler(this);
      publishes = p;
    }
    return p;
  }

  private Consumption consuming() {
    Consumption c = consumption;
    if (c == null) {
      throw new IllegalStateException("packets wait until the queue is consumed");
    }
    return c;
  }

  /** CONNACK is written: what an earlier connection left goes first [MQTT-4.4.0-1]. */
  void start(Consumption started) {
    consumption = started;
    for (int packetId : session.released()) {
      acknowledge(PacketType.PUBREL, packetId);
    }
  }

  // ---- from the queue

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    if (owner.ended()) {
      return;
    }
    DeliveryTag how = tag instanceof DeliveryTag known ? known : DeliveryTag.of(message);
    if (deliveryId != NO_ID && session.exchanges().hasTakenOver(deliveryId)) {
      settle(deliveryId, Settlement.ACCEPT);
    } else if (!server().space.topics().spells(message.routingKey())) {
      server().illegalTopic.add(); // MAP-2, MAP-4
      settle(deliveryId, Settlement.REJECT);
    } else if (deliveryId == NO_ID) {
      sendAtMostOnce(message, how);
    } else if (waiting != null || !sendAcknowledged(deliveryId, message, how, redelivered)) {
      await(new Unsent(deliveryId, message, how, redelivered));
    }
  }

  private void sendAtMostOnce(Message message, DeliveryTag how) {
    if (connection().pendingBytes() > server().outputBytes) {
      server().slowConsumer.add();
    } else {
      write(message, 0, how.retain(), false, 0);
    }
  }

  /** Sends a message under its identifier; returns whether there was one left. */
  private boolean sendAcknowledged(
      long deliveryId, Message message, DeliveryTag how, boolean redelivered) {
    Exchanges exchanges = session.exchanges();
    InflightWindow inflight = exchanges.inflight();
    int old = exchanges.sentBefore(deliveryId, redelivered);
    if (old == 0 && inflight.size() >= server().inflightMessages) {
      return false;
    }
    int packetId = old == 0 ? inflight.assign(deliveryId, how.qos()) : old;
    boolean dup = redelivered && (old != 0 || exchanges.restored()); // [MQTT-3.3.1-1]
    long sequence = how.qos() == 2 && old == 0 ? exchanges.sent(packetId, deliveryId, port) : 0;
    if (sequence == 0) {
      write(message, how.qos(), how.retain(), dup, packetId);
    } else {
      port.whenDurable(sequence, () -> write(message, how.qos(), how.retain(), dup, packetId));
    }
    return true;
  }

  /** The client has not completed enough of what it has: the queue's prefetch bounds the rest. */
  private void await(Unsent delivery) {
    ArrayDeque<Unsent> deliveries = waiting;
    if (deliveries == null) {
      deliveries = new ArrayDeque<>();
      waiting = deliveries;
    }
    deliveries.add(delivery);
  }

  private void sendWaiting() {
    ArrayDeque<Unsent> deliveries = waiting;
    while (deliveries != null) {
      Unsent first = deliveries.peek();
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
    byte[] topic = server().space.topics().topic(message.routingKey());
    byte[] payload = message.payload();
    OutputBuffer output = connection().output();
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
    owner.close("another connection of the client has taken over"); // [MQTT-3.1.4-2]
  }

  // ---- from the client

  void onPubAck(int packetId) {
    long deliveryId = session.exchanges().inflight().acknowledge(packetId);
    if (deliveryId == InflightWindow.WRONG) {
      throw wrongKind(PacketType.PUBACK, packetId);
    }
    if (deliveryId != InflightWindow.UNKNOWN) {
      settle(deliveryId, Settlement.ACCEPT);
      sendWaiting();
    }
  }

  void onPubRec(int packetId) {
    long deliveryId = session.exchanges().inflight().release(packetId);
    if (deliveryId == InflightWindow.WRONG) {
      throw wrongKind(PacketType.PUBREC, packetId);
    }
    if (deliveryId == InflightWindow.UNKNOWN) {
      acknowledge(PacketType.PUBREL, packetId, session.exchanges().storedUpTo());
      return;
    }
    // The message is the client's from here on (MAP-11).
    long sequence = session.exchanges().released(packetId, deliveryId, port);
    settle(deliveryId, Settlement.ACCEPT);
    acknowledge(PacketType.PUBREL, packetId, sequence);
  }

  void onPubComp(int packetId) {
    if (session.exchanges().inflight().awaitsFirst(packetId)) {
      throw wrongKind(PacketType.PUBCOMP, packetId);
    }
    Consumption c = consumption;
    if (c != null) {
      // The record that the message is the client's goes behind what the queue has stored of it.
      c.afterSettlements(
          () -> {
            session.exchanges().completed(packetId, port);
            sendWaiting();
          });
    }
  }

  /**
   * An identifier that is not under way may be an old one; one that is, and for something else, is
   * a mistake that would keep the message in its place for ever. [MQTT-4.8.0-1] [MQTT-4.3.2-2]
   */
  private static MalformedPacketException wrongKind(PacketType type, int packetId) {
    return new MalformedPacketException(
        MalformedPacketException.PROTOCOL_ERROR,
        "a " + type + " that message " + packetId + " does not wait for");
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

  RetainedReplay replay() {
    RetainedReplay r = replay;
    if (r == null) {
      r = new RetainedReplay(this);
      replay = r;
    }
    return r;
  }

  /** Every retained message has been sent. */
  void replayed() {
    replay = null;
  }

  void onWritable(boolean writable) {
    consuming().writable(writable);
    RetainedReplay r = replay;
    if (writable && r != null) {
      r.next();
    }
  }

  /** Writes PUBACK, PUBREC, PUBREL or PUBCOMP. */
  void acknowledge(PacketType type, int packetId) {
    MqttEncoder.ack(connection().output().reserve(MqttEncoder.ACK_BYTES), type, packetId);
  }

  /** Writes one of them when the store has everything up to a sequence. */
  void acknowledge(PacketType type, int packetId, long sequence) {
    if (sequence == 0) {
      acknowledge(type, packetId);
    } else {
      port.whenDurable(sequence, () -> acknowledge(type, packetId));
    }
  }

  /**
   * Runs a task when every message from the client is acknowledged, and what waits for the store
   * besides; perhaps at once, not at all before {@link PublishHandler#accepted} has more to say.
   */
  void whenAnswered(Runnable task) {
    PublishHandler p = publishes;
    if (p == null || p.answered()) {
      port.whenDurable(session.storedUpTo(), task);
    }
  }

  private void settle(long deliveryId, Settlement how) {
    Consumption c = consumption;
    if (c != null && deliveryId != NO_ID) {
      c.settle(deliveryId, how);
    }
  }
}
