package io.carrick.transport;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A few of the broker's workers, for what comes in great numbers: so many tasks at a time, the
 * others in their order. Guarded by its own monitor, which is held for a few instructions.
 */
final class WorkShare implements Executor {

  private final Executor workers;
  private final int most;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int working;

  WorkShare(Executor workers, int most) {
    this.workers = workers;
    this.most = most;
  }

  @Override
  public void execute(Runnable task) {
    synchronized (this) {
      waiting.add(task);
      if (working == most) {
        return;
      }
      working++;
    }
    try {
      workers.execute(this::work);
    } catch (RejectedExecutionException e) {
      synchronized (this) {
        working--;
        waiting.remove(task);
      }
      throw e;
    }
  }

  /** Runs what waits, in a worker's thread. */
  private void work() {
    boolean orderly = false;
    try {
      for (Runnable task = next(); task != null; task = next()) {
        task.run();
      }
      orderly = true;
    } finally {
      if (!orderly) {
        leave();
      }
    }
  }

  private synchronized @Nullable Runnable next() {
    Runnable task = waiting.poll();
    if (task == null) {
      working--;
    }
    return task;
  }

  /** A task has thrown something: this worker is lost, and what waits gets another. */
  private void leave() {
    synchronized (this) {
      if (waiting.isEmpty()) {
        working--;
        return;
      }
    }
    workers.execute(this::work);
  }
}
