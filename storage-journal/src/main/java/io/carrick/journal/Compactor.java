package io.carrick.journal;

import io.carrick.journal.CheckpointPlan.QueuePlan;
import io.carrick.journal.CheckpointPlan.SharedPart;
import io.carrick.journal.CheckpointPlan.StreamPlan;
import io.carrick.journal.DeadFiles.Dead;
import io.carrick.journal.Durability.Lack;
import io.carrick.journal.LiveQueue.Surroundings;
import io.carrick.journal.LiveQueues.SealedSegment;
import io.carrick.journal.Worker.Idle;
import io.carrick.storage.MessageStore.State;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows the log and knows what is live, moves messages out of memory and back, and decides when
 * the log's older part is written anew. Confined to the compactor's thread, except where it says
 * so.
 */
final class Compactor implements WalWriter.Follower {

  private static final long RETRY_NANOS = 100_000_000;

  /** Bytes of settled files after which an image is made, so that they can be deleted. */
  private static final long DEAD_BYTES = 256 << 20;

  private final LiveQueues live;
  private final Durability durability;
  private final Imaging imaging;
  private final long walBytesWanted;
  private final Worker worker;
  private final LogRecords records = new LogRecords();

  /** What waits until something before it can be done, by queue. */
  private final Map<Long, ArrayDeque<BooleanSupplier>> waiting = new HashMap<>();

  private final List<SealedSegment> sealed = new ArrayList<>();
  private long walBytes;
  private long shownUpTo;

  private long image;
  private long imageBytes;
  private boolean making;
  private boolean wanted;
  private List<CompletableFuture<Void>> asked = new ArrayList<>();

  private volatile boolean closing;
  private volatile long queues;
  private final AtomicLong coldBytes = new AtomicLong();

  /** Makes images, in a thread of its own. */
  interface Imaging {

    /**
     * Asks the log to seal its segment, so that an image can be made; from the compactor's thread.
     */
    void requestSeal();

    /** Makes an image and then calls {@link Compactor#imaged}; from the compactor's thread. */
    void make(CheckpointPlan plan, List<CompletableFuture<Void>> asked);

    /** Removes what an image has made superfluous; from the compactor's thread. */
    void retire(CheckpointPlan plan, List<CompletableFuture<Void>> asked);
  }

  /** What an earlier run has left. Immutable. */
  record Left(long image, long imageBytes, List<SealedSegment> segments) {}

  Compactor(
      LiveQueues live, Durability durability, Imaging imaging, long walBytesWanted, Left left) {
    this.live = live;
    this.durability = durability;
    this.imaging = imaging;
    this.walBytesWanted = walBytesWanted;
    this.worker =
        new Worker(
            "carrick-journal-compactor",
            waited -> retry(),
            e -> durability.fail("what is live is not known any more", e));
    durability.onTrouble(() -> worker.execute(this::refuseAsked));
    this.image = left.image();
    this.imageBytes = left.imageBytes();
    this.shownUpTo = durability.durable();
    for (SealedSegment segment : left.segments()) {
      sealed.add(segment);
      walBytes += segment.end();
    }
  }

  // ---- from any thread

  void start() {
    worker.start();
  }

  @Override
  public void written(List<Block> blocks, long upTo) {
    worker.execute(() -> follow(blocks, upTo));
  }

  @Override
  public void sealed(long number, long end) {
    worker.execute(() -> wasSealed(number, end));
  }

  /** Takes messages that a queue has no room for in memory. */
  void add(long queueId, Leaving leaving) {
    durability.underWay(leaving.bytes());
    worker.execute(() -> inOrder(queueId, () -> moveOut(queueId, leaving)));
  }

  /** Messages cannot leave memory: who goes on would have them in part. */
  void cannotTake(Throwable why) {
    durability.fail("messages cannot leave memory", why);
  }

  /** Takes what was read. Called in the compactor's thread. */
  @FunctionalInterface
  interface ReadDone {
    /**
     * Takes messages.
     *
     * @param all whether there are no more
     */
    void read(List<StoredMessage> messages, boolean all);
  }

  void read(long queueId, int maxMessages, long maxBytes, ReadDone done) {
    worker.execute(() -> inOrder(queueId, () -> moveBack(queueId, maxMessages, maxBytes, done)));
  }

  /** Settles what a queue has out of memory. */
  void clear(long queueId) {
    worker.execute(
        () ->
            inOrder(
                queueId,
                () -> {
                  LiveQueue queue = live.find(queueId);
                  if (queue != null) {
                    queue.clear(live.with());
                    wantImage();
                  }
                  return true;
                }));
  }

