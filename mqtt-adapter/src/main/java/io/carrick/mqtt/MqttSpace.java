package io.carrick.mqtt;

import io.carrick.QueueOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * Where MQTT's topics and sessions live. Immutable.
 *
 * @param virtualHost of sessions and messages
 * @param exchange the topic exchange that is published to and subscribed from
 * @param topics how topics are spelled there
 * @param sessions what the queues of sessions keep
 * @param options what clients get less of than MQTT has
 * @param systemInterval how often the broker tells of itself, if it does
 */
record MqttSpace(
    String virtualHost,
    String exchange,
    TopicProfile topics,
    QueueOptions sessions,
    MqttOptions options,
    Optional<Duration> systemInterval) {

  /** What is there unless it is said otherwise. */
  static final MqttSpace DEFAULT =
      new MqttSpace(
          "/",
          "amq.topic",
          TopicProfile.LOSSLESS,
          QueueOptions.none(),
          MqttOptions.DEFAULT,
          Optional.empty());

  /** Returns the same in another virtual host. */
  MqttSpace in(String name) {
    return new MqttSpace(name, exchange, topics, sessions, options, systemInterval);
  }

  MqttSpace exchange(String name) {
    return new MqttSpace(virtualHost, name, topics, sessions, options, systemInterval);
  }

  MqttSpace topics(TopicProfile profile) {
    return new MqttSpace(virtualHost, exchange, profile, sessions, options, systemInterval);
  }

  MqttSpace sessions(QueueOptions others) {
    return new MqttSpace(virtualHost, exchange, topics, others, options, systemInterval);
  }

  MqttSpace options(MqttOptions others) {
    return new MqttSpace(virtualHost, exchange, topics, sessions, others, systemInterval);
  }

  MqttSpace systemInterval(Duration interval) {
    return new MqttSpace(virtualHost, exchange, topics, sessions, options, Optional.of(interval));
  }
}
