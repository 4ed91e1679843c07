package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.spi.Completion;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Brings an answer out of a loop, to who waits for it. Immutable. */
public record FutureCompletion<T extends @Nullable Object>(CompletableFuture<T> future)
    implements Completion<T> {

  @Override
  public void completed(T value) {
    future.complete(value);
  }

  @Override
  public void failed(BrokerException reason) {
    future.completeExceptionally(reason);
  }
}
