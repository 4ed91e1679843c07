package io.carrick.engine;

import io.carrick.engine.queue.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A queue as its virtual host knows it. The bindings are guarded by the virtual host's lock; the
 * marks are written by the loop of their index alone; the queue itself is confined to its loop.
 */
final class QueueEntry {

  final Queue queue;
  final Destination destination = new Destination();

  /** The party that it belongs to exclusively; null if to nobody. */
  final @Nullable Party owner;

  /** The last routing of each loop that reached it, and where {@link Matches} noted it then. */
  final long[] matched;

  final int[] matchedAt;

  /** The bindings as a session decides by them again; null until that is needed. */
  volatile @Nullable Rematch rematch;

  QueueEntry(Queue queue, @Nullable Party owner, int loops) {
    this.queue = queue;
    this.owner = owner;
    this.matched = new long[loops];
    this.matchedAt = new int[loops];
  }

  void bindingsChanged() {
    rematch = null;
  }

  boolean isSession() {
    return queue.declaration().session() != null;
  }
}
