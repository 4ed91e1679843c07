package io.carrick.engine.queue;

import io.carrick.Message;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a queue knows of deliveries that ended without an acknowledgement, in this run and before: a
 * queue has none before there was one. Confined to the queue's loop.
 */
final class PastDeliveries {

  private final Queue queue;
  private final Redeliveries known;

  /** Null as long as nothing has come back that is counted. */
  private @Nullable DeliveryCounts counts;

  /** Sequences of messages that the store has no more, though the queue has them; null for none. */
  private @Nullable Set<Long> settledInStore;

  /**
   * Makes what is known at the start.
   *
   * @param known which messages may have been delivered by an earlier run
   * @param returned how often messages have come back, by the store's sequences
   */
  PastDeliveries(Queue queue, Redeliveries known, Map<Long, Integer> returned) {
    this.queue = queue;
    this.known = known;
    this.counts = returned.isEmpty() ? null : new DeliveryCounts(queue, returned);
  }

  /** Returns which messages may have been delivered by an earlier run. */
  Redeliveries known() {
    return known;
  }

  /** A message comes into memory. */
  void read(QueuedMessage m) {
    m.redelivered = known.take(m.sequence);
    if (counts != null) {
      counts.read(m);
    }
  }

  /** Returns whether it is sure that an earlier run has delivered a message. */
  boolean isSure(QueuedMessage m) {
    return m.redelivered && m.sequence > known.upTo();
  }

  /** A message has come back once more; returns whether that is more often than it may. */
  boolean cameBack(QueuedMessage m, int most) {
    if (counts == null) {
      counts = new DeliveryCounts(queue, Map.of());
    }
    return counts.cameBack(m, most);
  }

  /** Returns a message as a consumer is to get it: with its count, if it has come back. */
  static Message again(Queue queue, QueuedMessage m) {
    PastDeliveries past = queue.pastOrNull();
    return past == null || past.counts == null ? m.message : past.counts.counted(m);
  }

  /** The store has a message in the queue no more, nor its count. */
  void settle(QueuedMessage m) {
    if (settledInStore != null && settledInStore.remove(m.sequence)) {
      forget(m);
    } else if (counts == null) {
      Departure.settle(queue, m.message, m.sequence);
    } else {
      counts.settle(m);
    }
  }

  /** A message leaves the queue, of which the store has heard already. */
  void forget(QueuedMessage m) {
    if (counts != null) {
      counts.forget(m);
    }
  }

  /**
   * A consumer has accepted a message, of which the store has heard already, after the queue had
   * taken it away from that consumer: the store is not to hear of it again.
   */
  void settledInStore(long sequence) {
    if (settledInStore == null) {
      settledInStore = new HashSet<>();
    }
    settledInStore.add(sequence);
  }

  /** What only the log held has left the queue. */
  void forgetLogged() {
    if (counts != null) {
      counts.forgetLogged();
    }
  }
}
