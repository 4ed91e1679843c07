package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Values by whole key, without wildcards, open addressing. Written by one thread at a time under
 * its owner's lock, read by any without one: what a slot holds is published in it, and a slot is
 * not used for another key before the slots are copied, which happens when they are full or a
 * quarter of them is without values.
 */
public final class KeyTable<V> {

  private volatile Slots<V> slots = new Slots<>(0);

  /** Makes a table without values. */
  public KeyTable() {}

  /** Adds a value under a key, or puts it in the place of the equal one. */
  public void add(RoutingKey key, V value) {
    Slots<V> present = slots;
    int slot = present.find(key);
    if (slot >= 0) {
      present.set(slot, Values.with(present.values(slot), value));
      return;
    }
    if (present.isFull()) {
      present = present.copy(1);
    }
    present.put(key, value);
    slots = present;
  }

  /** Removes the equal value of a key, if there is one. */
  public void remove(RoutingKey key, V value) {
    Slots<V> present = slots;
    int slot = present.find(key);
    if (slot >= 0) {
      present.set(slot, Values.without(present.values(slot), value));
      if (present.isSparse()) {
        slots = present.copy(0);
      }
    }
  }

  /**
   * Names every value of a key to {@code sink}; allocates nothing.
   *
   * @return whether there was one
   */
  public <S> boolean match(RoutingKey key, S sink, BiConsumer<? super S, ? super V> report) {
    Slots<V> present = slots;
    int slot = present.find(key);
    Object values = slot < 0 ? null : present.values(slot);
    Values.report(values, sink, report);
    return values != null;
  }

  /** Returns how many keys there are; for the writer. */
  int size() {
    return slots.live;
  }

  /** One generation of the slots. Owned as its table is. */
  private static final class Slots<V> {

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    /** Written before the slot. */
    private final int[] hashes;

    /** A key and, beside it so that one read fetches both, its values. */
    private final @Nullable Object[] pairs;

    // Only the writer reads these.
    private int used;
    private int live;

    Slots(int expected) {
      int length = 4;
      while (length < expected + (expected >> 1)) {
        length <<= 1;
      }
      hashes = new int[length];
      pairs = new Object[length * 2];
    }

    /** Returns the slot of a key, with values or without, or -1. */
    int find(RoutingKey key) {
      int hash = key.hashCode();
      int mask = hashes.length - 1;
      for (int i = hash & mask; ; i = (i + 1) & mask) {
        Object present = SLOT.getAcquire(pairs, i * 2);
        if (present == null) {
          return -1;
        }
        if (hashes[i] == hash && key.equals(present)) {
          return i;
        }
      }
    }

    @Nullable Object values(int slot) {
      return SLOT.getAcquire(pairs, slot * 2 + 1);
    }

    /** Sets the values of a slot that has a key. */
    void set(int slot, @Nullable Object values) {
      live += (values == null ? 0 : 1) - (values(slot) == null ? 0 : 1);
      SLOT.setRelease(pairs, slot * 2 + 1, values);
    }

    void put(RoutingKey key, Object values) {
      int hash = key.hashCode();
      int mask = hashes.length - 1;
      int i = hash & mask;
      while (pairs[i * 2] != null) {
        i = (i + 1) & mask;
      }
      hashes[i] = hash;
      pairs[i * 2 + 1] = values;
      SLOT.setRelease(pairs, i * 2, key);
      used++;
      live++;
    }

    boolean isFull() {
      return used + 1 > hashes.length - (hashes.length >> 2);
    }

    boolean isSparse() {
      return (used - live) * 4 > hashes.length;
    }

    Slots<V> copy(int more) {
      Slots<V> fresh = new Slots<>(live + more);
      for (int i = 0; i < hashes.length; i++) {
        Object values = values(i);
        if (values != null && pairs[i * 2] instanceof RoutingKey key) {
          fresh.put(key, values);
        }
      }
      return fresh;
    }
  }
}
