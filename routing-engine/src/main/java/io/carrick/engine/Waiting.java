package io.carrick.engine;

import io.carrick.BrokerException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Blocking for what loops produce. Stateless. */
final class Waiting {

  private Waiting() {}

  static <T extends @Nullable Object> T forResult(CompletableFuture<T> result) {
    try {
      return result.get();
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
