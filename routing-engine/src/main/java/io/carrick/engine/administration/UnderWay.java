package io.carrick.engine.administration;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What administrators wait for, so that the end of the broker leaves nobody waiting. Thread-safe.
 */
final class UnderWay {

  private final Map<Long, CompletableFuture<?>> promises = new ConcurrentHashMap<>();
  private final AtomicLong last = new AtomicLong();
  private volatile boolean closed;

  <T> CompletableFuture<T> promise() {
    long number = last.incrementAndGet();
    var promise = new CompletableFuture<T>();
    promises.put(number, promise);
    CompletableFuture<T> unused = promise.whenComplete((value, failure) -> promises.remove(number));
    if (closed) {
      fail(promise);
    }
    return promise;
  }

  /** The broker has closed. */
  void close() {
    closed = true;
    promises.values().forEach(UnderWay::fail);
  }

  private static void fail(CompletableFuture<?> promise) {
    promise.completeExceptionally(new IllegalStateException("the broker is closed"));
  }
}
