package io.carrick.transport;

import io.carrick.BrokerException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Who runs the turns of a group's loops. Thread-safe. */
interface LoopRunner {

  /** Waits for a result, as {@link io.carrick.spi.LoopGroup#await}. */
  <T extends @Nullable Object> T await(CompletableFuture<T> result);

  /** Ends the loops, as {@link io.carrick.spi.LoopGroup#close}. */
  void close();

  /** Returns what a future that is done holds, its failure as {@code await} promises. */
  static <T extends @Nullable Object> T resultOf(CompletableFuture<T> done) {
    try {
      return done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof BrokerException refused) {
        throw refused;
      }
      throw new IllegalStateException("the loops could not produce the result", e.getCause());
    } catch (CancellationException e) {
      throw new IllegalStateException("the result was cancelled", e);
    }
  }
}
