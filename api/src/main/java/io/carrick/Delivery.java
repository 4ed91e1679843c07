package io.carrick;

/**
 * A message on its way to one consumer. Thread-safe; it is settled by the first call of {@link
 * #accept()}, {@link #requeue()} or {@link #reject()}, later ones do nothing.
 */
public interface Delivery {

  /** Returns the message as it was published. */
  Message message();

  /** Returns the exchange that it was published to. */
  default String exchange() {
    return message().exchange();
  }

  /** Returns the routing key in AMQP's form. */
  default String routingKey() {
    return message().routingKey().asKey();
  }

  /** Returns whether it may have been delivered before. */
  boolean redelivered();

  /** Takes responsibility: the queue forgets the message. */
  void accept();

  /** Puts the message back to its original place. */
  void requeue();

  /** Gives the message up: the queue drops it, or dead-letters it where so configured. */
  void reject();
}
