package io.carrick.spi;

import io.carrick.Message;
import io.carrick.Rejection;
import org.jspecify.annotations.Nullable;

/**
 * A started consumer, as its adapter holds it. Confined to the loop of its attachment; after its
 * end every call is without effect.
 */
public interface Consumption {

  /**
   * Settles a delivery; an id that is not unsettled is passed over.
   *
   * @param deliveryId as given to {@link DeliverySink#deliver}
   */
  void settle(long deliveryId, Settlement settlement);

  /**
   * Gives a delivery up as {@link Settlement#REJECT} does, for a consumer that has said why:
   * whoever gets the message as a dead letter is told.
   */
  void reject(long deliveryId, Rejection said);

  /**
   * Runs a task in this loop once what was settled before stands in the store ahead of everything
   * that the task stores; perhaps before returning. Not after the consumer's end.
   */
  void afterSettlements(Runnable task);

  /**
   * Says whether the peer takes bytes. While false the queue keeps what is to be settled; messages
   * that are not stored still come, and those who publish them pause for at most {@link
   * io.carrick.Limit#SLOW_CONSUMER_PAUSE_MS}, after which they are dropped and counted.
   */
  void writable(boolean writable);

  /** Changes how many deliveries may be unsettled; 0 for the default limit. */
  void prefetch(int deliveries);

  /**
   * Lets a window bound it too from now on; what is unsettled counts. Once, for a consumer that has
   * not started with one.
   *
   * @param window opened by the same attachment
   * @param done completes when nothing comes that goes beyond the window; perhaps before this call
   *     returns
   */
  void drawOn(CreditWindow window, Completion<Done> done);

  /**
   * Puts a message in the queue as if it had been routed to it with that verdict, past the
   * admission (a retained message for a new subscription).
   *
   * @param tag comes back with the delivery
   */
  void offer(Message message, @Nullable Object tag);

  /**
   * Ends the consumer: its unsettled messages stay unsettled, and settleable through this object,
   * until the attachment closes (AMQP 0-9-1 basic.cancel).
   */
  void cancel(Completion<Done> done);

  /** Ends the consumer: its unsettled messages go back to the queue. */
  void detach();
}
