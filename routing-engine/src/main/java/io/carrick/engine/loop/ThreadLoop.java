package io.carrick.engine.loop;

import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop on a plain thread. The mailbox is shared, everything else is confined to the thread. The
 * clock of real time.
 */
final class ThreadLoop implements Loop {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  /** So much work is a turn's share, in each of its parts. */
  private static final int SHARE = 8_192;

  private final ConcurrentLinkedQueue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean ending;

  /** Whether the thread takes a last look at its mailbox, or has. */
  private volatile boolean ended;

  private volatile boolean sleeping;
  private volatile Consumer<Throwable> onFailure = cause -> {};
  private boolean failed;

  private final ArrayDeque<Runnable> turnEnd = new ArrayDeque<>();
  private final ArrayDeque<Runnable> continued = new ArrayDeque<>();
  private int worked;
  private final PriorityQueue<Due> timers = new PriorityQueue<>();
  private long scheduled;

  /** How many timers wait that need not. */
  private final AtomicInteger cancelled = new AtomicInteger();

  private ThreadLoop(String name) {
    this.thread = new Thread(this::run, name);
  }

  static ThreadLoop start(String name) {
    var loop = new ThreadLoop(name);
    loop.thread.start();
    return loop;
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void execute(Runnable task) {
    if (ending && !inLoop()) {
      throw new RejectedExecutionException("the broker is closed");
    }
    mailbox.add(task);
    if (ended && !inLoop() && mailbox.remove(task)) {
      throw new RejectedExecutionException("the broker is closed");
    }
    if (sleeping) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void atTurnEnd(Runnable task) {
    turnEnd.addLast(task);
  }

  @Override
  public void worked(int amount) {
    worked += amount;
  }

  @Override
  public boolean workedEnough() {
    return worked >= SHARE;
  }

  @Override
  public void continueLater(Runnable task) {
    continued.addLast(task);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long wallTimeMs() {
    return System.currentTimeMillis();
  }

  @Override
  public Timer schedule(long delayMs, Runnable task) {
    long latest = Long.MAX_VALUE / 2; // so that deadlines can be subtracted from each other
    long delayNanos = Math.min(TimeUnit.MILLISECONDS.toNanos(Math.max(0, delayMs)), latest);
    var due = new Due(nanoTime() + delayNanos, task);
    if (inLoop()) {
      add(due);
    } else {
      execute(() -> add(due));
    }
    return due;
  }

  private void add(Due due) {
    if (due.task.get() == null) {
      cancelled.decrementAndGet(); // on its way here
      return;
    }
    due.order = scheduled++;
    timers.add(due);
  }

  /**
   * Forgets cancelled timers as soon as they are half of all: to find one in the heap costs as much
   * as to look through all of it.
   */
  private void sweep() {
    if (cancelled.get() * 2 >= timers.size()) {
      int before = timers.size();
      timers.removeIf(due -> due.task.get() == null);
      cancelled.addAndGet(timers.size() - before);
    }
  }

  boolean alive() {
    return thread.isAlive();
  }

  void end() {
    ending = true;
    LockSupport.unpark(thread);
  }

  void join() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says who is told of a failure, as {@link io.carrick.spi.LoopGroup#onFailure}. */
  void onFailure(Consumer<Throwable> listener) {
    onFailure = listener;
  }

  private void run() {
    while (!failed) {
      worked = 0;
      boolean did = runMailbox();
      did |= runTimers();
      worked = 0;
      did |= runContinued();
      runTurnEnd();
      if (did) {
        continue;
      }
      if (ended) {
        return;
      }
      if (ending) {
        ended = true;
      } else {
        sleep();
      }
    }
  }

  private boolean runMailbox() {
    Runnable task = mailbox.poll();
    if (task == null) {
      return false;
    }
    for (int i = 0; task != null; i++) {
      runSafely(task);
      task = i < 1024 && !workedEnough() ? mailbox.poll() : null;
    }
    return true;
  }

  private boolean runTimers() {
    boolean did = false;
    if (cancelled.get() > 0) {
      sweep();
    }
    long mark = scheduled; // what comes meanwhile is of the next turn
    long now = nanoTime();
    for (Due due = timers.peek(); due != null && due.isDue(now); due = timers.peek()) {
      if (due.order >= mark || (did && workedEnough())) {
        return true;
      }
      timers.poll();
      Runnable task = due.task.getAndSet(null);
      if (task == null) {
        cancelled.decrementAndGet();
      } else {
        runSafely(task);
      }
      did = true;
    }
    return did;
  }

  private boolean runContinued() {
    int most = continued.size();
    for (int ran = 0; ran < most && !workedEnough(); ran++) {
      runSafely(continued.removeFirst());
    }
    return most > 0;
  }

  private void runTurnEnd() {
    for (Runnable task = turnEnd.pollFirst(); task != null; task = turnEnd.pollFirst()) {
      runSafely(task);
    }
  }

  private void runSafely(Runnable task) {
    if (failed) {
      return;
    }
    try {
      task.run();
    } catch (RuntimeException | Error thrown) {
      if (LoopGroup.isFatal(thrown)) {
        fail(thrown);
      } else {
        log.error("a task in a loop has failed", thrown);
      }
    }
  }

  /** Nothing here can be trusted to be whole any more: ends at once. */
  private void fail(Throwable cause) {
    failed = true;
    ending = true;
    ended = true;
    onFailure.accept(cause);
  }

  private void sleep() {
    sleeping = true;
    try {
      if (!mailbox.isEmpty() || ending) {
        return;
      }
      Due first = timers.peek();
      if (first == null) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, Math.max(1, first.atNanos - nanoTime()));
      }
    } finally {
      sleeping = false;
    }
  }

  /** A task that waits for its time. Confined to the loop but for its cancelling. */
  private final class Due implements Timer, Comparable<Due> {

    private final long atNanos;
    private long order;

    /** Null when it has run, or is not to. */
    private final AtomicReference<@Nullable Runnable> task;

    Due(long atNanos, Runnable task) {
      this.atNanos = atNanos;
      this.task = new AtomicReference<>(task);
    }

    boolean isDue(long now) {
      return now - atNanos >= 0;
    }

    @Override
    public void cancel() {
      if (task.getAndSet(null) != null) {
        cancelled.incrementAndGet();
      }
    }

    @Override
    public int compareTo(Due other) {
      int byTime = Long.signum(atNanos - other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
