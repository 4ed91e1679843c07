package io.carrick.journal;

import io.carrick.journal.SegmentPool.Segment;
import io.carrick.journal.Worker.Idle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log: takes everything that is pending, writes it, makes it safe once, says so. There
 * is no timer: what comes meanwhile is the next batch. Confined to the writer's thread, except
 * {@link #submit}, {@link #closed} and {@link #requestRoll}.
 */
final class WalWriter implements JournalAppender.Intake {

  private static final int STAGING_BYTES = 1 << 20;

  /** A batch of settling alone waits no longer than this to be made safe. */
  static final long LAZY_FORCE_NANOS = 50_000_000;

  private static final long NOTHING = Long.MAX_VALUE;

  /** Takes what was written. Called in the writer's thread. */
  interface Follower {

    /**
     * Blocks were written, and are safe.
     *
     * @param upTo every block with sequences up to this was shown, now or before
     */
    void written(List<Block> blocks, long upTo);

    /** A segment is complete and safe; what is shown later is in the next one. */
    void sealed(long number, long end);
  }

  private final SegmentPool pool;
  private final Durability durability;
  private final Follower follower;
  private final Journal.Sync sync;
  private final long journalId;
  private final ConcurrentLinkedQueue<Batch> inbox = new ConcurrentLinkedQueue<>();
  private final Worker worker;

  private final ByteBuffer staging;
  private final List<Batch> taken = new ArrayList<>();
  private List<Block> written = new ArrayList<>();

  private @Nullable Segment segment;
  private long number;
  private long epoch;

  /** Where the staging buffer will be written. */
  private long stagedAt;

  /** Up to where everything is safe. */
  private long safeTo;

  /** Up to which sequence every block was shown to who follows. */
  private long shownUpTo;

  /** The lowest sequence in what is written and not safe, without hurry. */
  private long lazyFloor = NOTHING;

  private volatile boolean rollRequested;

  /**
   * Makes a writer that {@link #start} starts.
   *
   * @param identity of the journal, and which segment comes first
   */
  WalWriter(
      SegmentPool pool,
      Durability durability,
      Follower follower,
      Journal.Sync sync,
      Identity identity) {
    this.pool = pool;
    this.staging = ByteBuffer.allocateDirect(Math.min(STAGING_BYTES, pool.segmentBytes()));
    this.durability = durability;
    this.follower = follower;
    this.sync = sync;
    this.journalId = identity.journalId;
    this.number = identity.lastSegment;
    this.stagedAt = identity.lastEnd;
    this.worker =
        new Worker(
            "carrick-journal-writer",
            this::work,
            e -> durability.fail("the log cannot be written", e));
    durability.onWait(worker::wake);
  }

  /**
   * Where the log of earlier runs ends. Immutable.
   *
   * @param journalId of all files
   * @param lastSegment the number of their last segment
   * @param lastEnd where that ends
   */
  record Identity(long journalId, long lastSegment, long lastEnd) {}

  /** Opens the first segment of this run, and starts the thread. */
  void start() throws IOException {
    open(0);
    worker.start();
  }

  @Override
  public void submit(Batch batch) {
    inbox.add(batch);
  }

  @Override
  public void closed() {
    worker.wake();
  }

  /** Asks for the segment to be sealed soon; from any thread. */
  void requestRoll() {
    rollRequested = true;
    worker.wake();
  }

  /** Writes what was submitted, and ends the thread. */
  void close() throws IOException {
    worker.close();
    Segment open = segment;
    if (open != null) {
      open.file().close();
    }
  }

  /** Does all that there is; returns how long something waits to be made safe without hurry. */
  private long work(boolean waited) {
    try {
      boolean hurry = waited;
      while (round()) {
        // More has come.
        hurry = false;
      }
      if (lazyFloor != NOTHING && (hurry || durability.anyWaits())) {
        force();
        publish();
      }
    } catch (IOException | RuntimeException | Error e) {
      durability.fail("the log cannot be written", e);
      dropAll();
    }
    return lazyFloor != NOTHING && !durability.failed() ? LAZY_FORCE_NANOS : Idle.WHEN_ASKED;
  }

  private boolean round() throws IOException {
    drain(taken);
    if (durability.failed()) {
      dropAll();
      return false;
    }
    if (taken.isEmpty() && !rollRequested) {
      if (shownUpTo < durability.last()) {
        // What was submitted had not been closed when it was written.
        publish();
      }
      return !taken.isEmpty();
    }
    if (sync == Journal.Sync.NONE) {
      toldOf();
    }
    boolean force = false;
    for (Batch batch : taken) {
      force |= batch.force();
      lazyFloor = Math.min(lazyFloor, batch.floor());
      for (Block block : batch.blocks()) {
        place(block);
      }
    }
    flushStaging();
    if (rollRequested) {
      rollRequested = false;
      roll(0);
    }
    if (force || durability.anyWaits()) {
      force();
    } else if (sync != Journal.Sync.FSYNC) {
      lazyFloor = NOTHING;
    }
    taken.clear();
    publish();
    return !taken.isEmpty();
  }

  private void dropAll() {
    for (Batch batch : taken) {
      durability.arrived(batch.bytes());
    }
    taken.clear();
    for (Batch batch = inbox.poll(); batch != null; batch = inbox.poll()) {
      durability.arrived(batch.bytes());
    }
    rollRequested = false;
    lazyFloor = NOTHING;
  }

  private void drain(List<Batch> into) {
    for (Batch batch = inbox.poll(); batch != null; batch = inbox.poll()) {
      into.add(batch);
    }
  }

  // ---- writing

  private void place(Block block) throws IOException {
    Segment open = java.util.Objects.requireNonNull(segment);
    if (stagedAt + staging.position() + block.length() > open.bytes()) {
      roll(block.length());
    }
    block.place(epoch, stagedAt + staging.position(), safeTo);
    stage(block.bytes(), block.length());
    written.add(block);
  }

  private void stage(byte[] bytes, int length) throws IOException {
    int from = 0;
    while (from < length) {
      if (!staging.hasRemaining()) {
        flushStaging();
      }
      int count = Math.min(staging.remaining(), length - from);
      staging.put(bytes, from, count);
      from += count;
    }
  }

  private void flushStaging() throws IOException {
    if (staging.position() > 0) {
      staging.flip();
      int count = staging.remaining();
      java.util.Objects.requireNonNull(segment).file().writeFully(staging, stagedAt);
      stagedAt += count;
      staging.clear();
    }
  }

  private void force() throws IOException {
    if (sync == Journal.Sync.FSYNC) {
      java.util.Objects.requireNonNull(segment).file().force();
      safeTo = stagedAt;
    }
    lazyFloor = NOTHING;
  }

  /** Seals the segment and goes on in the next one. */
  private void roll(int bytes) throws IOException {
    flushStaging();
    Segment sealed = java.util.Objects.requireNonNull(segment);
    if (sync == Journal.Sync.FSYNC) {
      sealed.file().force();
    }
    sealed.file().close();
    handOver(durability.durable());
    long sealedNumber = number;
    long end = stagedAt;
    open(bytes);
    follower.sealed(sealedNumber, end);
  }

  private void open(int bytes) throws IOException {
    long end = stagedAt;
    number++;
    segment = pool.take(number, FileHeader.BYTES + (long) bytes);
    var header = new FileHeader(FileHeader.Kind.WAL, journalId, number, end);
    epoch = header.epoch();
    stagedAt = 0;
    safeTo = 0;
    staging.put(header.toBytes());
    flushStaging();
    // So that a block in it proves that there was a header.
    force();
  }

  // ---- saying so

  private void publish() {
    long upTo = closedUpTo();
    if (sync == Journal.Sync.NONE) {
      toldOf();
    } else {
      durability.becameDurable(Math.min(upTo, lazyFloor - 1));
    }
    handOver(upTo);
  }

  /** Without any sync, what was submitted counts as safe. */
  private void toldOf() {
    durability.becameDurable(durability.closedUpTo());
  }

  /** Returns up to where every block is written, having taken what was submitted meanwhile. */
  private long closedUpTo() {
    long upTo = durability.closedUpTo();
    drain(taken);
    for (Batch batch : taken) {
      upTo = Math.min(upTo, batch.floor() - 1);
    }
    return upTo;
  }

  private void handOver(long upTo) {
    if (!written.isEmpty() || upTo > shownUpTo) {
      shownUpTo = Math.max(shownUpTo, upTo);
      follower.written(written, upTo);
      written = new ArrayList<>();
    }
  }
}
