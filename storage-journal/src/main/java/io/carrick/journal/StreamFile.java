package io.carrick.journal;

import io.carrick.journal.StreamRecord.FileRecord;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file of one segment of a stream: blocks of messages, the base of each the offset of its
 * first. Written in the compactor's thread, read in the reader's: what both look at is volatile,
 * and where blocks start is guarded by {@code starts}, held for memory work.
 */
final class StreamFile {

  /** Between two places that are noted, at least. */
  private static final long NOTED_BYTES = 1 << 20;

  final BlockFile blocks;
  private final long first;
  private final TreeMap<Long, Long> starts = new TreeMap<>();
  private volatile Extent extent;
  private volatile long lastMs;

  /**
   * How much there is. Immutable.
   *
   * @param messages how many
   * @param payloadBytes of those
   * @param end where the file ends
   */
  record Extent(long messages, long payloadBytes, long end) {}

  private StreamFile(BlockFile blocks, long first, Extent extent) {
    this.blocks = blocks;
    this.first = first;
    this.extent = extent;
  }

  private static FileHeader header(long journalId, long queueId, long number) {
    return new FileHeader(FileHeader.Kind.STREAM, journalId, number, queueId);
  }

  /** Makes a new file, which begins with an offset. */
  static StreamFile create(OpenFiles files, long journalId, long queueId, long first)
      throws IOException {
    long number = files.newNumber();
    String name = LogFileNames.stream(queueId, number);
    BlockFile made = BlockFile.create(files, name, header(journalId, queueId, number));
    return new StreamFile(made, first, new Extent(0, 0, made.end()));
  }

  /** Takes over a file of an earlier run. */
  static StreamFile recovered(OpenFiles files, long journalId, long queueId, FileRecord record) {
    String name = LogFileNames.stream(queueId, record.number());
    FileHeader header = header(journalId, queueId, record.number());
    var file =
        new StreamFile(
            BlockFile.recovered(files, name, header, record.end()),
            record.first(),
            new Extent(record.messages(), record.payloadBytes(), record.end()));
    file.lastMs = record.lastMs();
    return file;
  }

  // ---- from any thread

  String name() {
    return blocks.name;
  }

  long first() {
    return first;
  }

  /** Returns the offset behind the last message. */
  long end() {
    return first + extent.messages;
  }

  Extent extent() {
    return extent;
  }

  /** Returns when the last message arrived, as far as that is known. */
  long lastMs() {
    return lastMs;
  }

  FileRecord toRecord() {
    Extent now = extent;
    return new FileRecord(blocks.number(), now.end, first, now.messages, now.payloadBytes, lastMs);
  }

  /** Returns where a block starts that has an offset or an earlier one, not far before it. */
  long startBefore(long offset) {
    synchronized (starts) {
      Map.Entry<Long, Long> start = starts.floorEntry(offset);
      return start == null ? FileHeader.BYTES : start.getValue();
    }
  }

  /** Notes where a block starts, if none is noted near it. */
  void note(long offset, long at) {
    synchronized (starts) {
      Map.Entry<Long, Long> before = starts.floorEntry(offset);
      if (at - (before == null ? FileHeader.BYTES : before.getValue()) >= NOTED_BYTES) {
        starts.put(offset, at);
      }
    }
  }

  // ---- in the compactor's thread

  /** Says when the last message arrived; no more are added. */
  void closedAt(long ms) {
    lastMs = ms;
  }

  /** Adds a block of messages at the end. */
  void append(Block block, int messages, long payloadBytes) throws IOException {
    long at = blocks.end();
    block.rebase(end());
    blocks.append(block);
    Extent before = extent;
    note(end(), at);
    extent =
        new Extent(before.messages + messages, before.payloadBytes + payloadBytes, blocks.end());
  }
}
