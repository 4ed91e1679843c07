package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.spi.Completion;

/** Nobody waits for the answer, which cannot be a refusal. Immutable. */
record NothingToDo<T>() implements Completion<T> {

  @Override
  public void completed(T value) {
    // Whoever asked goes on by itself.
  }

  @Override
  public void failed(BrokerException reason) {
    throw new IllegalStateException("refused what cannot be refused", reason);
  }
}
