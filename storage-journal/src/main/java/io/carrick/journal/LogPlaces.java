package io.carrick.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one queue that an earlier run has left in the log, and their places there, in a few
 * bytes for each. They are added as they are in the log, where the sequences of each loop rise: so
 * they make as many rising runs as there were loops, which are merged when they are taken. Confined
 * to one thread.
 */
final class LogPlaces {

  /** What {@link #first} returns when nothing is there. */
  static final long NOTHING = Long.MAX_VALUE;

  private final List<Run> runs = new ArrayList<>(1);
  private long count;
  private long payloadBytes;

  /** Returns how many are there. */
  long count() {
    return count;
  }

  /** Returns how many payload bytes they have. */
  long payloadBytes() {
    return payloadBytes;
  }

  /** Adds a message that was not there before. */
  void add(long sequence, long place, int payload) {
    Run behind = null;
    for (Run run : runs) {
      if (run.last < sequence && (behind == null || run.last > behind.last)) {
        behind = run;
      }
    }
    if (behind == null) {
      behind = new Run();
      runs.add(behind);
    }
    behind.add(sequence, place, payload);
    count++;
    payloadBytes += payload;
  }

  /** Forgets a message; returns whether it was there. */
  boolean remove(long sequence) {
    for (Run run : runs) {
      int index = run.find(sequence);
      if (index >= 0) {
        took(run.found().remove(index));
        return true;
      }
    }
    return false;
  }

  private void took(int payload) {
    count--;
    payloadBytes -= payload;
  }

