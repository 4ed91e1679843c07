package io.carrick.spi;

import io.carrick.BrokerException;

/**
 * Takes the one answer to an asynchronous call, in the caller's loop; perhaps before the call
 * returns.
 */
public interface Completion<T extends @org.jspecify.annotations.Nullable Object> {

  /** It is done. */
  void completed(T value);

  /** It was refused and nothing has changed. */
  void failed(BrokerException reason);
}
