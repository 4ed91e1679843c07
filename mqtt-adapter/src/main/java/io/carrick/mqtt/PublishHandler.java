package io.carrick.mqtt;

import io.carrick.AccessRefusedException;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Refusal;
import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.MalformedPacketException;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.PublishView;
import io.carrick.mqtt.codec.ReasonCode;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Messages from the client: publishes them and acknowledges when the broker has taken
 * responsibility (MAP-12). Confined to the connection's loop; made with the first PUBLISH or
 * PUBREL.
 */
final class PublishHandler {

  /** Whoever has more refused than that behind one that is not answered yet hears codes alone. */
  private static final int MOST_REASONS = 64;

  private final ActiveSession client;
  private final PublishView view = new PublishView();
  private final TopicCache topics = new TopicCache();
  private final PendingAcks pending = new PendingAcks();

  /** Why messages were refused that wait for their turn to be answered; null before the first. */
  private @Nullable Deque<String> reasons;

  /** Null before the first topic alias. */
  private @Nullable InboundAliases aliases;

  /** How many messages of QoS 2 that are not released an earlier connection has left, at most. */
  private int earlier;

  /** Whether the broker has said of the message under way that it does not take it. */
  private boolean refusing;

  PublishHandler(ActiveSession client) {
    this.client = client;
    this.earlier = client.session.receivedCount();
  }

  /** Returns where the parts of the next PUBLISH are put. */
  PublishView view() {
    return view;
  }

  void onPublish(PublishView publish) {
    PacketProperties properties = publish.properties();
    try {
      publishAsOne(publish, address(publish), properties);
    } catch (RefusedTopicException refused) {
      refuseAsOne(publish, String.valueOf(refused.getMessage()));
    }
  }

  private void publishAsOne(PublishView publish, RoutingKey key, PacketProperties properties) {
    if (publish.qos() == 2 && client.session.persistent()) {
      client.port.atomically(() -> publish(publish, key, properties));
    } else {
      publish(publish, key, properties);
    }
  }

  private RoutingKey address(PublishView publish) {
    return publish.hasTopicAlias() || publish.topicLength() == 0
        ? addressByAlias(publish)
        : topics.key(publish, client.server().space);
  }

  /** Returns what a number stands for, or a topic that is given one. */
  private RoutingKey addressByAlias(PublishView publish) {
    if (!publish.hasTopicAlias()) {
      throw new MalformedPacketException(
          ReasonCode.PROTOCOL_ERROR, "a PUBLISH with neither topic nor alias");
    }
    if (publish.topicLength() == 0) {
      return aliases().key(publish.topicAlias());
    }
    try {
      RoutingKey key = topics.key(publish, client.server().space);
      aliases().put(publish.topicAlias(), key);
      return key;
    } catch (RefusedTopicException refused) {
      aliases().refuse(publish.topicAlias(), refused); // it means that topic all the same
      throw refused;
    }
  }

  private void refuseAsOne(PublishView publish, String why) {
    if (publish.qos() == 2 && client.session.persistent()) {
      client.port.atomically(() -> refuse(publish, why));
    } else {
      refuse(publish, why);
    }
  }

  /** Refuses a message of which the broker does not hear (MAP-6, MAP-9). */
  private void refuse(PublishView publish, String why) {
    int qos = publish.qos();
    if (qos > 0) {
      if (!isNew(publish, qos)) {
        return;
      }
      pending.add(publish.packetId(), qos);
    }
    refused(publish.packetId(), qos, ReasonCode.TOPIC_NAME_INVALID, why);
  }

  private InboundAliases aliases() {
    InboundAliases known = aliases;
    if (known == null) {
      known = new InboundAliases(client.server().topicAliases);
      aliases = known;
    }
    return known;
  }

  private void publish(PublishView publish, RoutingKey key, PacketProperties properties) {
    int qos = publish.qos();
    int packetId = publish.packetId();
    if (qos > 0 && !isNew(publish, qos)) {
      return;
    }
    Message message =
        Message.published(
            client.server().space.exchange(),
            key,
            MqttProperties.of(qos, publish.retain(), properties),
            publish.payload(),
            client.port.identity(),
            client.connection().loop().wallTimeMs());
    try {
      if (qos == 0) {
        client.port.publish(asking(publish, message));
      } else {
        refusing = false;
        pending.add(packetId, qos);
        client.port.publishConfirmed(asking(publish, message));
        if (refusing) {
          // Now, in the record set of the message: there may be nobody left when the answer comes.
          forget(packetId, qos);
        }
      }
    } catch (BrokerException refused) {
      refused(packetId, qos, code(refused, key), String.valueOf(refused.getMessage()));
    }
  }

  // MAP-18
  private static Message asking(PublishView publish, Message message) {
    return publish.asksForReceipt() ? Receipts.asked(message) : message;
  }

  /** A message that is refused before it has got anywhere [MQTT-3.3.5-2] (MAP-7). */
  private void refused(int packetId, int qos, int code, String why) {
    if (qos == 0) {
      client.owner.close(code, why);
      return;
    }
    forget(packetId, qos);
    pending.refuse(code);
    if (client.owner.answersRefusals()) {
      boolean told = reasons().size() < MOST_REASONS && code != ReasonCode.UNSPECIFIED;
      reasons().add(told ? why : "");
      answerRefused();
    } else {
      client.owner.close(code, why);
    }
  }

