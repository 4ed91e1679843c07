package io.carrick.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for what may block: authenticators and the handlers of in-JVM consumers. Made when first
 * needed, at most one for each subscription and each login under way. Thread-safe.
 */
final class Workers implements Executor {

  private static final long IDLE_SECONDS = 5;

  private final ThreadPoolExecutor pool;

  Workers(String threadPrefix) {
    var count = new AtomicInteger();
    this.pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> new Thread(task, threadPrefix + "-worker-" + count.incrementAndGet()));
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  /** Lets tasks that run end by themselves; interrupts them when they do not within the time. */
  void close(long timeoutMs) {
    pool.shutdown();
    try {
      if (!pool.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
