package io.carrick.spi;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a queue delivers to one consumer. Called in the consumer's loop; never blocks, never
 * calls back into the attachment from within a call.
 */
public interface DeliverySink {

  /** The delivery id of a message that needs no settling. */
  long NO_ID = 0;

  /**
   * Takes a message. Bytes go to the connection's output buffer; it is flushed at the end of the
   * turn.
   *
   * @param deliveryId names the message in {@link Consumption#settle}; unique in its queue and the
   *     same when it is delivered again. Positive for a message that is stored, and then the same
   *     after a restart of the broker; negative for others; {@link #NO_ID} if it needs no settling
   * @param message the message, shared with other consumers
   * @param tag from {@link Admission}; null without one
   * @param redelivered whether it may have been delivered before
   */
  void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered);

  /** The consumer has ended, other than by {@link Consumption#cancel}. Nothing comes after it. */
  void ended(End why);

  /** Why a consumer ended. */
  enum End {
    /** The queue was deleted. */
    QUEUE_DELETED,
    /** Another client has taken the lease over. */
    TAKEN_OVER,
    /**
     * It has not settled a delivery in time; what it has not settled is on its way back. {@link
     * AttachmentListener#overdue} follows.
     */
    TIMED_OUT
  }
}
