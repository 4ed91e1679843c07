package io.carrick.mqtt;

/**
 * Where MQTT's topics live. Immutable.
 *
 * @param virtualHost of sessions and messages
 * @param exchange the topic exchange that is published to and subscribed from
 * @param topics how topics are spelled there
 */
record MqttSpace(String virtualHost, String exchange, TopicProfile topics) {

  /** Returns the same in another virtual host. */
  MqttSpace in(String name) {
    return new MqttSpace(name, exchange, topics);
  }
}