  private Deque<String> reasons() {
    Deque<String> known = reasons;
    if (known == null) {
      known = new ArrayDeque<>(1);
      reasons = known;
    }
    return known;
  }

  private int code(BrokerException refused, RoutingKey key) {
    if (refused instanceof PublishRejectedException full && full.refusal() == Refusal.LIMIT) {
      return ReasonCode.QUOTA_EXCEEDED;
    } else if (!(refused instanceof AccessRefusedException)) {
      return ReasonCode.IMPLEMENTATION_SPECIFIC;
    }
    boolean nobodyMay = ReservedTopics.forPublishing(key) && !ReservedTopics.forReplies(key);
    return nobodyMay ? ReasonCode.TOPIC_NAME_INVALID : notAllowed();
  }

  /** Tells a message from its repetition, which gets the answer of the first (MAP-17). */
  private boolean isNew(PublishView publish, int qos) {
    int packetId = publish.packetId();
    if (qos == 1) {
      return (!publish.dup() || !pending.has(packetId)) && !tooMany(1);
    }
    Exchanges exchanges = client.session.exchanges();
    if (exchanges.receive(packetId, client.port)) {
      boolean refused = tooMany(0);
      if (refused) {
        exchanges.complete(packetId, client.port);
      }
      return !refused;
    }
    if (!pending.has(packetId)) {
      client.acknowledge(PacketType.PUBREC, packetId, exchanges.storedUpTo()); // [MQTT-4.3.3-2]
    }
    return false;
  }

  /**
   * Ends the connection if more is under way than the client was told that it may send
   * [MQTT-3.3.4-7] [MQTT-3.3.4-8]. What an earlier connection has left does not count (MQTT 5
   * §4.9). A client of MQTT 3 is told nothing, and may use each identifier.
   *
   * @param more what is not noted yet
   */
  private boolean tooMany(int more) {
    if (!client.owner.answersRefusals()) {
      return false;
    }
    int notReleased = client.session.receivedCount() - earlier - pending.exactlyOnce();
    int underWay = pending.size() + Math.max(0, notReleased) + more;
    boolean refused = underWay > client.server().limits.value(Limit.RECEIVE_MAXIMUM);
    if (refused) {
      client.owner.close(
          ReasonCode.RECEIVE_MAXIMUM_EXCEEDED, "more messages under way than it may send");
    }
    return refused;
  }

  /** The broker has taken responsibility for the next {@code count} confirmed messages. */
  void accepted(long count) {
    for (long i = 0; i < count; i++) {
      answer(pending.next(), "");
      answerRefused();
    }
  }

  /** Answers what was refused at once and has waited for those before it. */
  private void answerRefused() {
    while (pending.nextIsFinal()) {
      answer(pending.next(), reasons().remove());
    }
  }

  private void answer(int element, String why) {
    client
        .owner
        .writer()
        .ack(
            PendingAcks.qos(element) == 1 ? PacketType.PUBACK : PacketType.PUBREC,
            PendingAcks.packetId(element),
            PendingAcks.code(element),
            why);
  }

  /** Returns whether no message is without its answer. */
  boolean answered() {
    return pending.isEmpty();
  }

  /** No queue has matched the message under way. */
  void unroutable() {
    pending.answer(ReasonCode.NO_MATCHING_SUBSCRIBERS); // MAP-13
  }

  /** The broker does not take the message under way. */
  void refusing() {
    refusing = true;
  }

  /** The broker has not taken the next {@code count} confirmed messages: they may come again. */
  void refused(long count, Refusal reason) {
    for (long i = 0; i < count; i++) {
      int next = pending.next();
      int packetId = PendingAcks.packetId(next);
      int qos = PendingAcks.qos(next);
      forget(packetId, qos);
      PacketType answer = qos == 1 ? PacketType.PUBACK : PacketType.PUBREC;
      if (client.owner.answersRefusals()) {
        client.owner.writer().ack(answer, packetId, code(reason), text(reason)); // MAP-14
        answerRefused();
      } else if (refusals().acknowledges(reason)) {
        client.acknowledge(answer, packetId, ReasonCode.SUCCESS);
      }
    }
  }

  private int code(Refusal reason) {
    return switch (reason) {
      case LIMIT, MEMORY, DISK -> ReasonCode.QUOTA_EXCEEDED;
      case NOT_AUTHORIZED -> notAllowed();
      case INTERCEPTED, STORE -> ReasonCode.IMPLEMENTATION_SPECIFIC;
    };
  }

  private static String text(Refusal reason) {
    return switch (reason) {
      case LIMIT -> "a queue that it is for is full";
      case MEMORY -> "the broker is short of memory";
      case DISK -> "the broker is short of disk space";
      case NOT_AUTHORIZED -> "not permitted";
      case INTERCEPTED -> "refused by an interceptor";
      case STORE -> "the store takes no messages";
    };
  }

  private Refusals refusals() {
    return client.server().space.options().refusals();
  }

  private int notAllowed() {
    return refusals().notAllowed();
  }

  private void forget(int packetId, int qos) {
    if (qos == 2) {
      client.session.exchanges().complete(packetId, client.port);
    }
  }

  void onPubRel(int packetId) {
    // Success for an unknown one, too: it may have been released before (MQTT 5 §4.3.3).
    client.acknowledge(
        PacketType.PUBCOMP, packetId, client.session.exchanges().complete(packetId, client.port));
    earlier = Math.min(earlier, client.session.receivedCount());
  }
}
