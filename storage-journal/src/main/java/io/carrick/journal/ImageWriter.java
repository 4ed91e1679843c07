package io.carrick.journal;

import io.carrick.journal.CheckpointPlan.QueuePlan;
import io.carrick.journal.CheckpointPlan.SharedPart;
import io.carrick.journal.CheckpointPlan.StreamPlan;
import io.carrick.journal.FileSystem.StoredFile;
import io.carrick.journal.Input.MalformedException;
import io.carrick.journal.LiveQueues.SealedSegment;
import io.carrick.journal.LogRecords.MessageBytes;
import io.carrick.journal.LogRecords.Visitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies what is live in the last image and the segments behind it to a new image. Confined to one
 * thread.
 */
final class ImageWriter {

  private static final int BLOCK_BYTES = 64 << 10;

  private final FileSystem files;
  private final long journalId;
  private final BlockScan.Damage damage;
  private final CheckpointPlan plan;
  private final FileHeader header;

  private final Map<DefinitionKey, Long> newest = new HashMap<>();
  private long[] liveIds = new long[16];

  private @Nullable StoredFile out;
  private Output block = Block.start(BLOCK_BYTES);
  private long previous;
  private long end = FileHeader.BYTES;

  /** Names a definition. Immutable. */
  record DefinitionKey(String table, String key) {}

  ImageWriter(FileSystem files, long journalId, BlockScan.Damage damage, CheckpointPlan plan) {
    this.files = files;
    this.journalId = journalId;
    this.damage = damage;
    this.plan = plan;
    this.header = new FileHeader(FileHeader.Kind.IMAGE, journalId, plan.image(), 0);
  }

  /** Makes the files of queues safe that the image is going to describe. */
  void makeFilesSafe() throws IOException {
    boolean any = false;
    // Before those that refer to them, though nothing counts before the image does.
    for (SharedPart shared : plan.shared()) {
      any |= shared.file().blocks.force();
    }
    for (QueuePlan queue : plan.queues().values()) {
      for (ColdFile file : queue.unsafe()) {
        any |= file.blocks.force();
      }
      StreamPlan stream = queue.stream();
      if (stream != null) {
        for (StreamFile file : stream.unsafe()) {
          any |= file.blocks.force();
        }
      }
    }
    if (any) {
      // Their names too, before one of the image can be.
      files.syncNames();
    }
  }

