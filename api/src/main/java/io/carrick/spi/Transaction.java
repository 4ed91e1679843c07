package io.carrick.spi;

import io.carrick.Message;

/**
 * What a client publishes and settles together: all of it from the commit on, or nothing. After a
 * commit or a rollback the next one begins by itself. Confined to the loop of its attachment.
 *
 * <p>After a crash a durable store has of a commit everything or nothing: what was published, to
 * queues of whichever loop, and what was accepted. Queues of several loops show it at different
 * moments. What a commit gives back to a queue, or rejects, is undone by a crash at worst: it is in
 * its queue again.
 */
public interface Transaction {

  /**
   * Publishes a message at the commit. Whether the client may is looked at now, where the message
   * goes is looked at then; if its exchange has gone, no queue matches.
   *
   * @param mandatory whether to be told if no queue matches
   * @throws io.carrick.NotFoundException when there is no such exchange
   * @throws io.carrick.AccessRefusedException when the client may not, or the exchange is internal
   * @throws io.carrick.PublishRejectedException when an interceptor refuses
   * @throws io.carrick.PreconditionFailedException when the transaction would hold more than {@link
   *     io.carrick.Limit#TRANSACTION_BYTES}; counted
   */
  void publish(Message message, boolean mandatory);

  /**
   * Settles a delivery at the commit.
   *
   * @param consumption of the same attachment; if it has ended until then, nothing is settled
   * @param deliveryId as given to {@link DeliverySink#deliver}
   * @throws io.carrick.PreconditionFailedException when the transaction would hold more than {@link
   *     io.carrick.Limit#TRANSACTION_BYTES}, for which a settlement counts as a fixed number of
   *     bytes; counted
   */
  void settle(Consumption consumption, long deliveryId, Settlement settlement);

  /**
   * Makes everything take effect, publishes first, each in the order of the calls.
   *
   * @param done completes when every matching queue has the messages and the store has all of it;
   *     fails with {@code PreconditionFailedException} when a queue has refused a message, while
   *     the others took effect, and when the store takes nothing, in which case nothing did
   */
  void commit(Completion<Done> done);

  /** Forgets everything: what was to be settled is unsettled as before. */
  void rollback();
}
