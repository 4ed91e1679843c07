package io.carrick.journal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which message is at which offset of a stream, in runs: sequences that follow each other are
 * mostly at offsets that do. Confined to one thread.
 */
final class PlaceRuns {

  private final ArrayList<Run> runs = new ArrayList<>(1);

  /**
   * Messages in a row. Immutable.
   *
   * @param offset of the first
   * @param sequence of the first
   * @param count how many
   */
  record Run(long offset, long sequence, long count) {

    private boolean precedes(long nextOffset, long nextSequence) {
      return offset + count == nextOffset && sequence + count == nextSequence;
    }
  }

  /** Adds messages in a row. */
  void add(long offset, long sequence, long count) {
    int last = runs.size() - 1;
    if (last >= 0 && runs.get(last).precedes(offset, sequence)) {
      Run run = runs.get(last);
      runs.set(last, new Run(run.offset, run.sequence, run.count + count));
    } else {
      runs.add(new Run(offset, sequence, count));
    }
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  void clear() {
    runs.clear();
    runs.trimToSize();
  }

  List<Run> all() {
    return List.copyOf(runs);
  }

  /**
   * Gives every message that is left an offset: its own, or if it has none one that no other has,
   * in the order of sequences.
   *
   * @param left what is left
   * @param from the first offset that may be given
   */
  PlaceRuns resolved(LogPlaces left, long from) {
    List<Run> byOffset = new ArrayList<>(runs);
    byOffset.sort(Comparator.comparingLong(Run::offset));
    LogPlaces unplaced = left.copy();
    for (Run run : byOffset) {
      for (long i = 0; i < run.count; i++) {
        unplaced.remove(run.sequence + i);
      }
    }
    var resolved = new PlaceRuns();
    long next = from;
    for (Run run : byOffset) {
      for (long i = 0; i < run.count; i++) {
        long offset = run.offset + i;
        if (offset >= from && left.contains(run.sequence + i)) {
          for (; next < offset && unplaced.count() > 0; next++) {
            resolved.addFirstOf(unplaced, next);
          }
          resolved.add(next++, run.sequence + i, 1);
        }
      }
    }
    for (; unplaced.count() > 0; next++) {
      resolved.addFirstOf(unplaced, next);
    }
    return resolved;
  }

  private void addFirstOf(LogPlaces unplaced, long offset) {
    add(offset, unplaced.first(), 1);
    unplaced.takeFirst();
  }
}