  /** Writes the image and returns its bytes; after this it counts. */
  long write() throws IOException {
    String name = LogFileNames.image(plan.image());
    String temporary = name + LogFileNames.TEMPORARY;
    try (StoredFile file = files.create(temporary)) {
      out = file;
      file.writeFully(header.toBytes(), 0);
      copy();
      for (SharedPart shared : plan.shared()) {
        block.octet(LogRecords.SHARED_FILE);
        block.number(shared.file().number());
        block.number(shared.end());
        ended();
      }
      plan.queues().forEach((id, queue) -> describe(id, queue));
      block.octet(LogRecords.END);
      block.number(plan.lastSequence());
      closeBlock();
      file.force();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    files.rename(temporary, name);
    files.syncNames();
    return end;
  }

  private void copy() throws IOException {
    for (SealedSegment segment : plan.segments()) {
      if (segment.definitions()) {
        scan(segment, new NewestDefinitions());
      }
    }
    if (plan.oldImage() != 0) {
      String name = LogFileNames.image(plan.oldImage());
      var oldHeader = new FileHeader(FileHeader.Kind.IMAGE, journalId, plan.oldImage(), 0);
      try (StoredFile old = files.open(name)) {
        scan(new BlockScan(old, name, oldHeader, old.size(), damage), name, new Copy(true));
      }
    }
    long lowestLive = plan.lowestLive();
    for (SealedSegment segment : plan.segments()) {
      if (segment.definitions() || segment.highest() >= lowestLive) {
        scan(segment, new Copy(false));
      }
    }
  }

  private void scan(SealedSegment segment, Visitor visitor) throws IOException {
    String name = LogFileNames.wal(segment.number());
    try (StoredFile file = files.open(name)) {
      var expected = new FileHeader(FileHeader.Kind.WAL, journalId, segment.number(), 0);
      FileHeader there = FileHeader.read(file, name, expected.kind());
      if (there == null || there.epoch() != expected.epoch()) {
        damage.found(name, 0, FileHeader.BYTES, "the file does not start as it should");
      }
      scan(new BlockScan(file, name, expected, segment.end(), damage), name, visitor);
    }
  }

  private void scan(BlockScan blocks, String name, Visitor visitor) throws IOException {
    var records = new LogRecords();
    while (blocks.next()) {
      try {
        records.read(blocks.bytes(), blocks.from(), blocks.to(), blocks.base(), visitor);
      } catch (MalformedException e) {
        damage.found(name, blocks.offset(), blocks.end(), String.valueOf(e.getMessage()));
      }
    }
  }

  /** Which definitions of the segments are the newest of their names. */
  private final class NewestDefinitions implements Visitor {

    @Override
    public void definition(long sequence, String table, String key, byte @Nullable [] record) {
      newest.merge(new DefinitionKey(table, key), sequence, Math::max);
    }
  }

  /** Copies what is live. */
  private final class Copy implements Visitor {

    private final boolean old;

    Copy(boolean old) {
      this.old = old;
    }

    @Override
    public void definition(long sequence, String table, String key, byte @Nullable [] record) {
      Long last = newest.get(new DefinitionKey(table, key));
      boolean live = old ? last == null || last < sequence : last != null && last == sequence;
      if (record != null && live) {
        start(LogRecords.PUT, sequence);
        block.text(table);
        block.text(key);
        block.bytes(record);
        ended();
      }
    }

    @Override
    public void append(long sequence, long[] queueIds, int count, MessageBytes message) {
      int live = 0;
      for (int i = 0; i < count; i++) {
        QueuePlan queue = plan.queues().get(queueIds[i]);
        if (queue != null && queue.has(sequence)) {
          if (live == liveIds.length) {
            liveIds = java.util.Arrays.copyOf(liveIds, live * 2);
          }
          liveIds[live++] = queueIds[i];
        }
      }
      if (live > 0) {
        copy(sequence, live, message);
      }
    }

    private void copy(long sequence, int live, MessageBytes message) {
      long place = LogFiles.placeInImage(plan.image(), end + block.length());
      start(LogRecords.APPEND, sequence);
      block.number(live);
      for (int i = 0; i < live; i++) {
        block.number(liveIds[i]);
        java.util.Objects.requireNonNull(plan.queues().get(liveIds[i]))
            .isAt(sequence, place, message.payloadLength());
      }
      block.raw(message.bytes(), message.at(), message.end() - message.at());
      ended();
    }
  }

  private void describe(long queueId, QueuePlan queue) {
    LiveQueueRecord record = queue.files();
    if (record != null) {
      record.write(block);
      ended();
    }
    StreamPlan stream = queue.stream();
    if (stream != null) {
      stream.record().write(block);
      ended();
      for (PlaceRuns.Run run : stream.places().all()) {
        block.octet(LogRecords.PLACES);
        block.number(queueId);
        block.number(run.offset());
        block.number(run.sequence());
        block.number(run.count());
        ended();
      }
    }
    Ranges settled = queue.settledEarlier();
    for (int i = 0; i < settled.size(); i++) {
      // Each in a block of its own: what it counts from is the block's base.
      closeBlock();
      block.octet(LogRecords.SETTLE);
      block.number(queueId);
      block.difference(settled.from(i));
      block.number(settled.to(i) - settled.from(i));
    }
  }

  private void start(int type, long sequence) {
    block.octet(type);
    block.number(sequence - previous);
    previous = sequence;
  }

  private void ended() {
    if (block.length() >= BLOCK_BYTES) {
      closeBlock();
    }
  }

  private void closeBlock() {
    if (block.length() == Block.HEADER_BYTES) {
      return;
    }
    Block closed = Block.of(block, 0);
    closed.place(header.epoch(), end, end);
    try {
      java.util.Objects.requireNonNull(out)
          .writeFully(ByteBuffer.wrap(closed.bytes(), 0, closed.length()), end);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    end += closed.length();
    block = Block.start(BLOCK_BYTES);
    previous = 0;
  }
}
