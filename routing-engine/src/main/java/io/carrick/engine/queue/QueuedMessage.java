package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopMemory;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.storage.StoredMessage;
import org.jspecify.annotations.Nullable;

/** A message in a queue's memory. Confined to the queue's loop. */
final class QueuedMessage {

  /** An object of this class, and its place in a ring or chain. */
  static final int MEMORY_BYTES = 56;

  /** Its place among those that have been in memory since the start. */
  final long position;

  /** The store's sequence, 0 if it is not durable. */
  final long sequence;

  final Message message;
  final @Nullable Object tag;

  /** Counts the message's bytes; null if only this queue has it. */
  private final @Nullable SharedMessage shared;

  boolean redelivered;

  /** The next of its chain in {@link Unsettled}. */
  @Nullable QueuedMessage nextUnsettled;

  /** A message comes into memory, or has been in it where the store is memory. */
  QueuedMessage(long position, StoredMessage stored, @Nullable Object tag) {
    this.position = position;
    this.sequence = stored.sequence();
    this.message = stored.message();
    this.tag = tag;
    this.shared = stored.companion() instanceof SharedMessage s ? s : null;
  }

  /** A message comes in. */
  QueuedMessage(
      long position,
      long sequence,
      Message message,
      @Nullable Object tag,
      @Nullable SharedMessage shared) {
    this.position = position;
    this.sequence = sequence;
    this.message = message;
    this.tag = tag;
    this.shared = shared;
  }

  /** Notes what it holds in memory: from now until it is {@linkplain #gone}. */
  QueuedMessage noted(LoopMemory held) {
    if (shared == null) {
      held.addQueued(MEMORY_BYTES, message.memoryBytes());
    } else {
      held.add(Kind.QUEUES, MEMORY_BYTES);
    }
    return this;
  }

  /** It leaves the queue. */
  void gone(LoopMemory held) {
    if (shared == null) {
      held.addQueued(-MEMORY_BYTES, -message.memoryBytes());
    } else {
      held.add(Kind.QUEUES, -MEMORY_BYTES);
      shared.letGo(held);
    }
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
