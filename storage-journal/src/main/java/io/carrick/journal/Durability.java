package io.carrick.journal;

import io.carrick.storage.MessageStore.State;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is safe, what is under way, and who waits for either. Thread-safe: numbers are atomic, the
 * lists of who waits are guarded by {@code lock}, which is held for memory work only.
 */
final class Durability {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.journal");

  /** From this many bytes under way on, publishers should pause. */
  static final long CONGESTED_BYTES = Math.min(32 << 20, Runtime.getRuntime().maxMemory() / 8);

  private final AtomicLong lastSequence = new AtomicLong();
  private final AtomicLong bytesUnderWay = new AtomicLong();
  private final List<JournalAppender> appenders = new CopyOnWriteArrayList<>();

  private final Object lock = new Object();
  private final List<Wait> waits = new ArrayList<>();
  private final List<Runnable> relieves = new ArrayList<>();
  private final Set<Lack> lacking = EnumSet.noneOf(Lack.class);

  private volatile boolean anyWaits;
  private volatile boolean anyRelieves;
  private volatile long durable;
  private volatile boolean full;
  private volatile boolean failed;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Runnable> failureWaits = new ArrayList<>();
  private volatile Runnable waited = () -> {};
  private volatile Runnable troubled = () -> {};

  private record Wait(long sequence, Runnable wake) {}

  /** Sets who is told when somebody begins to wait. */
  void onWait(Runnable task) {
    waited = task;
  }

  /** Sets who is told when the disk is full or the journal has failed. */
  void onTrouble(Runnable task) {
    troubled = task;
  }

  // ---- sequences

  /** Starts behind what earlier runs have given out. */
  void startAfter(long sequence) {
    lastSequence.set(sequence);
    durable = sequence;
  }

  long next() {
    return lastSequence.incrementAndGet();
  }

  /** Returns the sequence given out last. */
  long last() {
    return lastSequence.get();
  }

  void add(JournalAppender appender) {
    appenders.add(appender);
  }

  /**
   * Returns the highest sequence up to which nothing is in an open batch. Who asks looks after
   * this, not before, at what has been submitted.
   */
  long closedUpTo() {
    // An appender says that it is going to take a sequence before it takes it, so one that this
    // look misses gets one above what is read first.
    long lowest = lastSequence.get() + 1;
    for (JournalAppender appender : appenders) {
      lowest = Math.min(lowest, appender.openFloor());
    }
    return lowest - 1;
  }

  // ---- what is safe

  long durable() {
    return durable;
  }

  void becameDurable(long sequence) {
    if (sequence > durable && !failed) {
      durable = sequence;
      if (anyWaits) {
        wake();
      }
    }
  }

  void whenDurable(long sequence, Runnable wake) {
    if (sequence <= durable || failed) {
      wake.run();
      return;
    }
    synchronized (lock) {
      waits.add(new Wait(sequence, wake));
      anyWaits = true;
    }
    if (sequence <= durable || failed) {
      wake();
    } else {
      waited.run();
    }
  }

  boolean anyWaits() {
    return anyWaits;
  }

  private void wake() {
    for (Wait due = takeDue(); due != null; due = takeDue()) {
      boolean told = false;
      try {
        due.wake.run();
        told = true;
      } finally {
        if (!told) {
          // He would wait for ever: the next call tries again.
          putBack(due);
        }
      }
    }
  }

  private @Nullable Wait takeDue() {
    synchronized (lock) {
      long reached = failed ? Long.MAX_VALUE : durable;
      for (int i = 0; i < waits.size(); i++) {
        if (waits.get(i).sequence <= reached) {
          Wait due = waits.remove(i);
          anyWaits = !waits.isEmpty();
          return due;
        }
      }
      return null;
    }
  }

  private void putBack(Wait wait) {
    synchronized (lock) {
      waits.add(wait);
      anyWaits = true;
    }
  }

  // ---- how much is under way

  void underWay(long bytes) {
    bytesUnderWay.addAndGet(bytes);
  }

  void arrived(long bytes) {
    if (bytesUnderWay.addAndGet(-bytes) < CONGESTED_BYTES / 2 && anyRelieves) {
      relieve();
    }
  }

  long bytesUnderWay() {
    return bytesUnderWay.get();
  }

  boolean congested() {
    return bytesUnderWay.get() > CONGESTED_BYTES && !failed;
  }

  void whenRelieved(Runnable wake) {
    synchronized (lock) {
      relieves.add(wake);
      anyRelieves = true;
    }
    if (!congested()) {
      relieve();
    }
  }

  private void relieve() {
    anyRelieves = false;
    tell(relieves);
  }

  /** Runs all tasks of a list, which are forgotten; what throws is not. */
  private void tell(List<Runnable> tasks) {
    for (Runnable task = takeFirst(tasks); task != null; task = takeFirst(tasks)) {
      boolean told = false;
      try {
        task.run();
        told = true;
      } finally {
        if (!told) {
          synchronized (lock) {
            tasks.add(task);
            anyRelieves |= tasks == relieves;
          }
        }
      }
    }
  }

  private @Nullable Runnable takeFirst(List<Runnable> tasks) {
    synchronized (lock) {
      return tasks.isEmpty() ? null : tasks.remove(0);
    }
  }

  // ---- state

  State state() {
    return failed ? State.FAILED : full ? State.FULL : State.OPEN;
  }

  boolean failed() {
    return failed;
  }

  /** What there may be no room for. */
  enum Lack {
    /** Another segment of the log. */
    SEGMENT,
    /** A segment for one block that is larger than others are. */
    LARGE_SEGMENT,
    /** Messages that are to leave memory. */
    MESSAGES
  }

  void lacks(Lack what, String why) {
    synchronized (lock) {
      if (!lacking.add(what) || full) {
        return;
      }
      full = true;
      log.error("the disk of the journal is full, publishers are refused: {}", why);
    }
    troubled.run();
  }

  void hasRoom(Lack what) {
    if (full) {
      synchronized (lock) {
        if (lacking.remove(what) && lacking.isEmpty()) {
          full = false;
          log.info("the disk of the journal has room again");
        }
      }
    }
  }

  /** Returns why the journal has failed, null if it has not. */
  @Nullable Throwable failure() {
    return failure.get();
  }

  void whenFailed(Runnable wake) {
    synchronized (lock) {
      failureWaits.add(wake);
    }
    if (failed) {
      tell(failureWaits);
    }
  }

  /**
   * Ends everything: nothing more becomes durable, whoever waits is told. It throws nothing, as it
   * is called with whatever has been thrown, and that may be thrown here again.
   */
  void fail(String what, Throwable cause) {
    failed = true;
    try {
      if (failure.compareAndSet(null, cause)) {
        log.error("the journal has failed, nothing more is confirmed: {}", what, cause);
      }
    } catch (RuntimeException | Error unlogged) {
      // What follows is what counts.
    }
    tellOfFailure();
    try {
      troubled.run();
    } catch (RuntimeException | Error untold) {
      // Whoever waits for an image waits for a failure as well.
    }
  }

  /**
   * Tells who has not been told of a failure yet, if there is one; whoever cannot be told stays.
   */
  void tellOfFailure() {
    if (failed) {
      tellSafely(this::wake);
      tellSafely(this::relieve);
      tellSafely(() -> tell(failureWaits));
    }
  }

  private static void tellSafely(Runnable telling) {
    try {
      telling.run();
    } catch (RuntimeException | Error untold) {
      // Maintenance comes back to it.
    }
  }
}
