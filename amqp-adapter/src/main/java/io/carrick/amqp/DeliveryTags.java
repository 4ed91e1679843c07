package io.carrick.amqp;

import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries of one channel that are not acknowledged, by their tags, in a ring. Confined to
 * the event loop of its connection.
 */
final class DeliveryTags {

  private static final int FIRST_SIZE = 16;

  private long last;
  private long[] tags = {};
  private long[] ids = {};
  private @Nullable Holder[] holders = {};
  private int head;
  private int used;
  private int live;

  /** Who settles a delivery. */
  interface Holder {

    /** Settles a delivery, once. */
    void settle(long deliveryId, Settlement how);

    /** Settles a delivery with the commit of a transaction, once. */
    void settle(Transaction with, long deliveryId, Settlement how);

    /** A delivery that was settled with it is settled. */
    void committed();
  }

  /** Who gets what is not settled at once. */
  interface Taker {

    /** A delivery was taken out. */
    void take(Taken delivery);
  }

  /**
   * A delivery that was taken out, and how it is to be settled. Immutable.
   *
   * @param deliveryId for its holder
   */
  record Taken(long tag, Holder holder, long deliveryId, Settlement how) {}

  /** Returns the tag of a delivery that needs no acknowledgement. */
  long next() {
    return ++last;
  }

  /** Returns the tag of a delivery, which is kept until it is settled. */
  long add(Holder holder, long deliveryId) {
    if (used == tags.length) {
      makeRoom();
    }
    int at = slot(used);
    tags[at] = ++last;
    ids[at] = deliveryId;
    holders[at] = holder;
    used++;
    live++;
    return last;
  }

  /** Returns how many are not settled. */
  int size() {
    return live;
  }

  private int slot(int index) {
    return (head + index) & (tags.length - 1);
  }

  private void makeRoom() {
    closeGaps();
    if (used >= tags.length / 2) {
      grow();
    }
  }

  /** Gives back the places of what was settled out of order, in the ring that is there. */
  private void closeGaps() {
    int kept = 0;
    for (int i = 0; i < used; i++) {
      int from = slot(i);
      Holder holder = holders[from];
      if (holder != null) {
        int to = slot(kept++);
        holders[from] = null;
        tags[to] = tags[from];
        ids[to] = ids[from];
        holders[to] = holder;
      }
    }
    used = kept;
  }

  private void grow() {
    int size = Math.max(FIRST_SIZE, tags.length * 2);
    long[] newTags = new long[size];
    long[] newIds = new long[size];
    @Nullable Holder[] newHolders = new @Nullable Holder[size];
    for (int i = 0; i < used; i++) {
      int at = slot(i);
      newTags[i] = tags[at];
      newIds[i] = ids[at];
      newHolders[i] = holders[at];
    }
    tags = newTags;
    ids = newIds;
    holders = newHolders;
    head = 0;
  }

  /**
   * Settles one delivery, or all up to it; 0 with {@code multiple} means all.
   *
   * @return whether the tag was one that is not settled; if not, nothing has happened
   */
  boolean settle(long tag, boolean multiple, Settlement how) {
    return settle(tag, multiple, how, null);
  }

  /**
   * Takes out what {@link #settle} would settle, to be settled later or {@linkplain #putBack put
   * back}.
   *
   * @return whether the tag was one that is not settled
   */
  boolean take(long tag, boolean multiple, Settlement how, Taker taker) {
    return settle(tag, multiple, how, taker);
  }

  private boolean settle(long tag, boolean multiple, Settlement how, @Nullable Taker taker) {
    if (multiple && tag == 0) {
      settleUpTo(last, how, taker);
      return true;
    }
    int index = find(tag);
    if (index < 0) {
      return false;
    }
    if (multiple) {
      settleUpTo(tag, how, taker);
      return true;
    }
    int at = slot(index);
    Holder holder = holders[at];
    if (holder == null) {
      return false;
    }
    holders[at] = null;
    live--;
    long id = ids[at];
    dropSettledHead();
    settle(tag, holder, id, how, taker);
    return true;
  }

  private static void settle(
      long tag, Holder holder, long id, Settlement how, @Nullable Taker taker) {
    if (taker == null) {
      holder.settle(id, how);
    } else {
      taker.take(new Taken(tag, holder, id, how));
    }
  }

  /** Settling may deliver more at once, so nothing of the ring is remembered across a call. */
  private void settleUpTo(long tag, Settlement how, @Nullable Taker taker) {
    while (used > 0 && tags[head] <= tag) {
      Holder holder = holders[head];
      long taken = tags[head];
      long id = ids[head];
      holders[head] = null;
      head = slot(1);
      used--;
      if (holder != null) {
        live--;
        settle(taken, holder, id, how, taker);
      }
    }
    dropSettledHead();
  }

  /** Puts deliveries back to their places, which are not settled then as they were before. */
  void putBack(List<Taken> taken) {
    if (taken.isEmpty()) {
      return;
    }
    var back = new ArrayList<>(taken);
    back.sort(Comparator.comparingLong(Taken::tag)); // at no cost if they were taken in order
    closeGaps();
    int kept = used;
    while (tags.length <= kept + back.size()) {
      grow();
    }
    used = kept + back.size();
    live = used;
    // From the youngest on, so that what was kept moves up into free places only.
    int from = kept - 1;
    for (int i = back.size() - 1, to = used - 1; i >= 0; to--) {
      Taken next = back.get(i);
      int at = slot(to);
      if (from >= 0 && tags[slot(from)] > next.tag) {
        int moved = slot(from--);
        tags[at] = tags[moved];
        ids[at] = ids[moved];
        holders[at] = holders[moved];
      } else {
        tags[at] = next.tag;
        ids[at] = next.deliveryId;
        holders[at] = next.holder;
        i--;
      }
    }
  }

  private void dropSettledHead() {
    while (used > 0 && holders[head] == null) {
      head = slot(1);
      used--;
    }
  }

  /** Returns the place behind the head of a tag that is not settled, or -1. */
  private int find(long tag) {
    int low = 0;
    int high = used - 1;
    if (used > 0) {
      // Without gaps the place is known; with gaps it is at most that far.
      high = (int) Math.min(high, Math.max(-1, tag - tags[head]));
    }
    if (high >= 0 && tags[slot(high)] == tag) {
      return holders[slot(high)] == null ? -1 : high;
    }
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long there = tags[slot(middle)];
      if (there == tag) {
        return holders[slot(middle)] == null ? -1 : middle;
      } else if (there < tag) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }
}
