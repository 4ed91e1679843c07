package io.carrick.mqtt;

import io.carrick.Mapping;
import io.carrick.QueueOptions;
import io.carrick.RoutingKey;
import io.carrick.TopicSpelling;
import org.jspecify.annotations.Nullable;

/**
 * Where MQTT's topics and sessions live. Immutable.
 *
 * @param virtualHost of sessions and messages
 * @param exchange the topic exchange that is published to and subscribed from
 * @param mapping what becomes there of what crosses
 * @param sessions what the queues of sessions keep
 * @param options what clients get less of than MQTT has
 * @param information what they are told
 */
record MqttSpace(
    String virtualHost,
    String exchange,
    Mapping mapping,
    QueueOptions sessions,
    MqttOptions options,
    MqttInformation information) {

  /** AMQP 0-9-1 §4.2.5.3. */
  private static final int MOST_KEY_BYTES = 255;

  /** What is there unless it is said otherwise. */
  static final MqttSpace DEFAULT =
      new MqttSpace(
          "/",
          "amq.topic",
          Mapping.lossless(),
          QueueOptions.none(),
          MqttOptions.DEFAULT,
          MqttInformation.NONE);

  /** Returns the same in another virtual host. */
  MqttSpace in(String name) {
    return in(name, mapping);
  }

  /** Returns the same in another virtual host, where another mapping is gone by. */
  MqttSpace in(String name, Mapping other) {
    return new MqttSpace(name, exchange, other, sessions, options, information);
  }

  MqttSpace exchange(String name) {
    return new MqttSpace(virtualHost, name, mapping, sessions, options, information);
  }

  /**
   * Returns where a client's message for a topic goes.
   *
   * @throws RefusedTopicException if it may go nowhere
   */
  RoutingKey address(byte[] topic) {
    RoutingKey key;
    try {
      key = topics().address(topic);
    } catch (IllegalArgumentException none) {
      throw new RefusedTopicException(String.valueOf(none.getMessage())); // MAP-9
    }
    if (mapping.refusesLongTopics() && key.keyBytes().length > MOST_KEY_BYTES) {
      throw new RefusedTopicException("a routing key of more than 255 bytes"); // MAP-6
    }
    return key;
  }

  /** Returns the pattern of a filter; null if there is none (MAP-9). */
  @Nullable RoutingKey filter(byte[] filter) {
    try {
      return topics().filter(filter);
    } catch (IllegalArgumentException none) {
      return null;
    }
  }

  /** Returns how topics are spelled there. */
  TopicSpelling topics() {
    return mapping.spelling();
  }

  MqttSpace sessions(QueueOptions others) {
    return new MqttSpace(virtualHost, exchange, mapping, others, options, information);
  }

  MqttSpace options(MqttOptions others) {
    return new MqttSpace(virtualHost, exchange, mapping, sessions, others, information);
  }

  MqttSpace refusals(Refusals others) {
    return options(options.refusals(others));
  }

  MqttSpace information(MqttInformation other) {
    return new MqttSpace(virtualHost, exchange, mapping, sessions, options, other);
  }
}
