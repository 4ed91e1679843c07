package io.carrick.engine.queue;

import io.carrick.engine.delivery.LoopCounts.Count;

/** Why a queue has a message no more that no consumer took responsibility for. */
public enum Discard {
  /** It was in the queue for too long. */
  EXPIRED(Count.EXPIRED),
  /** The queue was full, and it was the oldest. */
  MAX_LENGTH(Count.MAX_LENGTH),
  /** As {@link #MAX_LENGTH}, by the bound that every session has. */
  SESSION_FULL(Count.SESSION_FULL),
  /** The queue was full, and it was the newest. */
  REFUSED(Count.QUEUE_FULL),
  /** A consumer gave it up. */
  REJECTED(Count.REJECTED),
  /** It was removed on request. */
  PURGED(Count.PURGED),
  /** It was in a queue that was deleted, or on its way there. */
  QUEUE_DELETED(Count.QUEUE_DELETED);

  private final Count count;

  Discard(Count count) {
    this.count = count;
  }

  /** Returns where it is counted. */
  Count count() {
    return count;
  }
}
