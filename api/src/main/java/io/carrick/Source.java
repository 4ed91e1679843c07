package io.carrick;

/** What a consumer reads. Immutable. */
public sealed interface Source {

  /** An existing queue. */
  static Source queue(String name) {
    return new Queue(name);
  }

  /**
   * Everything published to {@code amq.topic}, by MQTT or AMQP, whose key matches; read through a
   * queue that lives as long as the subscription.
   *
   * @param pattern in AMQP's form, {@code sensors.*.temperature}
   */
  static Source topic(String pattern) {
    return new Bound("amq.topic", pattern);
  }

  /** What an exchange passes on by a binding key, through a queue that lives as long as it. */
  static Source bound(String exchange, String bindingKey) {
    return new Bound(exchange, bindingKey);
  }

  /**
   * An existing queue.
   *
   * @param name its name
   */
  record Queue(String name) implements Source {}

  /**
   * A binding with a temporary queue.
   *
   * @param exchange the exchange
   * @param bindingKey in AMQP's form
   */
  record Bound(String exchange, String bindingKey) implements Source {}
}
