package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.Rejection;
import io.carrick.mqtt.codec.MalformedPacketException;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.ReasonCode;
import io.carrick.spi.Attachment;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Consumption;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Membership;
import io.carrick.spi.Settlement;
import io.carrick.transport.Connection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client that was let in, with its session: messages to it, from PUBLISH to the last
 * acknowledgement, and what the handlers of its packets share. Confined to the connection's loop.
 */
final class ActiveSession implements ConnectionStage, DeliverySink {

  final MqttConnection owner;
  final Attachment port;
  final Session session;
  private final ConnectOptions options;

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

  /** Queues that it consumes beside its own; null before the first. */
  private @Nullable JoinedQueues joined;

  ActiveSession(MqttConnection owner, Attachment port, Session session, ConnectOptions options) {
    this.owner = owner;
    this.port = port;
    this.session = session;
    this.options = options;
  }

  /** Asks for the session's queue: what comes at first leaves room for what is under way. */
  ConsumeRequest consumeRequest(String queue) {
    int first = Math.min(server().firstMessages, inflightMessages());
    var request = new ConsumeRequest(queue, false, Mode.LEASE, first, 0);
    int released = session.released().length;
    if (released == 0) {
      return request;
    }
    CreditWindow w = port.openWindow(inflightMessages());
    w.hold(released);
    window = w;
    return request.within(w);
  }

