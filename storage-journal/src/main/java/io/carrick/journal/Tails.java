package io.carrick.journal;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many queues have messages that are still to leave memory: the more, the sooner each lets go.
 * Thread-safe.
 */
final class Tails {

  /** What all of them may hold. */
  private static final long BYTES = Math.min(8 << 20, Runtime.getRuntime().maxMemory() / 32);

  private static final int FEWEST_BYTES = 1 << 10;

  private final AtomicInteger count = new AtomicInteger();
  private final int most;

  private volatile long lastCounted;

  /** Sets how many bytes one may hold however few there are. */
  Tails(int most) {
    this.most = most;
  }

  void begun() {
    count.incrementAndGet();
  }

  void ended() {
    count.decrementAndGet();
  }

  /** Returns how many bytes one may hold now. */
  long share() {
    return Math.min(most, Math.max(FEWEST_BYTES, BYTES / Math.max(1, count.get())));
  }

  /**
   * Returns whether the payload of a message is to be counted: a loop gives it to all its queues
   * one after the other, and they hold the same one. With several loops it may be counted more than
   * once.
   */
  boolean counts(long sequence) {
    boolean counts = sequence == 0 || sequence != lastCounted;
    if (counts) {
      lastCounted = sequence;
    }
    return counts;
  }
}
