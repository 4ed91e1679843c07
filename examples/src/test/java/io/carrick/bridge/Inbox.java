package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.opentest4j.AssertionFailedError;

/** What a client was given, in order; filled by the client's thread, emptied by the test's. */
final class Inbox<T> {

  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static final int LITTLE_WHILE_MS = 100;

  private final BlockingQueue<T> arrived = new LinkedBlockingQueue<>();
  private final String owner;

  Inbox(String owner) {
    this.owner = owner;
  }

  void add(T one) {
    arrived.add(one);
  }

  /** Returns the next one, and fails the test when none comes. */
  T take() {
    try {
      T next = arrived.poll(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new AssertionFailedError("nothing came to " + owner);
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionFailedError("interrupted", e);
    }
  }

  /** Returns the next one, or null when none comes for a little while. */
  T poll() throws InterruptedException {
    return arrived.poll(LITTLE_WHILE_MS, TimeUnit.MILLISECONDS);
  }

  List<T> take(int count) {
    var taken = new ArrayList<T>(count);
    while (taken.size() < count) {
      taken.add(take());
    }
    return taken;
  }

  /** Expects that whatever has come was taken; something later must have been taken before. */
  void expectNothingMore() {
    assertThat(arrived).as("left over at " + owner).isEmpty();
  }
}
