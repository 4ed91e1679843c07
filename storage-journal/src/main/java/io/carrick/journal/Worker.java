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
  private final long idleNanos;

  private volatile boolean parked;
  private volatile boolean closing;

  /** What is done when there is no task. */
  @FunctionalInterface
  interface Idle {
    /**
     * Does it.
     *
     * @param waited whether it was asked for the last time that long ago, not just now
     * @return whether to do it again later without a task
     */
    boolean run(boolean waited);
  }

  /**
   * Makes a thread that {@link #start} starts.
   *
   * @param idle what to do when there is no task
   * @param idleNanos how long it waits to be done again
   * @param broken told of a task that threw
   */
  Worker(String name, Idle idle, long idleNanos, Consumer<Throwable> broken) {
    this.broken = broken;
    this.idle = idle;
    this.idleNanos = idleNanos;
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
      boolean again = idleSafely(waited);
      waited = false;
      if (closing && tasks.isEmpty() && !again) {
        return;
      }
      parked = true;
      // Whoever came before this could not know.
      again |= idleSafely(false);
      if (tasks.isEmpty() && !(closing && !again)) {
        park(again);
        waited = again;
      }
      parked = false;
    }
  }

  private void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      // Also when memory is short: who waits for this thread would wait for ever.
      broken.accept(e);
    }
  }

  private boolean idleSafely(boolean waited) {
    try {
      return idle.run(waited);
    } catch (RuntimeException | Error e) {
      broken.accept(e);
      return false;
    }
  }

  private void park(boolean again) {
    if (again) {
      LockSupport.parkNanos(this, idleNanos);
    } else {
      LockSupport.park(this);
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
