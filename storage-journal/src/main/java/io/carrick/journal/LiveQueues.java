package io.carrick.journal;

import io.carrick.journal.LiveQueue.Surroundings;
import io.carrick.journal.LogRecords.MessageBytes;
import io.carrick.journal.LogRecords.Visitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are live in every queue, by following the records of the log: while it is written,
 * and while it is read at the start. Confined to the compactor's thread, or to who starts the
 * journal.
 */
final class LiveQueues implements Visitor {

  private static final int RECENT = 1 << 10;

  /** A smaller message is no larger than a reference to it. */
  private static final int LEAST_SHARED_BYTES = 16;

  private final Map<Long, LiveQueue> queues = new HashMap<>();
  private final Surroundings with;

  /** Those found last, by the lower bits of their ids: most records are of a few queues. */
  private final @Nullable LiveQueue[] recent = new LiveQueue[RECENT];

  /** Streams that have something to write. */
  private final Set<Long> toWrite = new LinkedHashSet<>();

  // while the log is read at the start
  private boolean recovering;
  private long placeOfBuffer;

  // since forgetNoted
  private boolean definitions;
  private long lowest;
  private long highest;

  LiveQueues(Surroundings with) {
    this.with = with;
    forgetNoted();
  }

  /** Says where in the log the buffer of the next records starts; its messages are noted. */
  void recovering(long place) {
    recovering = true;
    placeOfBuffer = place;
  }

  /** Ends the reading at the start. */
  void recoveryComplete() {
    recovering = false;
    queues.values().forEach(LiveQueue::recoveryComplete);
    with.shared().recoveryComplete();
    removeEmpty();
  }

  Surroundings with() {
    return with;
  }

  Collection<LiveQueue> all() {
    return queues.values();
  }

  LiveQueue queue(long id) {
    LiveQueue there = find(id);
    if (there == null) {
      there = new LiveQueue(id);
      queues.put(id, there);
      recent[slot(id)] = there;
    }
    return there;
  }

  @Nullable LiveQueue find(long id) {
    LiveQueue found = recent[slot(id)];
    if (found != null && found.id() == id) {
      return found;
    }
    LiveQueue there = queues.get(id);
    if (there != null) {
      recent[slot(id)] = there;
    }
    return there;
  }

  private static int slot(long id) {
    return (int) id & RECENT - 1;
  }

  void removeEmpty() {
    Arrays.fill(recent, null);
    for (Iterator<LiveQueue> each = queues.values().iterator(); each.hasNext(); ) {
      if (each.next().isEmpty()) {
        each.remove();
      }
    }
  }

  // ---- records

  @Override
  public void append(long sequence, long[] queueIds, int count, MessageBytes message) {
    note(sequence);
    boolean shared = count > 1 && message.end() - message.at() >= LEAST_SHARED_BYTES;
    for (int i = 0; i < count; i++) {
      LiveQueue queue = queue(queueIds[i]);
      if (recovering) {
        long place = placeOfBuffer + message.recordAt();
        queue.recovered().logged().add(sequence, place, message.payloadLength());
      } else {
        queue.inWal.add(sequence, shared ? LiveQueue.SHARED : LiveQueue.ITS_OWN);
        LiveStream stream = queue.stream();
        if (stream != null) {
          stream.appended(sequence, message);
        }
      }
    }
  }

  @Override
  public void settle(long queueId, long from, long to) {
    LiveQueue queue = find(queueId);
    if (queue == null) {
      return;
    }
    LiveStream stream = queue.stream();
    for (long sequence = from; sequence <= to; sequence++) {
      if (stream != null) {
        stream.settled(sequence);
      }
      if (!queue.settle(sequence, with) && recovering && queue.mayHaveInFiles(sequence)) {
        queue.settledEarlier.add(sequence, sequence);
      }
    }
  }

  @Override
  public void drop(long sequence, long queueId) {
    note(sequence);
    LiveQueue queue = find(queueId);
    if (queue != null) {
      queue.drop(with);
      queues.remove(queueId);
      recent[slot(queueId)] = null;
    }
  }

  @Override
  public void queue(LiveQueueRecord record) {
    try {
      queue(record.queueId()).recovered(record, with);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stream(StreamRecord record) {
    try {
      queue(record.queueId()).asStream().recovered(record, with);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void places(long queueId, long offset, long sequence, long count) {
    if (recovering) {
      queue(queueId).asStream().recoveredPlaces(offset, sequence, count);
      return;
    }
    LiveQueue queue = find(queueId);
    LiveStream stream = queue == null ? null : queue.stream();
    if (stream != null) {
      stream.placed(offset, sequence, count);
      toWrite.add(queueId);
    }
  }

  /**
   * Writes to the files of streams what has been placed.
   *
   * @throws IOException if some of it waits on
   */
  void writeStreams() throws IOException {
    for (Iterator<Long> each = toWrite.iterator(); each.hasNext(); ) {
      LiveQueue queue = find(each.next());
      LiveStream stream = queue == null ? null : queue.stream();
      if (queue != null && stream != null) {
        stream.writeWaiting(queue, with);
      }
      each.remove();
    }
  }

  /** Returns whether something has been placed in streams and is not written. */
  boolean streamsWait() {
    return !toWrite.isEmpty();
  }

  @Override
  public void sharedFile(long number, long end) {
    try {
      with.shared().recovered(number, end);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void definition(long sequence, String table, String key, byte @Nullable [] record) {
    note(sequence);
    definitions = true;
  }

  // ---- what a segment has

  private void note(long sequence) {
    lowest = Math.min(lowest, sequence);
    highest = Math.max(highest, sequence);
  }

  /**
   * A segment of which nothing more is written. Immutable.
   *
   * @param number its number
   * @param end where it ends
   * @param definitions whether there are any in it
   * @param lowest sequence in it
   * @param highest sequence in it
   */
  record SealedSegment(long number, long end, boolean definitions, long lowest, long highest) {}

  /** Returns what was noted since the last call. */
  SealedSegment sealed(long number, long end) {
    var sealed = new SealedSegment(number, end, definitions, lowest, highest);
    forgetNoted();
    return sealed;
  }

  private void forgetNoted() {
    definitions = false;
    lowest = Long.MAX_VALUE;
    highest = 0;
  }
}
