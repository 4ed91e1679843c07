package io.carrick.journal;

import java.util.Arrays;

/**
 * Where messages of streams are that one loop has placed in its open batch, in runs. Confined to
 * that loop.
 */
final class PlacedInBatch {

  /** Stream, first offset, first sequence, how many. */
  private static final int FIELDS = 4;

  private static final int KEPT = 1_024;

  private long[] runs = new long[FIELDS];
  private int end;

  boolean isEmpty() {
    return end == 0;
  }

  /** Adds a message. */
  void add(long queueId, long offset, long sequence) {
    int last = end - FIELDS;
    if (last >= 0
        && runs[last] == queueId
        && runs[last + 1] + runs[last + 3] == offset
        && runs[last + 2] + runs[last + 3] == sequence) {
      runs[last + 3]++;
      return;
    }
    if (end == runs.length) {
      runs = Arrays.copyOf(runs, runs.length * 2);
    }
    runs[end] = queueId;
    runs[end + 1] = offset;
    runs[end + 2] = sequence;
    runs[end + 3] = 1;
    end += FIELDS;
  }

  /** Writes all of it as records, and forgets it. */
  void writeTo(Output out) {
    for (int i = 0; i < end; i += FIELDS) {
      out.octet(LogRecords.PLACES);
      for (int field = 0; field < FIELDS; field++) {
        out.number(runs[i + field]);
      }
    }
    end = 0;
    if (runs.length > KEPT) {
      runs = new long[FIELDS];
    }
  }
}
