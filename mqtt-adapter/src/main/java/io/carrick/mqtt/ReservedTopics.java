package io.carrick.mqtt;

import io.carrick.HeaderNames;
import io.carrick.RoutingKey;

/** Topics and filters whose first level has a meaning of its own. Stateless. */
final class ReservedTopics {

  private static final RoutingKey SYSTEM = RoutingKey.ofTopic("$SYS");
  private static final RoutingKey SHARED = RoutingKey.ofTopic("$share");
  private static final RoutingKey REPLY = RoutingKey.ofTopic(HeaderNames.REPLY_TOPICS);
  private static final RoutingKey QUEUE = RoutingKey.ofTopic("$queue");

  /** Where bridges say whether they are connected, by their name and {@code state}. */
  private static final RoutingKey BRIDGES = RoutingKey.ofTopic("$SYS/broker/connection");

  private ReservedTopics() {}

  /**
   * Returns whether clients of any protocol may not publish there: where the broker itself speaks,
   * but for what bridges say, where nobody does, and, but for {@link Replies}, where replies go to
   * queues (MAP-7, MAP-19).
   */
  static boolean forPublishing(RoutingKey topic) {
    return startsWith(topic, SHARED)
        || (startsWith(topic, SYSTEM) && !isBridges(topic))
        || forReplies(topic);
  }

  /** Returns whether a topic stands for a queue that replies go to (MAP-19). */
  static boolean forReplies(RoutingKey topic) {
    return startsWith(topic, REPLY);
  }

  private static boolean isBridges(RoutingKey topic) {
    return topic.levels() > BRIDGES.levels() + 1 && startsWith(topic, BRIDGES);
  }

  /**
   * Returns whether a filter asks for something that is not there yet (MAP-8, MAP-38), or that
   * nobody gets but who consumes a queue (MAP-19): to take it for the filter of a topic would be a
   * subscription that never gets anything.
   */
  static boolean forSubscribing(RoutingKey filter) {
    return startsWith(filter, SHARED) || startsWith(filter, QUEUE) || startsWith(filter, REPLY);
  }

  private static boolean startsWith(RoutingKey key, RoutingKey start) {
    if (!key.dollar() || key.levels() < start.levels()) {
      return false;
    }
    for (int i = 0; i < start.levels(); i++) {
      if (!key.sameLevel(i, start, i)) {
        return false;
      }
    }
    return true;
  }
}
