package io.carrick.journal;

import io.carrick.journal.DeadFiles.Dead;
import io.carrick.journal.FileSystem.StoredFile;
import io.carrick.journal.LiveQueues.SealedSegment;
import io.carrick.journal.Worker.Idle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slow work beside the log: images, zeroed segments, deleting, snapshots, all in one thread, so
 * that none of them meets another. Thread-safe; what is not final is confined to that thread or set
 * before it starts.
 */
final class SegmentMaintenance implements Compactor.Imaging {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.journal");

  private static final long RETRY_NANOS = 100_000_000;
  private static final long LOOK_NANOS = 1_000_000_000;
  private static final int COPY_BYTES = 1 << 20;

  private final FileSystem files;
  private final SegmentPool pool;
  private final Durability durability;
  private final Worker worker;
  private final BlockScan.Damage damage;
  private final long journalId;

  private @Nullable Compactor compactor;
  private @Nullable WalWriter writer;
  private volatile long imageBytes;
  private volatile long freeBytes = Long.MAX_VALUE;
  private volatile boolean closing;

  SegmentMaintenance(
      FileSystem files,
      SegmentPool pool,
      Durability durability,
      BlockScan.Damage damage,
      long journalId) {
    this.files = files;
    this.pool = pool;
    this.durability = durability;
    this.damage = damage;
    this.journalId = journalId;
    this.worker =
        new Worker(
            "carrick-journal-maintenance",
            this::look,
            e -> durability.fail("the journal cannot be kept up", e));
  }

  void start(Compactor followingCompactor, WalWriter log, long bytesOfImage) {
    compactor = followingCompactor;
    writer = log;
    imageBytes = bytesOfImage;
    lookForFreeBytes();
    worker.start();
  }

  private Compactor compactor() {
    return java.util.Objects.requireNonNull(compactor);
  }

  long imageBytes() {
    return imageBytes;
  }

  /** Returns how many bytes there is still room for, as of the last look. */
  long freeBytes() {
    return freeBytes;
  }

  private void lookForFreeBytes() {
    try {
      freeBytes = files.usableBytes();
    } catch (IOException e) {
      // What was true a moment ago is the best that is known.
      log.debug("the room that is left cannot be told", e);
    }
  }

  /** Looks after what nobody asks for; returns when to look again. */
  private long look(boolean waited) {
    if (waited) {
      lookForFreeBytes();
    }
    durability.tellOfFailure();
    if (pool.lacking() && !durability.failed()) {
      pool.refill();
      if (pool.lacking() && pool.hasSpare()) {
        compactor().roomWanted();
      }
    }
    if (closing) {
      return Idle.WHEN_ASKED;
    }
    return pool.lacking() && !durability.failed() ? RETRY_NANOS : LOOK_NANOS;
  }

  /** A segment was taken: another spare is needed. */
  void segmentTaken() {
    worker.execute(
        () -> {
          pool.refill();
          lookForFreeBytes();
        });
  }

  // ---- images

  @Override
  public void requestSeal() {
    java.util.Objects.requireNonNull(writer).requestRoll();
  }

  @Override
  public void make(CheckpointPlan plan, List<CompletableFuture<Void>> asked) {
    worker.execute(() -> makeImage(plan, asked));
  }

  private void makeImage(CheckpointPlan plan, List<CompletableFuture<Void>> asked) {
    if (durability.failed()) {
      giveUp(plan, asked, new IOException("the journal has failed"));
      return;
    }
    var writer = new ImageWriter(files, journalId, damage, plan);
    try {
      writer.makeFilesSafe();
    } catch (IOException | RuntimeException | Error e) {
      // The system may have dropped what it could not write: trying again proves nothing.
      durability.fail("files of queues cannot be made safe", e);
      giveUp(plan, asked, new IOException("the journal has failed", e));
      return;
    }
    try {
      long bytes = writer.write();
      imageBytes = bytes;
      log.debug("image {} has {} bytes", plan.image(), bytes);
      compactor().imaged(plan, bytes, asked);
    } catch (DamagedException | RuntimeException | Error e) {
      durability.fail(String.valueOf(e.getMessage()), e);
      giveUp(plan, asked, new IOException("the journal has failed", e));
    } catch (IOException e) {
      log.warn("the log's older part cannot be written anew at present: {}", e.getMessage());
      deleteTemporary(plan);
      giveUp(plan, asked, e);
    }
  }

  private void deleteTemporary(CheckpointPlan plan) {
    try {
      files.delete(LogFileNames.image(plan.image()) + LogFileNames.TEMPORARY);
    } catch (IOException stillThere) {
      log.debug("a part of an image is left", stillThere);
    }
  }

  private void giveUp(CheckpointPlan plan, List<CompletableFuture<Void>> asked, IOException why) {
    asked.forEach(one -> one.completeExceptionally(why));
    compactor().notImaged(plan);
  }

  @Override
  public void retire(CheckpointPlan plan, List<CompletableFuture<Void>> asked) {
    worker.execute(() -> removeRetired(plan, asked));
  }

  private void removeRetired(CheckpointPlan plan, List<CompletableFuture<Void>> asked) {
    if (plan.oldImage() != 0) {
      remove(() -> files.delete(LogFileNames.image(plan.oldImage())));
    }
    for (SealedSegment segment : plan.segments()) {
      remove(() -> pool.retire(segment.number()));
    }
    for (Dead file : plan.dead()) {
      remove(() -> files.delete(file.name()));
    }
    pool.refill();
    asked.forEach(one -> one.complete(null));
  }

  private interface Removal {
    void run() throws IOException;
  }

  private static void remove(Removal removal) {
    try {
      removal.run();
    } catch (IOException e) {
      // It goes at the next start.
      log.warn("a file that is needed no more could not be deleted: {}", e.getMessage());
    }
  }

  // ---- snapshots

  /** Copies everything to another directory; completes when it is safe there. */
  CompletableFuture<Void> copyTo(FileSystem target) {
    var done = new CompletableFuture<Void>();
    worker.execute(
        () -> {
          try {
            copyAll(target);
            done.complete(null);
          } catch (IOException | RuntimeException | Error e) {
            // It is the copy that has failed: what it is of has not been touched.
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private void copyAll(FileSystem target) throws IOException {
    // Nothing is deleted meanwhile: that is this thread's work. The log behind the image is left
    // out, as it is being written: what is read of it in pieces may have holes.
    List<String> names = files.list();
    long image = LogFileNames.images(names).last();
    String name = LogFileNames.image(image);
    copy(LogFileNames.IDENTITY, target, LogFileNames.IDENTITY);
    for (String file : names) {
      if (LogFileNames.isCold(file)) {
        copy(file, target, file);
      }
    }
    target.create(LogFileNames.wal(image)).close();
    // The image last: without it, what is there is no journal.
    copy(name, target, name + LogFileNames.TEMPORARY);
    target.rename(name + LogFileNames.TEMPORARY, name);
    target.syncNames();
  }

  private void copy(String name, FileSystem target, String copyName) throws IOException {
    try (StoredFile from = files.open(name);
        StoredFile to = target.create(copyName)) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(COPY_BYTES);
      long at = 0;
      while (from.readFully(bytes.clear(), at) > 0) {
        int count = bytes.flip().remaining();
        to.writeFully(bytes, at);
        at += count;
      }
      to.force();
    }
  }

  void close() {
    closing = true;
    worker.close();
  }
}
