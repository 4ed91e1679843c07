package io.carrick.engine.loop;

import io.carrick.BrokerException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Blocking for what loops produce. Stateless. */
final class ResultWait {

  /** How often somebody who waits looks whether the loops are still there. */
  private static final long LOOK_MS = 50;

  private ResultWait() {}

  /**
   * Waits for a result.
   *
   * @param ended says whether nobody is left to produce it
   */
  static <T extends @Nullable Object> T forResult(
      CompletableFuture<T> result, BooleanSupplier ended) {
    try {
      while (true) {
        boolean last = ended.getAsBoolean();
        try {
          return result.get(LOOK_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException notYet) {
          if (last) {
            throw new IllegalStateException("the loops have ended", notYet);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the broker", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BrokerException refused) {
        throw refused;
      }
      throw new IllegalStateException("the broker has failed to answer", e.getCause());
    }
  }
}
