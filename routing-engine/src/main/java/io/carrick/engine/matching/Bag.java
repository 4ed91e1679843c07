package io.carrick.engine.matching;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A set of values in the order in which they were added; adding and removing cost the same however
 * many there are. Written by one thread at a time under its owner's lock, read by any without one:
 * a value is published in its slot, a removed one leaves a mark, and the slots are copied only to
 * double them or when a quarter of them are marks.
 */
final class Bag<V> {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  /** Stands in the slot of a removed value. */
  private static final Object GONE = new Object();

  /** Up to so many slots are searched one by one. */
  private static final int SMALL = 8;

  private volatile @Nullable Object[] slots = new Object[4];

  // Only the writer reads these.
  private int used;
  private int live;

  /** Slot numbers plus one by the hash of what they hold; null while there are few. */
  private int @Nullable [] index;

  /** Adds a value, or puts it in the place of the equal one. */
  void add(V value) {
    int at = slotOf(value);
    if (at >= 0) {
      SLOT.setRelease(slots, at, value);
      return;
    }
    if (used == slots.length) {
      rebuild(live + 1);
    }
    enter(index, value, used);
    SLOT.setRelease(slots, used, value);
    used++;
    live++;
  }

  /** Removes the equal value, if there is one. */
  void remove(V value) {
    int at = slotOf(value);
    if (at < 0) {
      return;
    }
    SLOT.setRelease(slots, at, GONE);
    live--;
    if (used - live > 1 && (used - live) * 4 > slots.length) {
      rebuild(live);
    }
  }

  /** Returns how many there are; for the writer. */
  int size() {
    return live;
  }

  /** Returns the oldest value, or null if there is none; for the writer. */
  @Nullable V first() {
    for (Object value : slots) {
      if (value != null && value != GONE) {
        return cast(value);
      }
    }
    return null;
  }

  /** Names every value to {@code sink}. */
  <S> void report(S sink, BiConsumer<? super S, ? super V> report) {
    @Nullable Object[] all = slots;
    for (int i = 0; i < all.length; i++) {
      Object value = SLOT.getAcquire(all, i);
      if (value == null) {
        return;
      }
      if (value != GONE) {
        report.accept(sink, cast(value));
      }
    }
  }

  /** Names every value. */
  void forEach(Consumer<? super V> action) {
    report(action, Consumer::accept);
  }

  private int slotOf(V value) {
    if (index == null) {
      for (int i = 0; i < used; i++) {
        if (value.equals(slots[i])) {
          return i;
        }
      }
      return -1;
    }
    // A mark's entry stays until the next rebuild: it leads to GONE, which equals no value.
    int mask = index.length - 1;
    for (int i = spread(value) & mask; index[i] != 0; i = (i + 1) & mask) {
      if (value.equals(slots[index[i] - 1])) {
        return index[i] - 1;
      }
    }
    return -1;
  }

  private static void enter(int @Nullable [] index, Object value, int slot) {
    if (index == null) {
      return;
    }
    int mask = index.length - 1;
    int i = spread(value) & mask;
    while (index[i] != 0) {
      i = (i + 1) & mask;
    }
    index[i] = slot + 1;
  }

  private static int spread(Object value) {
    int h = value.hashCode() * 0x9E3779B1;
    return h ^ (h >>> 16);
  }

  private void rebuild(int expected) {
    int length = 4;
    while (length < expected + (expected >> 1)) {
      length <<= 1;
    }
    @Nullable Object[] fresh = new Object[length];
    int[] freshIndex = length > SMALL ? new int[length * 2] : null;
    int count = 0;
    for (int i = 0; i < used; i++) {
      Object value = slots[i];
      if (value != null && value != GONE) {
        fresh[count] = value;
        enter(freshIndex, value, count);
        count++;
      }
    }
    index = freshIndex;
    used = count;
    slots = fresh;
  }

  @SuppressWarnings("unchecked") // only add() fills slots
  private V cast(Object value) {
    return (V) value;
  }
}
