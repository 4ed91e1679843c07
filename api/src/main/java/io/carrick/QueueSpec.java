package io.carrick;

import java.time.Duration;

/** The description of a queue, ending in {@link #declare()}. Confined to the calling thread. */
public interface QueueSpec {

  /** Keeps the queue, and its persistent messages, over a restart of the broker. */
  QueueSpec durable();

  /** Reserves the queue for this client and deletes it when the client closes. */
  QueueSpec exclusive();

  /** Deletes the queue when its last consumer has gone. */
  QueueSpec autoDelete();

  /**
   * Sets an argument of the application's own. RabbitMQ's have methods of their own here; one that
   * is not supported is refused by {@link #declare()}.
   */
  QueueSpec argument(String key, Object value);

  /**
   * Sets what the queue keeps and what becomes of the rest; what was set before and is not here
   * stays.
   */
  default QueueSpec options(QueueOptions options) {
    options.arguments().forEach(this::argument);
    return this;
  }

  /** Messages stay for so long at most: milliseconds count. */
  default QueueSpec messageTtl(Duration time) {
    return options(QueueOptions.none().messageTtl(time));
  }

  /** So many messages may be ready at most. */
  default QueueSpec maxLength(long messages) {
    return options(QueueOptions.none().maxLength(messages));
  }

  /** So many bytes of payload may be ready at most. */
  default QueueSpec maxLengthBytes(long bytes) {
    return options(QueueOptions.none().maxLengthBytes(bytes));
  }

  /** What becomes of a message beyond that; {@link Overflow#DROP_HEAD} unless it is said. */
  default QueueSpec overflow(Overflow how) {
    return options(QueueOptions.none().overflow(how));
  }

  /** Messages that the queue gives up go to an exchange, with the keys that they have. */
  default QueueSpec deadLetterTo(String exchange) {
    return options(QueueOptions.none().deadLetterTo(exchange));
  }

  /** Messages that the queue gives up go to an exchange, with a routing key in AMQP's form. */
  default QueueSpec deadLetterTo(String exchange, String routingKey) {
    return options(QueueOptions.none().deadLetterTo(exchange, routingKey));
  }

  /**
   * What the queue gives up stays with it until every queue that gets it takes it, and it refuses
   * what it has no room for.
   */
  default QueueSpec deadLetterAtLeastOnce() {
    return options(QueueOptions.none().deadLetterAtLeastOnce());
  }

  /** A message may come back from consumers so many times; the next time it is given up. */
  default QueueSpec deliveryLimit(int times) {
    return options(QueueOptions.none().deliveryLimit(times));
  }

  /**
   * Makes it a quorum queue, as RabbitMQ calls those that it replicates: durable, and a message may
   * come back {@linkplain #deliveryLimit 20 times} unless another number is said.
   */
  default QueueSpec quorum() {
    return durable().argument(QueueOptions.TYPE, "quorum");
  }

  /** The queue goes when it was not used for so long: milliseconds count, at least one. */
  default QueueSpec expires(Duration unused) {
    return options(QueueOptions.none().expires(unused));
  }

  /** Messages of a higher priority come first, up to this one, which is 255 at most. */
  default QueueSpec maxPriority(int highest) {
    return options(QueueOptions.none().maxPriority(highest));
  }

  /** Only one consumer at a time gets messages; the next one takes over when it goes. */
  default QueueSpec singleActiveConsumer() {
    return options(QueueOptions.none().singleActiveConsumer());
  }

  /** A consumer that has a message for longer than this is cut off: milliseconds count. */
  default QueueSpec consumerTimeout(Duration time) {
    return options(QueueOptions.none().consumerTimeout(time));
  }

  /**
   * Makes it a stream: durable, and messages stay when they are consumed.
   *
   * @param options how much it keeps
   */
  default QueueSpec stream(StreamOptions options) {
    options.arguments().forEach(this::argument);
    return durable().argument("x-queue-type", "stream");
  }

  /**
   * Declares the queue; declaring an equal one again changes nothing.
   *
   * @return the queue's name, chosen by the broker if the description left it empty
   * @throws PreconditionFailedException when one of that name differs, or an argument is not
   *     supported
   * @throws ResourceLockedException when another client owns it exclusively
   * @throws AccessRefusedException for a reserved name ({@code amq.*}, {@code mqtt.*})
   */
  String declare();
}
