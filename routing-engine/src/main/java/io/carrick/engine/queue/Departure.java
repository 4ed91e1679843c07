package io.carrick.engine.queue;

import io.carrick.Death;
import io.carrick.Message;
import io.carrick.Rejection;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;

/**
 * How a message leaves its queue: settled, or discarded for a reason. There is no other way.
 * Stateless; called in the queue's loop.
 */
final class Departure {

  private Departure() {}

  /** A message was handed to a consumer that settles what it gets by getting it. */
  static void delivered(Queue from, QueuedMessage m) {
    gone(from, m);
    from.owner().settled(from, m.message, Settlement.ACCEPT);
  }

  /**
   * A delivery has come back from the consumer that had it.
   *
   * @param said why it rejects the message; null if it has said nothing
   */
  static void settled(Queue from, QueuedMessage m, Settlement how, @Nullable Rejection said) {
    Followed.settled(from, m.message, how);
    switch (how) {
      case ACCEPT -> {
        from.counts().add(Count.ACCEPTED);
        gone(from, m);
      }
      case REJECT -> discarded(from, m, Discard.REJECTED, said);
      case UNDELIVERABLE -> discarded(from, m, Discard.UNDELIVERABLE);
      case REQUEUE -> {
        if (from.deleted()) {
          discarded(from, m, Discard.QUEUE_DELETED);
        } else if (cameBackTooOften(from, m)) {
          discarded(from, m, Discard.DELIVERY_LIMIT);
        } else {
          from.comesBack(m);
        }
      }
    }
    from.owner().settled(from, m.message, how);
  }

  /** A consumer has accepted a delivery, and the store has heard of that already. */
  static void acceptedInStore(Queue from, QueuedMessage m) {
    Followed.settled(from, m.message, Settlement.ACCEPT);
    from.counts().add(Count.ACCEPTED);
    PastDeliveries past = from.pastOrNull();
    if (past != null) {
      past.forget(m); // settled twice it would be counted twice
    }
    m.gone(from.held());
    from.owner().settled(from, m.message, Settlement.ACCEPT);
  }

  private static boolean cameBackTooOften(Queue from, QueuedMessage m) {
    int most = from.settings().deliveryLimit();
    return most != QueueSettings.UNLIMITED && from.past().cameBack(m, most);
  }

  /**
   * Returns whether a message that the queue gives up would only wait in memory, for the store or
   * for targets that take nothing now: better that it stays.
   */
  static boolean mustWait(Queue from, Message message) {
    return from.settings().deadLetters() != null
        && (from.holdsBack() || (message.properties().persistent() && !from.home().storeTakes()));
  }

  /** A message leaves that nobody took; it is a dead letter if the queue has a place for them. */
  static void discarded(Queue from, QueuedMessage m, Discard why) {
    discarded(from, m, why, null);
  }

  private static void discarded(
      Queue from, QueuedMessage m, Discard why, @Nullable Rejection said) {
    from.counts().add(why.count());
    DeadLetterTarget target = from.settings().deadLetters();
    Death.Reason death = why.death();
    if (target == null || death == null || from.deleted()) {
      removed(from, m, why);
    } else {
      Followed.dropped(from, m.message, why.count(), true);
      if (target.keeps()) {
        from.givenUp().add(m);
      }
      from.owner().deadLetter(new DeadLetter(from, m, death, target, said));
    }
  }

  /** A message leaves that nobody gets any more, and that is counted. */
  static void removed(Queue from, QueuedMessage m, Discard why) {
    Followed.dropped(from, m.message, why.count());
    gone(from, m);
  }

  /** A message is in the queue no more, and does not come back. */
  static void gone(Queue from, QueuedMessage m) {
    settle(from, m);
    m.gone(from.held());
  }

  /** The store has a message in the queue no more, nor what was noted about it. */
  static void settle(Queue from, QueuedMessage m) {
    PastDeliveries past = from.pastOrNull();
    if (past == null) {
      settle(from, m.message, m.sequence);
    } else {
      past.settle(m);
    }
  }

  /**
   * The store has a message in the queue no more.
   *
   * @param sequence the store's, 0 if it never had it
   */
  static void settle(Queue from, Message message, long sequence) {
    if (sequence != 0) {
      from.home().appender().settle(from.storeId(message), sequence);
    }
  }
}
