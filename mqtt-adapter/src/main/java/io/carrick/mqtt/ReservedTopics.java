package io.carrick.mqtt;

import io.carrick.RoutingKey;

/** Topics and filters whose first level has a meaning of its own. Stateless. */
final class ReservedTopics {

  private static final RoutingKey SYSTEM = RoutingKey.ofTopic("$SYS");
  private static final RoutingKey SHARED = RoutingKey.ofTopic("$share");
  private static final RoutingKey QUEUE = RoutingKey.ofTopic("$queue");

  /** Where bridges say whether they are connected, by their name and {@code state}. */
  private static final RoutingKey BRIDGES = RoutingKey.ofTopic("$SYS/broker/connection");

  private ReservedTopics() {}

  /**
   * Returns whether clients of any protocol may not publish there: where the broker itself speaks,
   * but for what bridges say, and where nobody does (MAP-7).
   */
  static boolean forPublishing(RoutingKey topic) {
    return startsWith(topic, SHARED) || (startsWith(topic, SYSTEM) && !isBridges(topic));
  }

  private static boolean isBridges(RoutingKey topic) {
    return topic.levels() > BRIDGES.levels() + 1 && startsWith(topic, BRIDGES);
  }

  /**
   * Returns whether a filter asks for something that is not there yet (MAP-8, MAP-38): to take it
   * for the filter of a topic would be a subscription that never gets anything.
   */
  static boolean forSubscribing(RoutingKey filter) {
    return startsWith(filter, SHARED) || startsWith(filter, QUEUE);
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
