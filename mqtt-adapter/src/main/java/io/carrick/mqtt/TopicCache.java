package io.carrick.mqtt;

import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.PublishView;
import org.jspecify.annotations.Nullable;

/**
 * The topics that a connection has published to lately: devices repeat them, and a known one costs
 * no allocation. Confined to the connection's loop; made with the first PUBLISH.
 */
final class TopicCache {

  private static final int SLOTS = 32;

  /** Longer ones are not kept: 32 of 65,535 bytes would be more than all else of a connection. */
  private static final int LONGEST = 1_024;

  private final @Nullable RoutingKey[] keys = new @Nullable RoutingKey[SLOTS];

  /** As they are published: some mappings spell one as the key of another. */
  private final byte[] @Nullable [] topics = new byte[SLOTS][];

  /**
   * Returns where a message goes.
   *
   * @throws RefusedTopicException if messages for that topic are refused
   */
  RoutingKey key(PublishView publish, MqttSpace space) {
    int slot = publish.topicHash() & (SLOTS - 1);
    RoutingKey known = keys[slot];
    byte[] knownTopic = topics[slot];
    if (known != null && knownTopic != null && publish.topicIs(knownTopic)) {
      return known;
    }
    byte[] topic = publish.topic();
    RoutingKey key = space.address(topic);
    if (topic.length <= LONGEST) {
      keys[slot] = key;
      topics[slot] = topic;
    }
    return key;
  }
}
