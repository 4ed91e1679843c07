package io.carrick;

import java.util.Optional;

/**
 * Declares and removes what a virtual host is made of.
 *
 * <p>Thread-safe; every method blocks until the change is in force and, for durable entities,
 * stored.
 */
public interface Topology {

  /** Starts the declaration of an exchange of a type such as {@code "topic"}. */
  ExchangeSpec exchange(String name, String type);

  /** Starts the declaration of a queue; the empty name asks the broker to choose one. */
  QueueSpec queue(String name);

  /**
   * Adds a binding; adding it again changes nothing.
   *
   * @throws NotFoundException when the exchange or the destination does not exist
   * @throws AccessRefusedException for the default exchange
   * @throws PreconditionFailedException when the exchange's type refuses the key or the arguments
   */
  void bind(Binding binding);

  /** Removes a binding; removing one that is not there changes nothing. */
  void unbind(Binding binding);

  /** Looks a queue up by name. */
  Optional<QueueInfo> find(String queue);

  /**
   * Removes the ready messages of a queue.
   *
   * @return how many there were
   * @throws NotFoundException when there is no such queue
   */
  long purge(String queue);

  /** Deletes an exchange and its bindings; deleting one that is not there changes nothing. */
  void deleteExchange(String name);

  /** Deletes a queue and its messages; deleting one that is not there changes nothing. */
  void deleteQueue(String name);
}
