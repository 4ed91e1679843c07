package io.carrick.engine;

import io.carrick.engine.queue.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A queue as its virtual host knows it. The marks are written by the loop of their index alone; the
 * queue itself is confined to its loop.
 */
final class QueueEntry extends Destination {

  final Queue queue;

  /** The party that it belongs to exclusively; null if to nobody. */
  final @Nullable Party owner;

  /** Where {@link Matches} noted it last, by loop. */
  final int[] matchedAt;

  /** The bindings as a session decides by them again; null until that is needed. */
  volatile @Nullable Rematch rematch;

  QueueEntry(Queue queue, @Nullable Party owner, int loops) {
    this.queue = queue;
    this.owner = owner;
    this.matchedAt = new int[loops];
  }

  @Override
  String name() {
    return queue.name();
  }

  @Override
  boolean durable() {
    return queue.durable();
  }

  @Override
  void bindingsChanged() {
    rematch = null;
  }

  boolean isSession() {
    return queue.admission() != null;
  }
}