  boolean contains(long sequence) {
    for (Run run : runs) {
      if (run.find(sequence) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Returns the place of a message, which is there. */
  long place(long sequence) {
    for (Run run : runs) {
      int index = run.find(sequence);
      if (index >= 0) {
        return run.found().places[index];
      }
    }
    throw new IllegalStateException("nothing is there of " + sequence);
  }

  /** Returns the lowest sequence, or {@link #NOTHING}. */
  long first() {
    Run run = firstRun();
    return run == null ? NOTHING : run.first();
  }

  private @Nullable Run firstRun() {
    Run lowest = null;
    for (Run run : runs) {
      if (run.first() != NOTHING && (lowest == null || run.first() < lowest.first())) {
        lowest = run;
      }
    }
    return lowest;
  }

  /** Forgets the message with the lowest sequence, and returns its place. */
  long takeFirst() {
    Run run = firstRun();
    if (run == null) {
      throw new IllegalStateException("nothing is there");
    }
    run.first();
    Part part = run.parts.get(run.head);
    int index = part.nextLive();
    long place = part.places[index];
    took(part.remove(index));
    return place;
  }

  /** Forgets all up to a sequence. */
  void removeUpTo(long sequence) {
    while (first() <= sequence) {
      takeFirst();
    }
  }

  /** Makes it small: nothing is added after this. */
  void complete() {
    for (Run run : runs) {
      run.opened = null;
      run.parts.forEach(Part::shut);
    }
  }

  /** Returns what is there, to be looked at in another thread. */
  LogPlaces copy() {
    var copy = new LogPlaces();
    copy.count = count;
    copy.payloadBytes = payloadBytes;
    runs.forEach(run -> copy.runs.add(run.copy()));
    return copy;
  }

  /** Sequences that rise. Confined to one thread. */
  private static final class Run {

    final List<Part> parts = new ArrayList<>(1);
    int head;
    long last;
    private @Nullable Part opened;

    void add(long sequence, long place, int payload) {
      Part tail = parts.isEmpty() ? null : parts.get(parts.size() - 1);
      if (tail == null || tail.size == Part.MOST) {
        if (tail != null && tail != opened) {
          tail.shut();
        }
        tail = new Part(sequence);
        parts.add(tail);
      }
      tail.add(sequence, place, payload);
      last = sequence;
    }

    /** Returns where in {@link #found()} a sequence is; negative if it is not there. */
    int find(long sequence) {
      Part there = opened;
      if (there == null || sequence < there.first || sequence > there.last) {
        there = partOf(sequence);
        if (there == null) {
          return -1;
        }
        open(there);
      }
      return there.find(sequence);
    }

    Part found() {
      return java.util.Objects.requireNonNull(opened);
    }

    private void open(Part part) {
      if (opened != part) {
        if (opened != null && opened != parts.get(parts.size() - 1)) {
          opened.shut();
        }
        opened = part;
        part.open();
      }
    }

    private @Nullable Part partOf(long sequence) {
      int low = head;
      int high = parts.size() - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        Part part = parts.get(middle);
        if (sequence < part.first) {
          high = middle - 1;
        } else if (sequence > part.last) {
          low = middle + 1;
        } else {
          return part.live == 0 ? null : part;
        }
      }
      return null;
    }

    /** Returns the lowest sequence, or {@link #NOTHING}. */
    long first() {
      while (head < parts.size()) {
        Part part = parts.get(head);
        if (part.live > 0) {
          open(part);
          return part.sequences[part.nextLive()];
        }
        head++;
      }
      return NOTHING;
    }

    Run copy() {
      var copy = new Run();
      for (Part part : parts.subList(head, parts.size())) {
        copy.parts.add(part.copy());
      }
      copy.last = last;
      return copy;
    }
  }

  /**
   * Some of a run. What has been removed is marked; what cannot grow any more is packed, and
   * unpacked while somebody looks into it. Confined to one thread, but for the packed bytes, which
   * do not change.
   */
  private static final class Part {

    static final int MOST = Long.SIZE;
    private static final int AT_FIRST = 2;
    private static final long[] NONE = {};
    private static final int[] NO_PAYLOADS = {};

    final long first;
    long last;
    int size;
    int live;

    long[] sequences = NONE;
    long[] places = NONE;
    private int[] payloads = NO_PAYLOADS;

    /** One bit for each. */
    private long removed;

    private byte @Nullable [] packed;

    Part(long first) {
      this.first = first;
    }

    void add(long sequence, long place, int payload) {
      open();
      packed = null;
      if (size == sequences.length) {
        int capacity = Math.max(AT_FIRST, 2 * size);
        sequences = Arrays.copyOf(sequences, capacity);
        places = Arrays.copyOf(places, capacity);
        payloads = Arrays.copyOf(payloads, capacity);
      }
      sequences[size] = sequence;
      places[size] = place;
      payloads[size++] = payload;
      last = sequence;
      live++;
    }

    int find(long sequence) {
      int index = Arrays.binarySearch(sequences, 0, size, sequence);
      return index >= 0 && isRemoved(index) ? -1 : index;
    }

    private boolean isRemoved(int index) {
      return (removed & 1L << index) != 0;
    }

    /** Marks what is at an index, and returns its payload bytes. */
    int remove(int index) {
      int payload = payloads[index];
      removed |= 1L << index;
      if (--live == 0) {
        packed = null;
        sequences = NONE;
        places = NONE;
        payloads = NO_PAYLOADS;
        removed = 0;
        size = 0;
      }
      return payload;
    }

    /** Returns the index of the first that is not removed; there is one. */
    int nextLive() {
      return Long.numberOfTrailingZeros(~removed);
    }

    void shut() {
      if (packed == null && live > 0) {
        packed = pack();
      }
      sequences = NONE;
      places = NONE;
      payloads = NO_PAYLOADS;
    }

    private byte[] pack() {
      var out = new Output(4 * size + 2 * Long.BYTES);
      long sequence = first;
      long place = 0;
      for (int i = 0; i < size; i++) {
        out.number(sequences[i] - sequence);
        out.difference(places[i] - place);
        out.number(payloads[i]);
        sequence = sequences[i];
        place = places[i];
      }
      return Arrays.copyOf(out.array(), out.length());
    }

    void open() {
      byte[] bytes = packed;
      if (bytes == null || sequences.length > 0) {
        return;
      }
      sequences = new long[size];
      places = new long[size];
      payloads = new int[size];
      var in = new Input(bytes, 0, bytes.length);
      long sequence = first;
      long place = 0;
      for (int i = 0; i < size; i++) {
        sequence += in.number();
        place += in.difference();
        sequences[i] = sequence;
        places[i] = place;
        payloads[i] = (int) in.number();
      }
    }

    Part copy() {
      if (packed == null && live > 0) {
        packed = pack();
      }
      var copy = new Part(first);
      copy.last = last;
      copy.size = size;
      copy.live = live;
      copy.removed = removed;
      copy.packed = packed;
      return copy;
    }
  }
}
