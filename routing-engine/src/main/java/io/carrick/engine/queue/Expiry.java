package io.carrick.engine.queue;

import io.carrick.spi.Loop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The age of what is ready in a queue, and of a queue that nobody uses: one timer for each.
 * Confined to the queue's loop.
 */
final class Expiry {

  private final Loop loop;
  private final Lifetime lifetime;
  private final ReadyMessages ready;
  private final Aged queue;
  private Loop.@Nullable Timer headTimer;
  private long headTimerMs;
  private Loop.@Nullable Timer unusedTimer;
  private long lastUsedNanos;

  /** The queue that grows old. Called in its loop. */
  interface Aged {

    /** A message, which is not ready any more, was too old. */
    void expired(QueuedMessage message);

    /** The queue was not used for as long as it may be. */
    void unused();
  }

  Expiry(Loop loop, Lifetime lifetime, ReadyMessages ready, Aged queue) {
    this.loop = loop;
    this.lifetime = lifetime;
    this.ready = ready;
    this.queue = queue;
  }

  // ---- messages

  /** Takes the next message that is not too old, or null if none is in memory. */
  @Nullable QueuedMessage poll() {
    QueuedMessage m = ready.poll();
    while (m != null && tooOld(lifetime.endOf(m.message))) {
      queue.expired(m);
      m = ready.poll();
    }
    return m;
  }

  /** Drops what is too old at the head, and looks again when the next one is. */
  void watchHead() {
    QueuedMessage head = ready.peek();
    while (head != null) {
      long end = lifetime.endOf(head.message);
      if (!tooOld(end)) {
        lookAt(end);
        return;
      }
      ready.poll();
      queue.expired(head);
      head = ready.peek();
    }
  }

  private boolean tooOld(long endMs) {
    return endMs != Lifetime.FOR_EVER && endMs <= loop.wallTimeMs();
  }

  private void lookAt(long endMs) {
    if (endMs == Lifetime.FOR_EVER || (headTimer != null && headTimerMs <= endMs)) {
      return;
    }
    if (headTimer != null) {
      headTimer.cancel();
    }
    headTimerMs = endMs;
    headTimer = loop.schedule(Math.max(0, endMs - loop.wallTimeMs()), this::headDue);
  }

  private void headDue() {
    headTimer = null;
    watchHead();
  }

  // ---- the queue

  /** The queue is used now; from here on it may be unused. */
  void used() {
    if (lifetime.unusedMs() == Lifetime.FOR_EVER) {
      return;
    }
    lastUsedNanos = loop.nanoTime();
    if (unusedTimer == null) {
      unusedTimer = loop.schedule(lifetime.unusedMs(), this::unusedDue);
    }
  }

  private void unusedDue() {
    unusedTimer = null;
    long quietMs = TimeUnit.NANOSECONDS.toMillis(loop.nanoTime() - lastUsedNanos);
    if (quietMs < lifetime.unusedMs()) {
      unusedTimer = loop.schedule(lifetime.unusedMs() - quietMs, this::unusedDue);
    } else {
      queue.unused();
    }
  }

  /** The queue has ended. */
  void stop() {
    if (headTimer != null) {
      headTimer.cancel();
      headTimer = null;
    }
    if (unusedTimer != null) {
      unusedTimer.cancel();
      unusedTimer = null;
    }
  }
}
