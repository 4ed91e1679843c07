package io.carrick.journal;

import io.carrick.journal.Durability.Lack;
import io.carrick.journal.FileSystem.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.TreeMap;

/**
 * Segments of the write-ahead log: those in use and zeroed ones for later. Thread-safe, guarded by
 * {@code this}; files are written outside of the lock.
 */
final class SegmentPool {

  /** How many wait; with the last one what makes room is still taken when the disk is full. */
  private static final int SPARES = 2;

  /** How many of those that are needed no more are kept: as many as an image sets free at once. */
  private static final int KEPT = 9;

  private static final int FIRST_BYTES = 1 << 20;
  private static final int ZERO_BYTES = 256 << 10;
  private static final long WAIT_MS = 100;

  private final FileSystem files;
  private final Durability durability;
  private final int segmentBytes;

  /** Kept, as there may be no memory for it when a segment is needed; who uses it duplicates it. */
  private final ByteBuffer zeros;

  private final ArrayDeque<Spare> spares = new ArrayDeque<>();
  private final TreeMap<Long, Long> inUse = new TreeMap<>();
  private long spareNumber;
  private long lastBytes;
  private boolean lacking;
  private boolean closed;

  private record Spare(String name, long bytes) {}

  /**
   * A segment that was taken. Immutable.
   *
   * @param file empty or with what an earlier life has left
   * @param bytes that it has room for
   */
  record Segment(StoredFile file, long bytes) {}

  SegmentPool(FileSystem files, Durability durability, int segmentBytes) {
    this.files = files;
    this.durability = durability;
    this.segmentBytes = segmentBytes;
    this.lastBytes = Math.min(segmentBytes, FIRST_BYTES);
    this.zeros = ByteBuffer.allocateDirect(Math.min(ZERO_BYTES, segmentBytes));
  }

  int segmentBytes() {
    return segmentBytes;
  }

  /** Notes a segment of an earlier run. */
  synchronized void found(long number, long bytes) {
    inUse.put(number, bytes);
  }

  /** Returns the bytes of all segments. */
  synchronized long bytes() {
    long bytes = 0;
    for (long one : inUse.values()) {
      bytes += one;
    }
    for (Spare spare : spares) {
      bytes += spare.bytes;
    }
    return bytes;
  }

  synchronized boolean hasSpare() {
    return !spares.isEmpty();
  }

  /** Returns whether a spare could not be made. */
  synchronized boolean lacking() {
    return lacking && !closed;
  }

  /**
   * Makes the first spare: a start on a full disk fails, rather than wait for room.
   *
   * @throws IOException if there is no room, with a message for a user
   */
  void prepare() throws IOException {
    try {
      makeSpare();
    } catch (IOException e) {
      throw new IOException(
          "there is no room for the log in " + files.name() + ": " + e.getMessage(), e);
    }
  }

  /** Makes spares until there are enough; if that fails the disk counts as full. */
  void refill() {
    while (needsSpare()) {
      try {
        makeSpare();
      } catch (IOException e) {
        synchronized (this) {
          lacking = true;
        }
        durability.lacks(Lack.SEGMENT, String.valueOf(e.getMessage()));
        return;
      }
    }
    durability.hasRoom(Lack.SEGMENT);
  }

  private synchronized boolean needsSpare() {
    boolean needs = spares.size() < SPARES && !closed;
    lacking &= needs;
    return needs;
  }

  private void makeSpare() throws IOException {
    long bytes;
    String name;
    synchronized (this) {
      bytes = Math.min(segmentBytes, lastBytes * 2);
      name = LogFileNames.spare(++spareNumber);
    }
    try {
      zero(name, bytes);
    } catch (IOException e) {
      discard(name);
      throw e;
    }
    synchronized (this) {
      lastBytes = bytes;
      spares.addLast(new Spare(name, bytes));
      notifyAll();
    }
  }

  private void discard(String name) {
    try {
      files.delete(name);
    } catch (IOException stillThere) {
      // The next start deletes it.
    }
  }

  private void zero(String name, long bytes) throws IOException {
    try (StoredFile file = files.create(name)) {
      ByteBuffer some = zeros.duplicate();
      for (long at = 0; at < bytes; at += some.capacity()) {
        some.clear().limit((int) Math.min(some.capacity(), bytes - at));
        file.writeFully(some, at);
      }
      file.force();
    }
  }

  /**
   * Takes a segment, and waits until there is one.
   *
   * @param number that it gets
   * @param bytes that it must have room for
   */
  Segment take(long number, long bytes) throws IOException {
    String name = LogFileNames.wal(number);
    if (bytes > segmentBytes) {
      zeroWhenThereIsRoom(name, bytes);
      return taken(number, name, bytes);
    }
    while (true) {
      Spare spare = await();
      if (spare.bytes >= bytes) {
        files.rename(spare.name, name);
        return taken(number, name, spare.bytes);
      }
      discard(spare.name);
      refill();
    }
  }

  private void zeroWhenThereIsRoom(String name, long bytes) throws IOException {
    while (true) {
      try {
        zero(name, bytes);
        durability.hasRoom(Lack.LARGE_SEGMENT);
        return;
      } catch (IOException e) {
        durability.lacks(Lack.LARGE_SEGMENT, String.valueOf(e.getMessage()));
        discard(name);
      }
      synchronized (this) {
        pause();
      }
    }
  }

  private Segment taken(long number, String name, long bytes) throws IOException {
    files.syncNames();
    synchronized (this) {
      inUse.put(number, bytes);
    }
    return new Segment(files.open(name), bytes);
  }

  private synchronized Spare await() throws IOException {
    while (spares.isEmpty()) {
      pause();
    }
    return spares.removeFirst();
  }

  /** Waits a little for room; under the lock, by who then looks again. */
  @SuppressWarnings("WaitNotInLoop")
  private void pause() throws IOException {
    if (closed || durability.failed()) {
      throw new IOException("there is no room for another segment");
    }
    try {
      wait(WAIT_MS);
    } catch (InterruptedException nobodyMay) {
      // Whoever wants to end this closes it.
    }
  }

  /** A segment is needed no more: it becomes a spare, or is deleted. */
  void retire(long number) throws IOException {
    long bytes;
    synchronized (this) {
      Long there = inUse.remove(number);
      if (there == null) {
        return;
      }
      bytes = there;
      if (bytes != segmentBytes || spares.size() >= KEPT || closed) {
        bytes = 0;
      }
    }
    String name = LogFileNames.wal(number);
    if (bytes == 0) {
      files.delete(name);
      return;
    }
    String spare;
    synchronized (this) {
      spare = LogFileNames.spare(++spareNumber);
    }
    files.rename(name, spare);
    synchronized (this) {
      spares.addLast(new Spare(spare, bytes));
      notifyAll();
    }
  }

  /** Ends who waits. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
