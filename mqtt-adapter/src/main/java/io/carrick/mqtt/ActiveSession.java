package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.Message;
import io.carrick.mqtt.codec.MalformedPacketException;
import io.carrick.mqtt.codec.MqttEncoder;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import io.carrick.transport.Connection;
import io.carrick.transport.OutputBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A client that was let in, with its session: messages to it, from PUBLISH to the last
 * acknowledgement, and what the handlers of its packets share. Confined to the connection's loop.
 */
final class ActiveSession implements ConnectionStage, DeliverySink {

  /** Nothing waits until the queue has heard of the window. */
  private static final Completion<Done> NOTHING =
      new Completion<>() {
        @Override
        public void completed(Done done) {}

        @Override
        public void failed(BrokerException reason) {
          throw new IllegalStateException("a consumer cannot be kept from a window", reason);
        }
      };

  final MqttConnection owner;
  final Attachment port;
  final Session session;

  /** From CONNACK on. */
  private @Nullable Consumption consumption;

  /** Messages from the client; null before the first. */
  private @Nullable PublishHandler publishes;

  /** Retained messages that new subscriptions still have to get; null while there are none. */
  private @Nullable RetainedReplay replay;

  /**
   * Bounds what is under way to the client together: what it has not acknowledged, and identifiers
   * between PUBREC and PUBCOMP, which are no deliveries of the queue any more. Null before the
   * first of those: until then the queue's prefetch is that bound.
   */
  private @Nullable CreditWindow window;

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

  private CreditWindow window() {
    CreditWindow w = window;
    if (w == null) {
      w = port.openWindow(server().inflightMessages);
      window = w;
      consuming().drawOn(w, NOTHING);
    }
    return w;
  }

  /** CONNACK is written: what an earlier connection left goes first [MQTT-4.4.0-1]. */
  void start(Consumption started) {
    consumption = started;
    int[] released = session.released();
    if (released.length > 0) {
      window().hold(released.length);
    }
    if (server().firstMessages < server().inflightMessages) {
      started.prefetch(server().inflightMessages);
    }
    for (int packetId : released) {
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
      settle(deliveryId, Settlement.UNDELIVERABLE);
    } else if (deliveryId == NO_ID) {
      sendAtMostOnce(message, how);
    } else {
      sendAcknowledged(deliveryId, message, how, redelivered);
    }
  }

  private void sendAtMostOnce(Message message, DeliveryTag how) {
    if (connection().pendingBytes() > server().outputBytes) {
      server().slowConsumer.add();
    } else {
      write(message, 0, how.retain(), false, 0);
    }
  }

  /** Sends a message under its identifier. */
  private void sendAcknowledged(
      long deliveryId, Message message, DeliveryTag how, boolean redelivered) {
    Exchanges exchanges = session.exchanges();
    int old = exchanges.sentBefore(deliveryId, redelivered);
    int packetId = old == 0 ? exchanges.inflight().assign(deliveryId, how.qos()) : old;
    boolean dup = redelivered && (old != 0 || exchanges.restored()); // [MQTT-3.3.1-1]
    long sequence = how.qos() == 2 && old == 0 ? exchanges.sent(packetId, deliveryId, port) : 0;
    if (sequence == 0) {
      write(message, how.qos(), how.retain(), dup, packetId);
    } else {
      port.whenDurable(sequence, () -> write(message, how.qos(), how.retain(), dup, packetId));
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
    window().hold(1);
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
            if (session.exchanges().completed(packetId, port)) {
              window().release(1);
            }
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
