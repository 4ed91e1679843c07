package io.carrick;

import java.util.concurrent.CompletionStage;

/** Publishes to one exchange. Thread-safe: messages of one thread keep their order. */
public interface Publisher {

  /** What became of a message that the broker has taken. */
  enum Outcome {
    /** Every matching queue has it and, where it is to be durable, the store too. */
    ROUTED,
    /** No queue matched. */
    UNROUTED
  }

  /**
   * Publishes and reports.
   *
   * @param routingKey in AMQP's form, {@code sensors.kitchen}
   * @return completes when the broker is responsible for the message; fails with {@link
   *     PublishRejectedException}, {@link NotFoundException}, {@link AccessRefusedException} or, if
   *     the message is larger than {@link Limit#MESSAGE_BYTES}, {@link PreconditionFailedException}
   */
  CompletionStage<Outcome> publish(String routingKey, Message message);

  /**
   * Publishes without a report, as QoS 0 does: an unknown exchange or a refusal is only counted.
   *
   * @param routingKey in AMQP's form, {@code sensors.kitchen}
   */
  void send(String routingKey, Message message);
}