  /** Settles messages that were read for nobody. */
  void forget(long queueId, List<StoredMessage> messages) {
    worker.execute(
        () -> {
          LiveQueue queue = live.find(queueId);
          if (queue != null) {
            messages.forEach(m -> queue.settle(m.sequence(), live.with()));
            wantImage();
          }
        });
  }

  /** Completes when there is an image of everything that was submitted before. */
  CompletableFuture<Void> image() {
    var done = new CompletableFuture<Void>();
    worker.execute(
        () -> {
          asked.add(done);
          if (durability.state() == State.OPEN) {
            wantImage();
          } else {
            refuseAsked();
          }
        });
    return done;
  }

  /** Tells who waits for an image that there may be none. */
  private void refuseAsked() {
    var why =
        new IOException("the journal is " + durability.state().name().toLowerCase(Locale.ROOT));
    asked.forEach(done -> done.completeExceptionally(why));
    asked.clear();
  }

  /** An image was made, or not: goes on in the compactor's thread. */
  void imaged(CheckpointPlan plan, long bytes, List<CompletableFuture<Void>> waiters) {
    worker.execute(() -> adopt(plan, bytes, waiters));
  }

  /** The image could not be made. */
  void notImaged(CheckpointPlan plan) {
    worker.execute(
        () -> {
          making = false;
          plan.dead().forEach(live.with().dead()::add);
          if (wanted && !durability.failed()) {
            imaging.requestSeal();
          }
        });
  }

  /** Tells that an image would make room. */
  void roomWanted() {
    worker.execute(
        () -> {
          if (!sealed.isEmpty()) {
            wantImage();
          }
        });
  }

  long queues() {
    return queues;
  }

  long coldBytes() {
    return coldBytes.get();
  }

  /** Ends the thread. What there was no room for stays where it is safe: in the log. */
  void close() throws IOException {
    closing = true;
    worker.close();
    live.with().source().log().close();
    live.with().files().close();
  }

  // ---- following the log

  private void follow(List<Block> blocks, long upTo) {
    long bytes = 0;
    for (Block block : blocks) {
      records.read(block.bytes(), Block.HEADER_BYTES, block.length(), block.base(), live);
      bytes += block.length();
    }
    if (upTo > shownUpTo) {
      shownUpTo = upTo;
    }
    durability.arrived(bytes);
    writeStreams();
    goOn();
    if (live.with().dead().bytes() > DEAD_BYTES) {
      wantImage();
    }
  }

  // ---- messages out of memory and back

  /** Does what belongs to a queue in the order in which it came. */
  private void inOrder(long queueId, BooleanSupplier task) {
    ArrayDeque<BooleanSupplier> before = waiting.get(queueId);
    if (before != null) {
      before.add(task);
    } else if (!task.getAsBoolean()) {
      var tasks = new ArrayDeque<BooleanSupplier>();
      tasks.add(task);
      waiting.put(queueId, tasks);
    }
  }

  private void goOn() {
    if (!waiting.isEmpty()) {
      waiting.values().removeIf(Compactor::allDone);
    }
  }

  private static boolean allDone(ArrayDeque<BooleanSupplier> tasks) {
    for (BooleanSupplier task = tasks.peek(); task != null; task = tasks.peek()) {
      if (!task.getAsBoolean()) {
        return false;
      }
      tasks.remove();
    }
    return true;
  }

  private long retry() {
    writeStreams();
    goOn();
    boolean waits = !waiting.isEmpty() || live.streamsWait();
    boolean again = waits && durability.state() == State.FULL && !closing;
    return again ? RETRY_NANOS : Idle.WHEN_ASKED;
  }

  /** Writes messages to the queue's file; not before the log has what they are. */
  private boolean moveOut(long queueId, Leaving leaving) {
    if (!durability.failed()) {
      if (leaving.highest() > shownUpTo) {
        return false;
      }
      try {
        int bytes = live.queue(queueId).append(leaving.messages(), live.with());
        coldBytes.addAndGet(bytes);
      } catch (IOException e) {
        durability.lacks(Lack.MESSAGES, String.valueOf(e.getMessage()));
        return false;
      }
      durability.hasRoom(Lack.MESSAGES);
    }
    durability.arrived(leaving.bytes());
    return true;
  }

  private boolean moveBack(long queueId, int maxMessages, long maxBytes, ReadDone done) {
    LiveQueue queue = live.find(queueId);
    List<StoredMessage> messages = List.of();
    boolean all = true;
    if (queue != null && !durability.failed()) {
      try {
        messages = queue.read(maxMessages, maxBytes, live.with());
        all = messages.size() < maxMessages && bytes(messages) < maxBytes;
      } catch (IOException | RuntimeException | Error e) {
        durability.fail("messages cannot be read back", e);
      }
    }
    done.read(messages, all);
    return true;
  }

