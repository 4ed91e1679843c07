package io.carrick.engine;

import io.carrick.PreconditionFailedException;
import io.carrick.spi.Loop;
import io.carrick.spi.Loop.Timer;
import java.util.HashMap;
import java.util.Map;

/**
 * The scheduled publishes of one virtual host by name. Guarded by {@code this}; off the hot path.
 */
final class Schedules {

  private final Map<String, Entry> entries = new HashMap<>();
  private final int most;

  /** A scheduled publish. Immutable but for the timer, which is set before it is shared. */
  private static final class Entry {
    private Timer timer = () -> {};
  }

  Schedules(int most) {
    this.most = most;
  }

  /**
   * Runs {@code publish} in {@code loop} after a delay, unless cancelled or replaced.
   *
   * @throws PreconditionFailedException when there are too many
   */
  synchronized void add(String name, Loop loop, long delayMs, Runnable publish) {
    Entry old = entries.get(name);
    if (old == null && entries.size() >= most) {
      throw new PreconditionFailedException("no more scheduled publishes");
    }
    if (old != null) {
      old.timer.cancel();
    }
    var entry = new Entry();
    entries.put(name, entry);
    entry.timer =
        loop.schedule(
            delayMs,
            () -> {
              if (due(name, entry)) {
                publish.run();
              }
            });
  }

  private synchronized boolean due(String name, Entry entry) {
    return entries.remove(name, entry);
  }

  /** Cancels; returns whether there was one. */
  synchronized boolean cancel(String name) {
    Entry entry = entries.remove(name);
    if (entry == null) {
      return false;
    }
    entry.timer.cancel();
    return true;
  }
}
