package io.carrick.engine.queue;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/** A message in a queue's memory. Confined to the queue's loop. */
final class QueuedMessage {

  /** Its place among those that have been in memory since the start. */
  final long position;

  /** The store's sequence, 0 if it is not durable. */
  final long sequence;

  final Message message;
  final @Nullable Object tag;
  boolean redelivered;

  /** The next of its chain in {@link Unsettled}. */
  @Nullable QueuedMessage nextUnsettled;

  QueuedMessage(long position, long sequence, Message message, @Nullable Object tag) {
    this.position = position;
    this.sequence = sequence;
    this.message = message;
    this.tag = tag;
  }

  /**
   * Names it in its queue: by what the store gave it, so that it has the same name after a restart.
   * Others are below all of those, in order.
   */
  long deliveryId() {
    return sequence != 0 ? sequence : Long.MIN_VALUE + position;
  }

  int bytes() {
    return message.payload().length;
  }
}
