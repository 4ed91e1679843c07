package io.carrick.journal;

import java.util.Arrays;

/** A set of numbers as ranges, rising and apart. Confined to one thread. */
final class Ranges {

  private long[] froms = new long[4];
  private long[] tos = new long[4];
  private int size;

  void clear() {
    size = 0;
  }

  /** Returns a copy. */
  Ranges copy() {
    var copy = new Ranges();
    copy.froms = Arrays.copyOf(froms, Math.max(1, size));
    copy.tos = Arrays.copyOf(tos, Math.max(1, size));
    copy.size = size;
    return copy;
  }

  int size() {
    return size;
  }

  long from(int index) {
    return froms[index];
  }

  long to(int index) {
    return tos[index];
  }

  /** Returns the first range that ends at or behind a number. */
  private int search(long value) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (tos[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Adds all from one number to another. */
  void add(long from, long to) {
    int first = size > 0 && tos[size - 1] < from - 1 ? size : search(from - 1);
    int last = first;
    long newFrom = from;
    long newTo = to;
    while (last < size && froms[last] <= to + 1) {
      newFrom = Math.min(newFrom, froms[last]);
      newTo = Math.max(newTo, tos[last]);
      last++;
    }
    replace(first, last);
    froms[first] = newFrom;
    tos[first] = newTo;
  }

  /** Removes a number; returns whether it was there. */
  boolean remove(long value) {
    int i = search(value);
    if (i == size || froms[i] > value) {
      return false;
    }
    long from = froms[i];
    long to = tos[i];
    if (from == to) {
      size--;
      System.arraycopy(froms, i + 1, froms, i, size - i);
      System.arraycopy(tos, i + 1, tos, i, size - i);
    } else if (from == value) {
      froms[i]++;
    } else {
      tos[i] = value - 1;
      if (value < to) {
        replace(i + 1, i + 1);
        froms[i + 1] = value + 1;
        tos[i + 1] = to;
      }
    }
    return true;
  }

  /** Makes of the ranges from one index to before another exactly one. */
  private void replace(int first, int last) {
    int moved = first + 1 - last;
    if (size + moved > froms.length) {
      froms = Arrays.copyOf(froms, froms.length * 2);
      tos = Arrays.copyOf(tos, tos.length * 2);
    }
    System.arraycopy(froms, last, froms, first + 1, size - last);
    System.arraycopy(tos, last, tos, first + 1, size - last);
    size += moved;
  }

  /** Returns how many numbers are in it. */
  long count() {
    long count = 0;
    for (int i = 0; i < size; i++) {
      count += tos[i] - froms[i] + 1;
    }
    return count;
  }
}
