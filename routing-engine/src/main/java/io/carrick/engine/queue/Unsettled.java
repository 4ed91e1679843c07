package io.carrick.engine.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The unsettled deliveries of one consumer by their ids, chained through the messages themselves: a
 * delivery needs no box, no entry and, in a table of its size, no new memory. Confined to the
 * queue's loop.
 */
class Unsettled {

  private static final int SMALLEST = 8;

  /**
   * So many chains are kept, however few are used: below, growing again costs more than it saves.
   */
  private static final int KEPT = 64;

  private static final int MOST_IN_A_CHAIN = 2;

  /** What an empty table has: one chain, which nothing is put in. */
  private static final @Nullable QueuedMessage[] NO_CHAINS = new @Nullable QueuedMessage[1];

  private @Nullable QueuedMessage[] chains = NO_CHAINS;
  private int size;

  int size() {
    return size;
  }

  /** Adds a delivery that is not there. */
  void add(QueuedMessage m) {
    if (chains == NO_CHAINS || size == chains.length * MOST_IN_A_CHAIN) {
      resize(Math.max(SMALLEST, chains.length * 2));
    }
    chain(m);
    size++;
  }

  private void chain(QueuedMessage m) {
    int place = place(m.deliveryId());
    m.nextUnsettled = chains[place];
    chains[place] = m;
  }

  /** Returns whether a delivery is there. */
  boolean has(long deliveryId) {
    QueuedMessage m = size == 0 ? null : chains[place(deliveryId)];
    while (m != null && m.deliveryId() != deliveryId) {
      m = m.nextUnsettled;
    }
    return m != null;
  }

  /** Takes a delivery out; null if it is not there. */
  @Nullable QueuedMessage remove(long deliveryId) {
    int place = place(deliveryId);
    QueuedMessage before = null;
    QueuedMessage m = chains[place];
    while (m != null && m.deliveryId() != deliveryId) {
      before = m;
      m = m.nextUnsettled;
    }
    if (m == null) {
      return null;
    }
    if (before == null) {
      chains[place] = m.nextUnsettled;
    } else {
      before.nextUnsettled = m.nextUnsettled;
    }
    m.nextUnsettled = null;
    size--;
    if (chains.length > KEPT && size * 8 < chains.length) {
      resize(chains.length / 2);
    }
    return m;
  }

  /** Shows every delivery, in no particular order. */
  void forEach(Consumer<QueuedMessage> each) {
    for (QueuedMessage first : chains) {
      for (QueuedMessage m = first; m != null; m = m.nextUnsettled) {
        each.accept(m);
      }
    }
  }

  /** Takes every delivery out, by rising id. */
  List<QueuedMessage> removeAll() {
    var all = new ArrayList<QueuedMessage>(size);
    forEach(all::add);
    all.forEach(m -> m.nextUnsettled = null);
    all.sort(Comparator.comparingLong(QueuedMessage::deliveryId));
    chains = NO_CHAINS;
    size = 0;
    return all;
  }

  private void resize(int capacity) {
    @Nullable QueuedMessage[] old = chains;
    chains = new @Nullable QueuedMessage[capacity];
    for (QueuedMessage first : old) {
      QueuedMessage m = first;
      while (m != null) {
        QueuedMessage next = m.nextUnsettled;
        chain(m);
        m = next;
      }
    }
  }

  /** Scatters neighbouring ids: those of one queue may be a regular few of the store's. */
  private int place(long deliveryId) {
    long scattered = deliveryId * 0x9E3779B97F4A7C15L;
    return (int) (scattered >>> 32) & (chains.length - 1);
  }
}
