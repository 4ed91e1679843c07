package io.carrick.journal;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A thread that runs tasks in the order in which they come. Thread-safe. */
final class Worker implements Executor {

  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private final Idle idle;
  private final Consumer<Throwable> broken;

  private volatile boolean parked;
  private volatile boolean closing;

  /** What is done when there is no task. */
  @FunctionalInterface
  interface Idle {
    /**
     * Does it.
     *
     * @param waited whether it was asked for the last time that long ago, not just now
     * @return after how many nanoseconds to do it again without a task, or {@link #WHEN_ASKED}
     */
    long run(boolean waited);

    /** Not before there is a task, or somebody wakes the thread. */
    long WHEN_ASKED = Long.MAX_VALUE;
  }

  /**
   * Makes a thread that {@link #start} starts.
   *
   * @param idle what to do when there is no task
   * @param broken told of a task that threw
   */
  Worker(String name, Idle idle, Consumer<Throwable> broken) {
    this.broken = broken;
    this.idle = idle;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  /** Lets the thread look again. */
  void wake() {
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    boolean waited = false;
    while (true) {
      // Nobody may stop it this way: files are closed when they are used by an interrupted thread.
      Thread.interrupted();
      Runnable task = tasks.poll();
      if (task != null) {
        runSafely(task);
        continue;
      }
      long pause = idleSafely(waited);
      waited = false;
      if (closing && tasks.isEmpty() && pause == Idle.WHEN_ASKED) {
        return;
      }
      parked = true;
      // Whoever came before this could not know.
      pause = Math.min(pause, idleSafely(false));
      if (tasks.isEmpty() && !(closing && pause == Idle.WHEN_ASKED)) {
        park(pause);
        waited = pause != Idle.WHEN_ASKED;
      }
      parked = false;
    }
  }

  private void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      // Also when memory is short: who waits for this thread would wait for ever.
      tellBroken(e);
    }
  }

  private long idleSafely(boolean waited) {
    try {
      return idle.run(waited);
    } catch (RuntimeException | Error e) {
      tellBroken(e);
      return Idle.WHEN_ASKED;
    }
  }

  private void tellBroken(Throwable e) {
    try {
      broken.accept(e);
    } catch (RuntimeException | Error untold) {
      // This thread goes on: others wait for it, if only for its end.
    }
  }

  private void park(long nanos) {
    if (nanos == Idle.WHEN_ASKED) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, nanos);
    }
  }

  /** Runs what is there, then ends the thread and waits for that. */
  void close() {
    closing = true;
    LockSupport.unpark(thread);
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
}
