package io.carrick.mqtt;

import io.carrick.RoutingKey;

/** A client publishes to a topic whose routing key AMQP cannot carry, which is refused (MAP-6). */
final class TopicTooLongException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient RoutingKey key;

  TopicTooLongException(RoutingKey key) {
    super("the topic's routing key is longer than 255 bytes", null, false, false);
    this.key = key;
  }

  /** Returns where the message was to go. */
  RoutingKey key() {
    return key;
  }
}
