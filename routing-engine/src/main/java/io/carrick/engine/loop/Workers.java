package io.carrick.engine.loop;

import io.carrick.spi.LoopGroup;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Threads for what may block: authenticators and the handlers of in-JVM consumers. Made when first
 * needed, at most one for each subscription and each login under way. Thread-safe.
 */
public final class Workers implements Executor {

  private static final long IDLE_SECONDS = 5;

  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final String threadPrefix;
  private final ThreadPoolExecutor pool;
  private volatile Consumer<Throwable> onFailure = cause -> {};

  public Workers(String threadPrefix) {
    this.threadPrefix = threadPrefix;
    this.pool =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            this::newThread);
  }

  private Thread newThread(Runnable worker) {
    Runnable leaving =
        () -> {
          try {
            worker.run();
          } finally {
            threads.remove(Thread.currentThread());
          }
        };
    var thread = new Thread(leaving, threadPrefix + "-worker-" + count.incrementAndGet());
    threads.add(thread);
    return thread;
  }

  /** Says who is told when a task has met an error that the whole broker cannot survive. */
  public void onFailure(Consumer<Throwable> listener) {
    onFailure = listener;
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(() -> run(task));
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (Error thrown) {
      if (!LoopGroup.isFatal(thrown)) {
        throw thrown;
      }
      onFailure.accept(thrown);
    }
  }

  /** Waits for tasks that run, interrupts those that take longer, and for their threads to end. */
  public void close(long timeoutMs) {
    List<Thread> running = List.copyOf(threads);
    pool.shutdown();
    try {
      if (!pool.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS)) {
        pool.shutdownNow();
      }
      for (Thread thread : running) {
        if (thread != Thread.currentThread()) {
          thread.join(timeoutMs);
        }
      }
    } catch (InterruptedException e) {
      pool.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
