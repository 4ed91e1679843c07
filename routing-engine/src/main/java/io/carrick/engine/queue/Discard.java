package io.carrick.engine.queue;

import io.carrick.Death;
import io.carrick.engine.delivery.LoopCounts.Count;
import org.jspecify.annotations.Nullable;

/**
 * Why a queue has a message no more that no consumer took responsibility for, and as what a death
 * that is: what is removed with its queue, or on request, does not die.
 */
public enum Discard {
  /** It was in the queue for too long. */
  EXPIRED(Count.EXPIRED, Death.Reason.EXPIRED),
  /** The queue was full, and it was the oldest. */
  MAX_LENGTH(Count.MAX_LENGTH, Death.Reason.MAXLEN),
  /** As {@link #MAX_LENGTH}, by the bound that every session has. */
  SESSION_FULL(Count.SESSION_FULL, Death.Reason.MAXLEN),
  /** The queue was full, and it was the newest. */
  REFUSED(Count.QUEUE_FULL, null),
  /** As {@link #REFUSED}, and it is given up as well. */
  REFUSED_AND_GIVEN_UP(Count.QUEUE_FULL, Death.Reason.MAXLEN),
  /** A consumer gave it up. */
  REJECTED(Count.REJECTED, Death.Reason.REJECTED),
  /** Its consumer's protocol has no form for it. */
  UNDELIVERABLE(Count.REJECTED, Death.Reason.UNDELIVERABLE),
  /** It came back from consumers too often. */
  DELIVERY_LIMIT(Count.DELIVERY_LIMIT, Death.Reason.DELIVERY_LIMIT),
  /** It was removed on request. */
  PURGED(Count.PURGED, null),
  /** A session that had begun to get it exactly once has ended, and it is nobody else's. */
  SESSION_ENDED(Count.SESSION_ENDED, null),
  /** It was in a queue that was deleted, or on its way there. */
  QUEUE_DELETED(Count.QUEUE_DELETED, null);

  private final Count count;
  private final Death.@Nullable Reason death;

  Discard(Count count, Death.@Nullable Reason death) {
    this.count = count;
    this.death = death;
  }

  /** Returns where it is counted. */
  Count count() {
    return count;
  }

  /** Returns as what a dead letter has it; null if it is none. */
  Death.@Nullable Reason death() {
    return death;
  }
}
