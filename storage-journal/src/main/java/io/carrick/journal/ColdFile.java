package io.carrick.journal;

import io.carrick.journal.LiveQueueRecord.FileRecord;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One file with messages of one queue that are out of memory, and which of them are settled.
 * Confined to the compactor's thread, except what is final.
 */
final class ColdFile {

  private static final int MOST_SHARED = 2;
  private static final int MOST_REFERRING = 4_096;

  final BlockFile blocks;

  private final BitSet settled = new BitSet();

  /** Numbers of the shared files that records refer to. */
  private final TreeSet<Long> shared = new TreeSet<>();

  private int records;
  private int durable;
  private int unsettled;
  private long payloadBytes;
  private long lowest = Long.MAX_VALUE;
  private long highest;

  private ColdFile(BlockFile blocks) {
    this.blocks = blocks;
  }

  private static FileHeader header(long journalId, long queueId, long number) {
    return new FileHeader(FileHeader.Kind.COLD, journalId, number, queueId);
  }

  /** Makes a new file. */
  static ColdFile create(OpenFiles files, long journalId, long queueId, long number)
      throws IOException {
    String name = LogFileNames.cold(queueId, number);
    return new ColdFile(BlockFile.create(files, name, header(journalId, queueId, number)));
  }

  /** Takes over a file of an earlier run. */
  static ColdFile recovered(OpenFiles files, long journalId, long queueId, FileRecord record) {
    String name = LogFileNames.cold(queueId, record.number());
    FileHeader header = header(journalId, queueId, record.number());
    var file = new ColdFile(BlockFile.recovered(files, name, header, record.end()));
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

  long number() {
    return blocks.number();
  }

  long end() {
    return blocks.end();
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

  /** Returns the highest sequence in it, 0 without any. */
  long highest() {
    return highest;
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
    blocks.append(block);
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

  FileRecord toRecord() {
    return new FileRecord(
        blocks.number(),
        blocks.end(),
        records,
        durable,
        payloadBytes,
        lowest,
        highest,
        (BitSet) settled.clone(),
        List.copyOf(shared));
  }
}
