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
   * Publishes a message that asks for a {@linkplain Message.Builder#receipt receipt}, and gets it.
   * It does not outlive this JVM: in a broker that closes before, the stage fails.
   *
   * @param routingKey in AMQP's form, {@code sensors.kitchen}
   * @return completes when it is clear who has received the message, or the time is over; fails as
   *     the stage of {@link #publish} does, and with {@link PublishRejectedException} if there are
   *     {@link Limit#RECEIPTS} already
   * @throws IllegalArgumentException if the message asks for none
   */
  CompletionStage<ReceiptReport> publishForReceipt(String routingKey, Message message);

  /**
   * Publishes without a report, as QoS 0 does: an unknown exchange or a refusal is only counted.
   *
   * @param routingKey in AMQP's form, {@code sensors.kitchen}
   */
  void send(String routingKey, Message message);
}
