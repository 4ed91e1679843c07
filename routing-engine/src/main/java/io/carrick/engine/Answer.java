package io.carrick.engine;

import io.carrick.BrokerException;
import io.carrick.spi.Completion;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Brings an answer out of a loop, to who waits for it. Immutable. */
record Answer<T extends @Nullable Object>(CompletableFuture<T> future) implements Completion<T> {

  @Override
  public void completed(T value) {
    future.complete(value);
  }

  @Override
  public void failed(BrokerException reason) {
    future.completeExceptionally(reason);
  }
}
