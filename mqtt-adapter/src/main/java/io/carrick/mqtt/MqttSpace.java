package io.carrick.mqtt;

import io.carrick.QueueOptions;

/**
 * Where MQTT's topics and sessions live. Immutable.
 *
 * @param virtualHost of sessions and messages
 * @param exchange the topic exchange that is published to and subscribed from
 * @param topics how topics are spelled there
 * @param sessions what the queues of sessions keep
 * @param options what clients get less of than MQTT has
 * @param information what they are told
 */
record MqttSpace(
    String virtualHost,
    String exchange,
    TopicProfile topics,
    QueueOptions sessions,
    MqttOptions options,
    MqttInformation information) {

  /** What is there unless it is said otherwise. */
  static final MqttSpace DEFAULT =
      new MqttSpace(
          "/",
          "amq.topic",
          TopicProfile.LOSSLESS,
          QueueOptions.none(),
          MqttOptions.DEFAULT,
          MqttInformation.NONE);

  /** Returns the same in another virtual host. */
  MqttSpace in(String name) {
    return new MqttSpace(name, exchange, topics, sessions, options, information);
  }

  MqttSpace exchange(String name) {
    return new MqttSpace(virtualHost, name, topics, sessions, options, information);
  }

  MqttSpace topics(TopicProfile profile) {
    return new MqttSpace(virtualHost, exchange, profile, sessions, options, information);
  }

  MqttSpace sessions(QueueOptions others) {
    return new MqttSpace(virtualHost, exchange, topics, others, options, information);
  }

  MqttSpace options(MqttOptions others) {
    return new MqttSpace(virtualHost, exchange, topics, sessions, others, information);
  }

  MqttSpace refusals(Refusals others) {
    return options(options.refusals(others));
  }

  MqttSpace information(MqttInformation other) {
    return new MqttSpace(virtualHost, exchange, topics, sessions, options, other);
  }
}
