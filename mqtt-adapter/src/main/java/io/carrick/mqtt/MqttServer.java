package io.carrick.mqtt;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.QueueOptions;
import io.carrick.mqtt.codec.MqttDecoder;
import io.carrick.mqtt.codec.PacketBounds;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Counters.Counter;
import io.carrick.spi.Loop;
import io.carrick.spi.ReplyRights;
import io.carrick.spi.SessionEnd;
import java.util.HashMap;
import java.util.Map;

/** What the connections of one started adapter share in one virtual host. Thread-safe. */
final class MqttServer {

  /** As many as there are identifiers. */
  private static final int MOST_IN_FLIGHT = 0xFFFF;

  /** Some of them, so that all are not taken before those are counted that were there. */
  private static final int MOST_AT_FIRST = 0x3FFF;

  final AdapterContext context;
  final Limits limits;
  final MqttSpace space;
  final Sessions sessions = new Sessions();
  final PacketBounds bounds;
  final MqttDecoder decoder;
  final long outputBytes;
  final int inflightMessages;

  /** What may come before those are counted that an earlier connection has left: there is room. */
  final int firstMessages;

  /** Whether the queues of sessions give what comes again before anything new. */
  final boolean sessionsInOrder;

  /** How many topic aliases a connection may have, in each direction. */
  final int topicAliases;

  /** Lets clients answer requests that came by other protocols. */
  final ReplyRights replyRights;

  final ClientCounts clients = new ClientCounts();
  private final Map<Loop, Traffic> traffic = new HashMap<>();

  final Counter malformed;
  final Counter illegalTopic;
  final Counter slowConsumer;
  final Counter packetTooLarge;

  MqttServer(AdapterContext context, MqttSpace space) {
    this.context = context;
    this.limits = context.limits();
    this.space = space;
    this.bounds =
        PacketBounds.of(limits).publishes(space.options().maximumQos(), space.options().retain());
    this.decoder = new MqttDecoder(bounds);
    this.sessionsInOrder = !space.sessions().arguments().containsKey(QueueOptions.MAX_PRIORITY);
    this.topicAliases = limits.count(Limit.TOPIC_ALIASES);
    this.outputBytes = limits.value(Limit.OUTPUT_BYTES);
    this.inflightMessages = Math.min(limits.count(Limit.INFLIGHT_MESSAGES), MOST_IN_FLIGHT);
    this.firstMessages = Math.min(inflightMessages, MOST_AT_FIRST);
    this.malformed = context.counters().counter("packets.malformed{protocol=mqtt}");
    this.illegalTopic = context.counters().dropped("illegal-topic");
    this.slowConsumer = context.counters().dropped("slow-consumer");
    this.packetTooLarge = context.counters().dropped("packet-too-large");
    this.replyRights = Replies.rights(context, space.virtualHost(), space.mapping());
    context.loops().loops().forEach(loop -> traffic.put(loop, new Traffic()));
  }

  /** A session has ended. */
  void ended(String session, SessionEnd why) {
    sessions.remove(session);
    if (why == SessionEnd.EXPIRED) {
      clients.expired();
    }
  }

  /** Returns what is counted of the clients of one loop. */
  Traffic traffic(Loop loop) {
    Traffic found = traffic.get(loop);
    if (found == null) {
      throw new IllegalStateException("the loop is not one of the broker's");
    }
    return found;
  }

  /** Returns what is counted of all clients. */
  Traffic.Sums traffic() {
    var sums = new Traffic.Sums();
    traffic.values().forEach(part -> part.addTo(sums));
    return sums;
  }
}
