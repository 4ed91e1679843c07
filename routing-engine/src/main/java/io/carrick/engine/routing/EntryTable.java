package io.carrick.engine.routing;

import io.carrick.RoutingKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Entries by hash, open addressing. Written by one thread at a time under its owner's lock, read by
 * any without one: an entry is published in its slot; a removed one leaves a mark, since shifting
 * its neighbours would hide them from a reader under way; when the table is full, or a quarter of
 * it marks, the change returns another table, which the owner publishes in the place of this one.
 */
final class EntryTable<V> {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Entry[].class);

  private static final Entry<?> GONE = new Entry<>(RoutingKey.EMPTY);

  /** Written before the slot; says nothing where the slot is empty or gone. */
  private final int[] hashes;

  private final @Nullable Entry<V>[] slots;

  // Only the writer reads these.
  private int used;
  private int live;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  EntryTable(int expected) {
    int length = 4;
    while (length < expected + (expected >> 1)) {
      length <<= 1;
    }
    hashes = new int[length];
    slots = new Entry[length];
  }

  /** Returns the entry of this whole key. */
  @Nullable Entry<V> find(RoutingKey key) {
    int hash = key.hashCode();
    int mask = slots.length - 1;
    for (int i = hash & mask; ; i = (i + 1) & mask) {
      Entry<V> entry = at(i);
      if (entry == null) {
        return null;
      }
      if (hashes[i] == hash && entry != GONE && entry.key.equals(key)) {
        return entry;
      }
    }
  }

  /** Returns the entry whose level {@code depth} is {@code key}'s level {@code level}. */
  @Nullable Entry<V> find(int depth, RoutingKey key, int level) {
    int hash = key.levelHash(level);
    int mask = slots.length - 1;
    for (int i = hash & mask; ; i = (i + 1) & mask) {
      Entry<V> entry = at(i);
      if (entry == null) {
        return null;
      }
      if (hashes[i] == hash && entry != GONE && entry.key.sameLevel(depth, key, level)) {
        return entry;
      }
    }
  }

  /** Returns how many slots {@link #at} knows. */
  int length() {
    return slots.length;
  }

  /** Returns what a slot holds, null if it was never used. */
  @SuppressWarnings("unchecked") // only put() fills slots
  private @Nullable Entry<V> at(int slot) {
    return (Entry<V>) SLOT.getAcquire(slots, slot);
  }

  /** Returns the entry in a slot, null if there is none. */
  @Nullable Entry<V> entry(int slot) {
    Entry<V> entry = at(slot);
    return entry == GONE ? null : entry;
  }

  /** Returns how many entries there are; for the writer. */
  int size() {
    return live;
  }

  /** Returns an entry of a table that has one; for the writer. */
  Entry<V> any() {
    for (int i = 0; i < slots.length; i++) {
      Entry<V> entry = entry(i);
      if (entry != null) {
        return entry;
      }
    }
    throw new IllegalStateException("the table is empty");
  }

  /** Adds an entry that is not there yet, and returns the table that has it. */
  EntryTable<V> with(int hash, Entry<V> entry) {
    if (used + 1 > slots.length - (slots.length >> 2)) {
      EntryTable<V> fresh = copy(live + 1);
      fresh.put(hash, entry);
      return fresh;
    }
    put(hash, entry);
    return this;
  }

  /** Removes an entry and returns the table that is left. */
  EntryTable<V> without(int hash, Entry<V> entry) {
    SLOT.setRelease(slots, slotOf(hash, entry), GONE);
    live--;
    return (used - live) * 4 > slots.length ? copy(live) : this;
  }

  /** Puts one entry in the place of another of the same hash. */
  void replace(int hash, Entry<V> entry, Entry<V> other) {
    SLOT.setRelease(slots, slotOf(hash, entry), other);
  }

  private int slotOf(int hash, Entry<V> entry) {
    int mask = slots.length - 1;
    for (int i = hash & mask; slots[i] != null; i = (i + 1) & mask) {
      if (slots[i] == entry) {
        return i;
      }
    }
    throw new IllegalStateException("the entry is not in its table");
  }

  private void put(int hash, Entry<V> entry) {
    int mask = slots.length - 1;
    int i = hash & mask;
    while (slots[i] != null) {
      i = (i + 1) & mask;
    }
    hashes[i] = hash;
    SLOT.setRelease(slots, i, entry);
    used++;
    live++;
  }

  private EntryTable<V> copy(int expected) {
    EntryTable<V> fresh = new EntryTable<>(expected);
    for (int i = 0; i < slots.length; i++) {
      Entry<V> entry = slots[i];
      if (entry != null && entry != GONE) {
        fresh.put(hashes[i], entry);
      }
    }
    return fresh;
  }
}
