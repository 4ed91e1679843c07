package io.carrick.engine.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Values by a number other than 0, in open addressing: the unsettled deliveries of a consumer by
 * their ids, without a box for each. Not thread-safe.
 */
final class LongMap<V> {

  private static final int SMALLEST = 8;

  /** What an empty map has: one free place, which nothing is put in. */
  private static final long[] NO_KEYS = new long[1];

  private static final @Nullable Object[] NO_VALUES = new @Nullable Object[1];

  private long[] keys = NO_KEYS;
  private @Nullable Object[] values = NO_VALUES;
  private int size;

  int size() {
    return size;
  }

  void put(long key, V value) {
    if ((size + 1) * 2 > keys.length) {
      resize(Math.max(SMALLEST, keys.length * 2));
    }
    int i = slot(keys, key);
    if (keys[i] == 0) {
      size++;
    }
    keys[i] = key;
    values[i] = value;
  }

  @SuppressWarnings("unchecked")
  @Nullable V remove(long key) {
    int i = slot(keys, key);
    if (keys[i] == 0) {
      return null;
    }
    V removed = (V) values[i];
    size--;
    closeGap(i);
    if (keys.length > SMALLEST && size * 8 < keys.length) {
      resize(keys.length / 2);
    }
    return removed;
  }

  /** Shows every value, in no particular order. */
  @SuppressWarnings("unchecked")
  void forEach(java.util.function.Consumer<V> each) {
    for (Object value : values) {
      if (value != null) {
        each.accept((V) value);
      }
    }
  }

  /** Takes every value out, by rising key. */
  @SuppressWarnings("unchecked")
  java.util.List<V> removeAll() {
    long[] sorted = Arrays.stream(keys).filter(k -> k != 0).sorted().toArray();
    var all = new java.util.ArrayList<V>(sorted.length);
    for (long key : sorted) {
      all.add((V) java.util.Objects.requireNonNull(values[slot(keys, key)]));
    }
    keys = NO_KEYS;
    values = NO_VALUES;
    size = 0;
    return all;
  }

  /** Moves later entries of the run up, so that no tombstone is needed. */
  private void closeGap(int gap) {
    int mask = keys.length - 1;
    int hole = gap;
    for (int i = (gap + 1) & mask; keys[i] != 0; i = (i + 1) & mask) {
      int home = home(keys[i], mask);
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        keys[hole] = keys[i];
        values[hole] = values[i];
        hole = i;
      }
    }
    keys[hole] = 0;
    values[hole] = null;
  }

  private void resize(int capacity) {
    long[] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    keys = new long[capacity];
    values = new @Nullable Object[capacity];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int to = slot(keys, oldKeys[i]);
        keys[to] = oldKeys[i];
        values[to] = oldValues[i];
      }
    }
  }

  private static int slot(long[] keys, long key) {
    int mask = keys.length - 1;
    int i = home(key, mask);
    while (keys[i] != 0 && keys[i] != key) {
      i = (i + 1) & mask;
    }
    return i;
  }

  /** Scatters neighbouring keys: as one long run they would make every removal walk along it. */
  private static int home(long key, int mask) {
    long scattered = key * 0x9E3779B97F4A7C15L;
    return (int) (scattered >>> 32) & mask;
  }
}
