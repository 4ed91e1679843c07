package io.carrick.mqtt;

import io.carrick.QueueOptions;

/**
 * Where MQTT's topics and sessions live. Immutable.
 *
 * @param virtualHost of sessions and messages
 * @param exchange the topic exchange that is published to and subscribed from
 * @param topics how topics are spelled there
 * @param sessions what the queues of sessions keep
 */
record MqttSpace(String virtualHost, String exchange, TopicProfile topics, QueueOptions sessions) {

  /** What is there unless it is said otherwise. */
  static final MqttSpace DEFAULT =
      new MqttSpace("/", "amq.topic", TopicProfile.LOSSLESS, QueueOptions.none());

  /** Returns the same in another virtual host. */
  MqttSpace in(String name) {
    return new MqttSpace(name, exchange, topics, sessions);
  }
}
