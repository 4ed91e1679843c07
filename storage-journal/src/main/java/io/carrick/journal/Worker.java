package io.carrick.journal;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A thread that runs tasks in the order in which they come. Thread-safe. */
final class Worker implements Executor {

  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private final BooleanSupplier idle;
  private final Consumer<RuntimeException> broken;
  private final long idleNanos;

  private volatile boolean parked;
  private volatile boolean closing;

  /**
   * Makes a thread that {@link #start} starts.
   *
   * @param idle run when there is no task; returns whether to be run again later without one
   * @param idleNanos how much later
   * @param broken told of a task that threw
   */
  Worker(String name, BooleanSupplier idle, long idleNanos, Consumer<RuntimeException> broken) {
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
    while (true) {
      Runnable task = tasks.poll();
      if (task != null) {
        runSafely(task);
        continue;
      }
      boolean again = idle.getAsBoolean();
      if (closing && tasks.isEmpty() && !again) {
        return;
      }
      parked = true;
      // Whoever came before this could not know.
      again |= idle.getAsBoolean();
      if (tasks.isEmpty() && !(closing && !again)) {
        park(again);
      }
      parked = false;
    }
  }

  private void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      broken.accept(e);
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
