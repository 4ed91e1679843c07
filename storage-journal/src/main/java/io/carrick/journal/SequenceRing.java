package io.carrick.journal;

import java.util.Arrays;

/**
 * Sequences that nearly rise as they come and mostly leave in the same order, each with a place: a
 * ring, sorted, in which those that have left in the middle are marked. Confined to one thread.
 */
final class SequenceRing {

  /** What {@link #remove} returns for a sequence that is not there. */
  static final long ABSENT = -1;

  private static final int SMALLEST = 4;

  /** Sequences; below 0: left, the complement of what it was. */
  private long[] sequences = new long[SMALLEST];

  private long[] places = new long[SMALLEST];
  private int head;
  private int size;
  private int marked;

  /** Where the next one that is asked for is likely to be. */
  private int askedNext;

  /** Returns how many are there. */
  int count() {
    return size - marked;
  }

  private int slot(int index) {
    return (head + index) & (sequences.length - 1);
  }

  private long at(int index) {
    long s = sequences[slot(index)];
    return s < 0 ? ~s : s;
  }

  /** Adds a sequence; one that is there stays as it is. */
  void add(long sequence, long place) {
    room();
    if (size == 0 || at(size - 1) < sequence) {
      set(size++, sequence, place);
      return;
    }
    int index = find(sequence);
    if (index >= 0) {
      if (sequences[slot(index)] < 0) {
        marked--;
        set(index, sequence, place);
      }
      return;
    }
    int to = -index - 1;
    for (int i = size; i > to; i--) {
      set(i, sequences[slot(i - 1)], places[slot(i - 1)]);
    }
    set(to, sequence, place);
    size++;
  }

  private void set(int index, long sequence, long place) {
    sequences[slot(index)] = sequence;
    places[slot(index)] = place;
  }

  private void room() {
    if (size < sequences.length) {
      return;
    }
    if (marked > size / 2) {
      resize(sequences.length);
    } else {
      resize(sequences.length * 2);
    }
  }

  private void resize(int capacity) {
    long[] newSequences = new long[capacity];
    long[] newPlaces = new long[capacity];
    int kept = 0;
    for (int i = 0; i < size; i++) {
      long s = sequences[slot(i)];
      if (s >= 0) {
        newSequences[kept] = s;
        newPlaces[kept++] = places[slot(i)];
      }
    }
    sequences = newSequences;
    places = newPlaces;
    head = 0;
    size = kept;
    marked = 0;
  }

  /** Returns the index of a sequence, or -(where it belongs) - 1. */
  private int find(long sequence) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long s = at(middle);
      if (s == sequence) {
        return middle;
      } else if (s < sequence) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }

  /** Removes a sequence and returns its place, or {@link #ABSENT}. */
  long remove(long sequence) {
    if (size == 0) {
      return ABSENT;
    }
    int index = sequences[head] == sequence ? 0 : find(sequence);
    if (index < 0 || sequences[slot(index)] < 0) {
      return ABSENT;
    }
    long place = places[slot(index)];
    sequences[slot(index)] = ~sequence;
    marked++;
    dropMarkedHead();
    if (marked > SMALLEST && marked > size - size / 4) {
      resize(Math.max(SMALLEST, Integer.highestOneBit(Math.max(1, count())) * 2));
    }
    return place;
  }

  private void dropMarkedHead() {
    while (size > 0 && sequences[head] < 0) {
      head = (head + 1) & (sequences.length - 1);
      size--;
      marked--;
    }
    if (size == 0) {
      head = 0;
      if (sequences.length > 256 * SMALLEST) {
        resize(SMALLEST);
      }
    }
  }

  /** Removes all of a range, and returns how many there were. */
  int removeRange(long from, long to) {
    int removed = 0;
    int start = find(from);
    for (int i = start < 0 ? -start - 1 : start; i < size && at(i) <= to; i++) {
      long s = sequences[slot(i)];
      if (s >= 0) {
        sequences[slot(i)] = ~s;
        marked++;
        removed++;
      }
    }
    dropMarkedHead();
    if (marked > SMALLEST && marked > size - size / 4) {
      resize(Math.max(SMALLEST, Integer.highestOneBit(Math.max(1, count())) * 2));
    }
    return removed;
  }

  /** Returns the place of a sequence, or {@link #ABSENT}. */
  long place(long sequence) {
    int index = size > 0 && sequences[head] == sequence ? 0 : askedNext;
    if (index >= size || sequences[slot(index)] != sequence) {
      index = find(sequence);
      if (index < 0 || sequences[slot(index)] < 0) {
        return ABSENT;
      }
    }
    askedNext = index + 1;
    return places[slot(index)];
  }

  boolean contains(long sequence) {
    int index = find(sequence);
    return index >= 0 && sequences[slot(index)] >= 0;
  }

  /** Returns those that are there, rising. */
  long[] toArray() {
    long[] all = new long[count()];
    int kept = 0;
    for (int i = 0; i < size; i++) {
      long s = sequences[slot(i)];
      if (s >= 0) {
        all[kept++] = s;
      }
    }
    return kept == all.length ? all : Arrays.copyOf(all, kept);
  }
}
