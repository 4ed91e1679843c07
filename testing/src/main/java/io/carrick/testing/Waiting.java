package io.carrick.testing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/** How a test waits: with a deadline, and letting the broker work where it needs this thread. */
final class Waiting {

  /** Longer than anything takes that is not broken. */
  static final Duration DEADLINE = Duration.ofSeconds(10);

  /** How long to wait for other threads before the loops are run again. */
  private static final long SLICE_MS = 5;

  private Waiting() {}

  /** Something to wait for. */
  @FunctionalInterface
  interface Attempt<T> {
    /** Waits that long at most; returns null if there is nothing yet. */
    @Nullable T within(long ms) throws InterruptedException;
  }

  /**
   * Waits for something.
   *
   * @param otherwise what has not come, for the failure
   */
  static <T> T forSomething(
      TestTime time, Duration deadline, Attempt<T> attempt, Supplier<String> otherwise) {
    long slices = time.needsThisThread() ? Math.max(1, deadline.toMillis() / SLICE_MS) : 1;
    long sliceMs = time.needsThisThread() ? SLICE_MS : deadline.toMillis();
    try {
      for (long i = 0; i < slices; i++) {
        if (time.needsThisThread()) {
          time.settle();
        }
        T found = attempt.within(sliceMs);
        if (found != null) {
          return found;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionFailedError("interrupted while waiting: " + otherwise.get(), e);
    }
    throw new AssertionFailedError(otherwise.get());
  }

  static <T extends @Nullable Object> T forResult(TestTime time, CompletableFuture<T> result) {
    forSomething(
        time,
        DEADLINE,
        ms -> doneWithin(result, ms) ? result : null,
        () -> "no answer within " + DEADLINE.toSeconds() + " s");
    return result.join();
  }

  private static boolean doneWithin(CompletableFuture<?> result, long ms)
      throws InterruptedException {
    try {
      result.get(ms, TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException failed) {
      return true;
    } catch (TimeoutException notYet) {
      return false;
    }
  }
}