  private static long bytes(List<StoredMessage> messages) {
    long bytes = 0;
    for (StoredMessage m : messages) {
      bytes += m.message().payload().length;
    }
    return bytes;
  }

  // ---- streams

  /** Lets a stream be written and read. */
  void openStream(long queueId, StreamView view) {
    worker.execute(() -> inOrder(queueId, () -> openNow(queueId, view)));
  }

  private boolean openNow(long queueId, StreamView view) {
    LiveQueue queue = live.queue(queueId);
    boolean left = queue.leftInLog() != null;
    boolean open = withRoom(() -> queue.asStream().open(view, queue, live.with()));
    if (open && left) {
      wantImage(); // or what was written now would be written again after the next crash
    }
    return open;
  }

  /** Does something with a stream, after what was asked for before. */
  void withStream(long queueId, BiConsumer<LiveStream, Surroundings> task) {
    worker.execute(
        () ->
            inOrder(
                queueId,
                () -> {
                  LiveQueue queue = live.find(queueId);
                  LiveStream stream = queue == null ? null : queue.stream();
                  if (stream != null) {
                    task.accept(stream, live.with());
                  }
                  return true;
                }));
  }

  private void writeStreams() {
    if (live.streamsWait()) {
      withRoom(live::writeStreams);
    }
  }

  private interface Writing {
    void run() throws IOException;
  }

  /** Returns false if there was no room; it is tried again. */
  private boolean withRoom(Writing writing) {
    if (durability.failed()) {
      return true;
    }
    try {
      writing.run();
      durability.hasRoom(Lack.MESSAGES);
      return true;
    } catch (DamagedException e) {
      durability.fail(String.valueOf(e.getMessage()), e);
      return true;
    } catch (IOException e) {
      durability.lacks(Lack.MESSAGES, String.valueOf(e.getMessage()));
      return false;
    }
  }

  // ---- images

  private void wantImage() {
    if (!wanted) {
      wanted = true;
      if (!making) {
        imaging.requestSeal();
      }
    }
  }

  private void wasSealed(long number, long end) {
    sealed.add(live.sealed(number, end));
    walBytes += end;
    if (!making && (wanted || walBytes > Math.max(walBytesWanted, 2 * imageBytes))) {
      wanted = false;
      making = true;
      List<CompletableFuture<Void>> waiters = asked;
      asked = new ArrayList<>();
      imaging.make(plan(number + 1), waiters);
    }
  }

  private CheckpointPlan plan(long newImage) {
    live.removeEmpty();
    var plans = new HashMap<Long, QueuePlan>();
    long bytes = 0;
    for (LiveQueue queue : live.all()) {
      plans.put(
          queue.id(),
          new QueuePlan(
              queue.inWal.toArray(),
              queue.unread(),
              new LogPlaces(),
              queue.settledEarlier.copy(),
              queue.toRecord(live.with()),
              queue.files(),
              plan(queue.stream())));
      for (BlockFile file : queue.blockFiles()) {
        bytes += file.end();
      }
    }
    queues = plans.size();
    var shared = new ArrayList<SharedPart>();
    for (SharedFile file : live.with().shared().all()) {
      // What nothing refers to is gone after a start, and would be missed.
      if (file.isReferredTo()) {
        shared.add(new SharedPart(file, file.end()));
      }
    }
    coldBytes.set(bytes + live.with().shared().bytes());
    List<Dead> dead = live.with().dead().take();
    return new CheckpointPlan(
        newImage, image, List.copyOf(sealed), durability.last(), plans, shared, dead);
  }

  private @Nullable StreamPlan plan(@Nullable LiveStream stream) {
    return stream == null
        ? null
        : new StreamPlan(stream.toRecord(live.with()), stream.files(), stream.places());
  }

  private void adopt(CheckpointPlan plan, long bytes, List<CompletableFuture<Void>> waiters) {
    plan.queues()
        .forEach(
            (id, each) -> {
              LiveQueue queue = live.find(id);
              if (queue != null && each.unread() != null) {
                queue.moved(each.newPlaces());
              }
            });
    try {
      live.with().source().log().close();
    } catch (IOException e) {
      durability.fail("a segment cannot be closed", e);
    }
    image = plan.image();
    live.with().source().log().near(image);
    imageBytes = bytes;
    making = false;
    for (SealedSegment segment : plan.segments()) {
      sealed.remove(segment);
      walBytes -= segment.end();
    }
    imaging.retire(plan, waiters);
    if (wanted) {
      imaging.requestSeal();
    }
  }
}