  /** Returns how many messages may be under way to the client [MQTT-3.3.4-9]. */
  int inflightMessages() {
    return Math.min(server().inflightMessages, options.receiveMaximum());
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

  JoinedQueues joined() {
    JoinedQueues j = joined;
    if (j == null) {
      j = new JoinedQueues(this);
      joined = j;
    }
    return j;
  }

  /** Returns whether there are other queues than the session's own, or have been. */
  boolean hasJoined() {
    return joined != null;
  }

  CreditWindow window() {
    CreditWindow w = window;
    if (w == null) {
      w = port.openWindow(inflightMessages());
      window = w;
      consuming().drawOn(w, new Unheard<>("a window"));
    }
    return w;
  }

  /** CONNACK is written: what an earlier connection left goes first [MQTT-4.4.0-1]. */
  void start(Consumption started) {
    consumption = started;
    session.begin(server().sessionsInOrder);
    if (server().firstMessages < inflightMessages()) {
      started.prefetch(inflightMessages());
    }
    for (int packetId : session.released()) {
      acknowledge(PacketType.PUBREL, packetId, ReasonCode.SUCCESS);
    }
    List<Membership> memberships = port.memberships(Session.queueOf(session.name()));
    session.lost(memberships).forEach(this::cannotComeAgain);
    if (!memberships.isEmpty()) {
      joined().resume(memberships);
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
    } else if (!owner.fits(message, how)) {
      server().packetTooLarge.add(); // [MQTT-3.1.2-24] [MQTT-3.1.2-25]
      notSentAgain(deliveryId, redelivered);
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
      owner.publish(message, how, false, 0);
    }
  }

  /** Sends a message under its identifier. */
  private void sendAcknowledged(
      long deliveryId, Message message, DeliveryTag how, boolean redelivered) {
    Exchanges exchanges = session.exchanges();
    int old = exchanges.sentBefore(deliveryId, redelivered);
    if (old != 0) {
      // As the first time, though subscriptions may be others since a restart.
      DeliveryTag again = how.at(exchanges.inflight().qos(old));
      owner.writer().publish(message, again, true, old); // [MQTT-3.3.1-1]
      return;
    }
    if (!redelivered && exchanges.inflight().hasEarlier() && !JoinedDeliveries.isKey(deliveryId)) {
      finishEarlier(exchanges.inflight());
    }
    int packetId = exchanges.inflight().assign(deliveryId, how.qos());
    boolean dup = redelivered && exchanges.restored();
    long sequence = how.qos() == 2 ? exchanges.sent(packetId, deliveryId, port) : 0;
    if (sequence == 0) {
      owner.publish(message, how, dup, packetId);
    } else {
      port.whenDurable(sequence, () -> owner.publish(message, how, dup, packetId));
    }
  }

  /**
   * A message that cannot be sent may have been, when the client took longer packets: it is as if
   * it had been sent to the end (MQTT 5 §3.1.2.11.4), for the client may know its identifier.
   */
  private void notSentAgain(long deliveryId, boolean redelivered) {
    int packetId =
        deliveryId == NO_ID ? 0 : session.exchanges().sentBefore(deliveryId, redelivered);
    if (packetId != 0) {
      notSentAgain(packetId, session.exchanges().inflight());
    }
  }

  private void notSentAgain(int packetId, InflightWindow inflight) {
    if (inflight.acknowledge(packetId) == InflightWindow.WRONG) {
      release(packetId, inflight.release(packetId));
    }
  }

  /**
   * Something new comes from the session's queue, so what was sent on earlier connections and has
   * not come again is in it no more: it was purged, say. Its identifiers do not stay in use.
   */
  private void finishEarlier(InflightWindow inflight) {
    for (int packetId : inflight.takeEarlier()) {
      notSentAgain(packetId, inflight);
    }
  }

  /**
   * What the client was given with QoS 2 has gone with its queue: its identifier must come to its
   * end all the same, as if the client had taken the message over.
   */
  private void cannotComeAgain(long deliveryId) {
    InflightWindow inflight = session.exchanges().inflight();
    int packetId = inflight.find(deliveryId);
    if (packetId != 0) {
      inflight.release(packetId);
      release(packetId, deliveryId);
    }
    session.exchanges().joined().forget(deliveryId);
  }

  /** An exchange of QoS 2 goes on with PUBREL, and keeps its place among what is under way. */
  private void release(int packetId, long deliveryId) {
    long sequence = session.exchanges().released(packetId, deliveryId, port);
    window().hold(1);
    if (JoinedDeliveries.isKey(deliveryId)) {
      joined().released(packetId, deliveryId);
    }
    acknowledge(PacketType.PUBREL, packetId, sequence);
  }

  /** Returns whether the client has asked for a session that outlives this connection. */
  boolean asksToLast() {
    return options.persistent();
  }

  @Override
  public void ended(End why) {
    owner.sessionLost(why);
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
    release(packetId, deliveryId);
    settle(deliveryId, Settlement.ACCEPT);
  }

  /**
   * The client does not want a message (MAP-15). It does not take one of QoS 2 over, and there is
   * no PUBREL (MQTT 5 §4.3.3).
   *
   * @param type PUBACK or PUBREC
   */
  void onRejection(PacketType type, int packetId, Rejection said) {
    Exchanges exchanges = session.exchanges();
    long deliveryId =
        type == PacketType.PUBACK
            ? exchanges.inflight().acknowledge(packetId)
            : exchanges.inflight().reject(packetId);
    if (deliveryId == InflightWindow.WRONG) {
      throw wrongKind(type, packetId);
    }
    if (deliveryId != InflightWindow.UNKNOWN) {
      if (type == PacketType.PUBREC) {
        exchanges.rejected(packetId, port);
      }
      reject(deliveryId, said);
    }
  }

  private void reject(long deliveryId, Rejection said) {
    Consumption c = consumption;
    if (JoinedDeliveries.isKey(deliveryId)) {
      joined().reject(deliveryId, said);
    } else if (c != null) {
      c.reject(deliveryId, said);
    }
  }

  void onPubComp(int packetId) {
    if (session.exchanges().inflight().awaitsFirst(packetId)) {
      throw wrongKind(PacketType.PUBCOMP, packetId);
    }
    // The record that the message is the client's goes behind what the queue has stored of it.
    JoinedQueue by = joined == null ? null : joined.completed(packetId);
    if (by != null) {
      by.afterSettlements(() -> completed(packetId));
    } else {
      consuming().afterSettlements(() -> completed(packetId));
    }
  }

  private void completed(int packetId) {
    if (session.exchanges().completed(packetId, port)) {
      window().release(1);
    }
  }

  /**
   * An identifier that is not under way may be an old one; one that is, and for something else, is
   * a mistake that would keep the message in its place for ever. [MQTT-4.8.0-1] [MQTT-4.3.2-2]
   */
  private static MalformedPacketException wrongKind(PacketType type, int packetId) {
    return new MalformedPacketException(
        ReasonCode.PROTOCOL_ERROR,
        "a " + type + " that message " + packetId + " does not wait for");
  }

  // ---- from both

  /** Sends a retained message to a new subscription. */
  void retained(Message message, SubscriptionOptions subscription) {
    if (!subscription.wants(message)) {
      return;
    }
    int qos = Math.min(message.properties().guarantee().qos(), subscription.qos());
    DeliveryTag how = DeliveryTag.retained(qos, subscription.id());
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
    if (joined != null) {
      joined.writable(writable);
    }
    RetainedReplay r = replay;
    if (writable && r != null) {
      r.next();
    }
  }

  /** Writes PUBACK, PUBREC, PUBREL or PUBCOMP. */
  void acknowledge(PacketType type, int packetId, int reasonCode) {
    owner.writer().ack(type, packetId, reasonCode, "");
  }

  /** Writes one of them when the store has everything up to a sequence. */
  void acknowledge(PacketType type, int packetId, long sequence) {
    if (sequence == 0) {
      acknowledge(type, packetId, ReasonCode.SUCCESS);
    } else {
      port.whenDurable(sequence, () -> acknowledge(type, packetId, ReasonCode.SUCCESS));
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
    if (JoinedDeliveries.isKey(deliveryId)) {
      joined().settle(deliveryId, how);
    } else if (c != null && deliveryId != NO_ID) {
      c.settle(deliveryId, how);
    }
  }
}
