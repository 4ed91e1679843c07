package io.carrick.engine;

import io.carrick.engine.extension.Policies;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a broker does when it meets an error after which it cannot be trusted: it tells its
 * listeners and ends, never half alive. Thread-safe; the first error counts.
 */
final class Breakdown implements Consumer<Throwable> {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  /** Given back first, so that there is memory to say a word and to start a thread. */
  private static final int RESERVE_BYTES = 128 << 10;

  private final Policies policies;
  private final Runnable abort;
  private final Runnable stopLoops;
  private final String threadName;
  private final CompletableFuture<Thread> ending = new CompletableFuture<>();

  @SuppressWarnings("UnusedVariable") // it is there to be given up
  private byte @Nullable [] reserve = new byte[RESERVE_BYTES];

  private volatile boolean begun;

  /**
   * Makes the breakdown that a broker may never have.
   *
   * @param abort ends the broker without waiting for anybody, from a thread of its own
   * @param stopLoops only begins with it, for the case that there is no thread to be had
   */
  Breakdown(Policies policies, Runnable abort, Runnable stopLoops, String threadName) {
    this.policies = policies;
    this.abort = abort;
    this.stopLoops = stopLoops;
    this.threadName = threadName;
  }

  @Override
  public void accept(Throwable cause) {
    if (!begin()) {
      return;
    }
    policies.failed(cause);
    log.error("the broker has failed and closes: {}", cause.toString());
    var thread = new Thread(abort, threadName);
    try {
      thread.start();
    } catch (OutOfMemoryError noThread) {
      stopLoops.run();
    } finally {
      ending.complete(thread);
    }
  }

  private synchronized boolean begin() {
    if (begun) {
      return false;
    }
    begun = true;
    reserve = null;
    return true;
  }

  /** Returns whether the broker has failed. */
  boolean begun() {
    return begun;
  }

  /** Waits until the broker has ended that way. */
  void await() {
    try {
      ending.join().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
