package io.carrick.journal;

import io.carrick.journal.FileSystem.StoredFile;
import io.carrick.journal.KeptQueueRecord.FileRecord;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One file with messages of one queue that are out of memory, and which of them are settled.
 * Confined to the keeper's thread, except {@link #force} and what is final.
 */
final class ColdFile {

  private static final int MOST_SHARED = 2;
  private static final int MOST_REFERRING = 4_096;

  final String name;
  final FileHeader header;

  /** Opened when it is used. */
  final StoredFile file;

  private final OpenFiles files;
  private final BitSet settled = new BitSet();

  /** Numbers of the shared files that records refer to. */
  private final TreeSet<Long> shared = new TreeSet<>();

  private long end = FileHeader.BYTES;
  private int records;
  private int durable;
  private int unsettled;
  private long payloadBytes;
  private long lowest = Long.MAX_VALUE;
  private long highest;
  private volatile boolean dirty;

  private ColdFile(OpenFiles files, FileHeader header) {
    this.files = files;
    this.header = header;
    this.name = LogFileNames.cold(header.extra(), header.number());
    this.file = files.of(name);
  }

  /** Makes a new file. */
  static ColdFile create(OpenFiles files, long journalId, long queueId, long number)
      throws IOException {
    var file =
        new ColdFile(files, new FileHeader(FileHeader.Kind.COLD, journalId, number, queueId));
    try {
      files.create(file.name).writeFully(file.header.toBytes(), 0);
    } catch (IOException e) {
      files.delete(file.name);
      throw e;
    }
    file.dirty = true;
    return file;
  }

  /** Takes over a file of an earlier run. */
  static ColdFile recovered(OpenFiles files, long journalId, long queueId, FileRecord record) {
    var file =
        new ColdFile(
            files, new FileHeader(FileHeader.Kind.COLD, journalId, record.number(), queueId));
    file.end = record.end();
    file.records = record.records();
    file.durable = record.durable();
    file.payloadBytes = record.payloadBytes();
    file.lowest = record.lowest();
    file.highest = record.highest();
    file.settled.or(record.settled());
    file.shared.addAll(record.shared());
    file.unsettled = record.live();
    return file;
  }

  /**
   * Checks that the file is there and starts as it should.
   *
   * @return false if it is missing, and that is to be passed over
   */
  boolean check(BlockScan.Damage damage) throws IOException {
    try (StoredFile there = file) {
      if (!header.equals(FileHeader.read(there, name, FileHeader.Kind.COLD))) {
        damage.found(name, 0, FileHeader.BYTES, "the file does not start as it should");
      }
      if (there.size() < end) {
        damage.found(name, there.size(), end, "the file should have " + end + " bytes");
      }
      return true;
    } catch (NoSuchFileException | FileNotFoundException e) {
      damage.found(name, 0, end, "the file is missing");
      return false;
    }
  }

  long end() {
    return end;
  }

  int records() {
    return records;
  }

  int unsettled() {
    return unsettled;
  }

  long lowest() {
    return lowest;
  }

  /** Returns the numbers of the shared files that it refers to. */
  Set<Long> shared() {
    return shared;
  }

  /**
   * Returns whether messages may be added to it: it refers to few shared files, which are needed as
   * long as it is, and has few records that refer, as who reads it after a start knows them all.
   */
  boolean hasRoomFor(Chunk chunk) {
    if (shared.isEmpty() && chunk.shared().isEmpty()) {
      return true;
    }
    var both = new TreeSet<>(shared);
    both.addAll(chunk.shared());
    return both.size() <= MOST_SHARED && records + chunk.count() <= MOST_REFERRING;
  }

  /** Returns the payload bytes of what is not settled, as far as that is known. */
  long unsettledBytes() {
    return durable == 0 ? 0 : (long) ((double) payloadBytes / durable * unsettled);
  }

  /** Adds a block of messages at the end. */
  void append(Chunk chunk) throws IOException {
    Block block = chunk.block();
    block.rebase(records);
    block.place(header.epoch(), end, 0);
    file.writeFully(ByteBuffer.wrap(block.bytes(), 0, block.length()), end);
    dirty = true;
    end += block.length();
    for (int i = 0; i < chunk.count(); i++) {
      long sequence = chunk.sequence(i);
      if (sequence == 0) {
        settled.set(records + i);
      } else {
        durable++;
        unsettled++;
        lowest = Math.min(lowest, sequence);
        highest = Math.max(highest, sequence);
      }
    }
    payloadBytes += chunk.durablePayloadBytes();
    records += chunk.count();
  }

  /** Notes that it refers to a shared file; returns whether that is new. */
  boolean refersTo(long number) {
    return shared.add(number);
  }

  /** Settles the message with an ordinal. */
  void settle(int ordinal) {
    if (!settled.get(ordinal)) {
      settled.set(ordinal);
      unsettled--;
    }
  }

  /** Settles what cannot be read: all from one ordinal to before another. */
  void settleLost(int from, int to) {
    if (from < to) {
      settled.set(from, to);
      unsettled = records - settled.cardinality();
    }
  }

  /** Settles all messages but some. */
  void settleAllBut(BitSet kept) {
    settled.set(0, records);
    settled.andNot(kept);
    unsettled = records - settled.cardinality();
  }

  boolean isSettled(int ordinal) {
    return settled.get(ordinal);
  }

  /**
   * Makes safe what was written; called by the thread that makes images.
   *
   * @return whether anything had been written
   */
  boolean force() throws IOException {
    if (!dirty) {
      return false;
    }
    dirty = false;
    try {
      files.force(name);
    } catch (IOException e) {
      dirty = true;
      throw e;
    }
    return true;
  }

  FileRecord toRecord() {
    return new FileRecord(
        header.number(),
        end,
        records,
        durable,
        payloadBytes,
        lowest,
        highest,
        (BitSet) settled.clone(),
        List.copyOf(shared));
  }

  void close() {
    files.close(name);
  }
}
