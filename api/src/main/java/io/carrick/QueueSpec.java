package io.carrick;

/** The description of a queue, ending in {@link #declare()}. Confined to the calling thread. */
public interface QueueSpec {

  /** Keeps the queue, and its persistent messages, over a restart of the broker. */
  QueueSpec durable();

  /** Reserves the queue for this client and deletes it when the client closes. */
  QueueSpec exclusive();

  /** Deletes the queue when its last consumer has gone. */
  QueueSpec autoDelete();

  /**
   * Sets an argument such as {@code x-queue-type}. One of RabbitMQ's that is not supported is
   * refused by {@link #declare()}, one that nobody knows is the application's own.
   */
  QueueSpec argument(String key, Object value);

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
