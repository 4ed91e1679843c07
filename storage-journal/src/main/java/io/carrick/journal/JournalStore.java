package io.carrick.journal;

import io.carrick.journal.JournalQueueLog.Extent;
import io.carrick.journal.JournalStreamLog.Disk;
import io.carrick.journal.LiveQueue.Surroundings;
import io.carrick.journal.RecoveredMessages.Source;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageStore;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoreContext;
import io.carrick.storage.StoreSizes;
import io.carrick.storage.StreamLog;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in a directory. Thread-safe after {@link #recover}: puts its parts together, which say
 * who owns them.
 */
final class JournalStore implements MessageStore {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.journal");

  private final FileSystem files;
  private final Journal.Settings settings;
  private final StoreContext context;
  private final Closeable lock;
  private final Tails tails;
  private final Durability durability = new Durability();
  private final Map<Long, Extent> left = new ConcurrentHashMap<>();
  private final Map<Long, List<StreamLog.Segment>> leftOfStreams = new ConcurrentHashMap<>();

  /** Made by the first stream, under the lock of the parts. */
  private volatile @Nullable StreamReader streamReader;

  /** Fails when the journal has been closed or has failed: nobody is to wait longer. */
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  private volatile @Nullable Parts parts;
  private volatile boolean closed;

  /** What works once everything is recovered. Immutable. */
  private record Parts(
      WalWriter writer, Compactor compactor, SegmentMaintenance maintenance, SegmentPool pool) {}

  private JournalStore(
      FileSystem files, Journal.Settings settings, StoreContext context, Closeable lock) {
    this.files = files;
    this.settings = settings;
    this.context = context;
    this.lock = lock;
    this.tails = new Tails(settings.chunkBytes());
    durability.whenFailed(
        () -> end.completeExceptionally(new IOException("the journal is failed")));
  }

  static JournalStore open(FileSystem files, Journal.Settings settings, StoreContext context)
      throws IOException {
    return new JournalStore(files, settings, context, files.lock());
  }

  private Parts parts() {
    Parts there = parts;
    if (there == null) {
      throw new IllegalStateException("the store has not been recovered");
    }
    return there;
  }

  // ---- the start

  @Override
  public void recover(Recovery recovery) throws IOException {
    recover(recovery, new LoggedProgress());
  }

  void recover(Recovery recovery, Recovered.Progress progress) throws IOException {
    BlockScan.Damage damage = damage();
    var source = new Source(new LogFiles(files), context.codec(), damage);
    long journalId = JournalIdentity.readOrMake(files);
    var with = Surroundings.of(new OpenFiles(files), journalId, settings.coldBytes(), source);
    var recovered = new Recovered(files, with, progress);
    recovered.read();
    recovered.show(recovery);
    recovered.deleteLeftovers();
    for (LiveQueue queue : recovered.live().all()) {
      left.put(queue.id(), new Extent(queue.recoveredCount(), queue.recoveredBytes()));
      LiveStream stream = queue.stream();
      if (stream != null) {
        leftOfStreams.put(
            queue.id(), stream.segments(queue.recoveredCount(), queue.recoveredBytes()));
      }
    }
    start(recovered, journalId, damage);
  }

  private static void skipped(String file, long from, long to, String what) {
    log.error("damaged, {} bytes passed over: {} at offset {}: {}", to - from, file, from, what);
  }

  /** Logs how far the reading is, if there is much to read. Confined to the starting thread. */
  static final class LoggedProgress implements Recovered.Progress {

    private static final long MUCH_BYTES = 256 << 20;
    private static final int STEPS = 10;

    private long step;

    @Override
    public void read(long bytes, long all) {
      if (all >= MUCH_BYTES && bytes * STEPS / all > step) {
        step = bytes * STEPS / all;
        log.info("reading the journal: {} % of {} MiB", step * 100 / STEPS, all >> 20);
      }
    }
  }

  private void start(Recovered recovered, long journalId, BlockScan.Damage damage)
      throws IOException {
    durability.startAfter(recovered.lastSequence());
    var pool = new SegmentPool(files, durability, settings.segmentBytes());
    recovered.segmentFileBytes().forEach(pool::found);
    pool.prepare();
    var maintenance = new SegmentMaintenance(files, pool, durability, damage, journalId);
    var compactor =
        new Compactor(
            recovered.live(),
            durability,
            maintenance,
            settings.walBytes(),
            new Compactor.Left(recovered.image(), recovered.imageBytes(), recovered.segments()));
    var writer =
        new WalWriter(
            pool,
            durability,
            new Following(compactor, maintenance),
            settings.sync(),
            new WalWriter.Identity(journalId, recovered.lastSegment(), recovered.lastEnd()));
    parts = new Parts(writer, compactor, maintenance, pool);
    compactor.start();
    maintenance.start(compactor, writer, recovered.imageBytes());
    writer.start();
    // Behind the writer, which takes one: whoever looked before would find enough.
    maintenance.segmentTaken();
  }

  /** Lets the compactor follow, and the next segment be made. Immutable. */
  private record Following(Compactor compactor, SegmentMaintenance maintenance)
      implements WalWriter.Follower {

    @Override
    public void written(List<Block> blocks, long upTo) {
      compactor.written(blocks, upTo);
    }

    @Override
    public void sealed(long number, long end) {
      compactor.sealed(number, end);
      maintenance.segmentTaken();
    }
  }

  // ---- the port

  @Override
  public boolean outlivesProcess() {
    return true;
  }

  @Override
  public Appender appender() {
    return appender(Block::start);
  }

  Appender appender(IntFunction<Output> buffers) {
    var appender = new JournalAppender(durability, context.codec(), buffers, parts().writer);
    durability.add(appender);
    return appender;
  }

  @Override
  public QueueLog queueLog(long queueId, Executor loop) {
    Extent extent = left.remove(queueId);
    return new JournalQueueLog(
        queueId,
        loop,
        new JournalQueueLog.Disk(parts().compactor, tails),
        extent == null ? Extent.NOTHING : extent);
  }

  @Override
  public StreamLog streamLog(long queueId, Executor loop) {
    Parts there = parts();
    Extent extent = left.getOrDefault(queueId, Extent.NOTHING);
    left.remove(queueId);
    List<StreamLog.Segment> segments = leftOfStreams.remove(queueId);
    if (segments == null) {
      segments = new LiveStream(queueId).segments(extent.messages(), extent.bytes());
    }
    return new JournalStreamLog(queueId, loop, new Disk(there.compactor, reader(there)), segments);
  }

  /** Most brokers have no stream, and no thread to read them. */
  private StreamReader reader(Parts there) {
    synchronized (there) {
      StreamReader made = streamReader;
      if (made == null) {
        made = new StreamReader(files, context.codec(), damage(), durability);
        streamReader = made;
        made.start();
      }
      return made;
    }
  }

  private BlockScan.Damage damage() {
    return settings.skipDamaged() ? JournalStore::skipped : BlockScan.Damage.REFUSED;
  }

  @Override
  public long durableSequence() {
    return durability.durable();
  }

  @Override
  public void wakeWhenDurable(long sequence, Runnable wake) {
    durability.whenDurable(sequence, wake);
  }

  @Override
  public State state() {
    return durability.state();
  }

  @Override
  public Optional<Throwable> failure() {
    return Optional.ofNullable(durability.failure());
  }

  @Override
  public void wakeWhenFailed(Runnable wake) {
    durability.whenFailed(wake);
  }

  @Override
  public boolean congested() {
    return durability.congested();
  }

  @Override
  public void wakeWhenRelieved(Runnable wake) {
    durability.whenRelieved(wake);
  }

  @Override
  public long waitingBytes() {
    return durability.bytesUnderWay();
  }

  @Override
  public long freeBytes() {
    Parts there = parts;
    return there == null ? Long.MAX_VALUE : there.maintenance.freeBytes();
  }

  @Override
  public StoreSizes sizes() {
    Parts p = parts();
    return new StoreSizes(
        p.pool.bytes() + p.compactor.coldBytes() + p.maintenance.imageBytes(),
        durability.bytesUnderWay(),
        p.compactor.queues());
  }

  @Override
  public void snapshot(Path directory) throws IOException {
    snapshot(DiskFileSystem.in(directory));
  }

  void snapshot(FileSystem target) throws IOException {
    if (target.list().stream().anyMatch(name -> name.endsWith(LogFileNames.SUFFIX))) {
      throw new IOException("there is a journal in " + target.name() + " already");
    }
    Parts p = parts();
    await(p.compactor.image());
    await(p.maintenance.copyTo(target));
  }

  private void await(CompletableFuture<Void> done) throws IOException {
    try {
      CompletableFuture.anyOf(done, end).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(String.valueOf(cause.getMessage()), cause);
    }
  }

  // ---- the end

  @Override
  public void close() throws IOException {
    try (Closeable held = lock) {
      Parts p = parts;
      if (p != null && !closed) {
        close(p);
      }
      log.debug("closed {}", held);
    }
  }

  private void close(Parts p) throws IOException {
    if (durability.state() == State.OPEN) {
      try {
        await(p.compactor.image());
      } catch (IOException e) {
        log.warn("the next start will take longer: {}", e.getMessage());
      }
    }
    closed = true;
    // In this order, and each whatever became of the one before.
    try {
      p.pool.close();
      p.writer.close();
    } finally {
      try {
        p.compactor.close();
        StreamReader reading = streamReader;
        if (reading != null) {
          reading.close();
        }
      } finally {
        p.maintenance.close();
        end.completeExceptionally(new IOException("the journal is closed"));
      }
    }
  }
}
