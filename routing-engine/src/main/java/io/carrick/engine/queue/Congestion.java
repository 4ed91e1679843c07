package io.carrick.engine.queue;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why a consumer has to wait, and who waits for it: its peer takes no bytes, or too many are under
 * way to its loop. Confined to the queue's loop.
 */
final class Congestion {

  /** Bytes under way to another loop that need no settling; beyond, the consumer has to wait. */
  private static final long MAX_UNDER_WAY_BYTES = 1 << 20;

  private final Consumer consumer;
  private long underWayBytes;
  private boolean unwritable;
  private long unwritableSinceNanos;

  /** Who pauses for the consumer; null while nobody does. */
  private @Nullable Set<BackPressureListener> paused;

  Congestion(Consumer consumer) {
    this.consumer = consumer;
  }

  /** Whether the consumer has to wait now. */
  boolean blocks() {
    return unwritable || underWayBytes >= MAX_UNDER_WAY_BYTES;
  }

  /** How long the peer has not been taking bytes. */
  long nanos(long now) {
    return unwritable ? now - unwritableSinceNanos : 0;
  }

  void leaves(int bytes) {
    underWayBytes += bytes;
  }

  void arrived(int bytes) {
    boolean waited = underWayBytes >= MAX_UNDER_WAY_BYTES;
    underWayBytes -= bytes;
    if (waited && underWayBytes < MAX_UNDER_WAY_BYTES) {
      relieve();
    }
  }

  /** The peer takes no bytes, from now on. */
  void begins(long now) {
    if (!unwritable) {
      unwritable = true;
      unwritableSinceNanos = now;
    }
  }

  /** The peer takes bytes. */
  void ends() {
    if (unwritable) {
      unwritable = false;
      relieve();
    }
  }

  private void relieve() {
    relieveFeeders();
    consumer.queue().consumers().creditChanged(consumer);
  }

  void relieveFeeders() {
    Set<BackPressureListener> feeders = paused;
    if (feeders != null) {
      paused = null;
      var here = consumer.queue().home();
      feeders.forEach(feeder -> here.tell(feeder.home(), feeder::relieved));
    }
  }

  /** Remembers who pauses for the consumer, to be told when it need not any more. */
  void pauses(BackPressureListener feeder) {
    Set<BackPressureListener> feeders = paused;
    if (feeders == null) {
      feeders = new LinkedHashSet<>();
      paused = feeders;
    }
    feeders.add(feeder);
  }
}
