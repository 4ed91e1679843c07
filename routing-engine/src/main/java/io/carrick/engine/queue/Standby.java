package io.carrick.engine.queue;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue with a single active one that wait until it goes: the one of the highest
 * priority is next, and of those the one that came first. Confined to the queue's loop.
 */
final class Standby {

  /** In the order of their coming. */
  private final Set<Consumer> waiting = new LinkedHashSet<>();

  void add(Consumer c) {
    waiting.add(c);
  }

  /** Removes one, and returns whether it was there. */
  boolean remove(Consumer c) {
    return waiting.remove(c);
  }

  /** Takes the next out; null if none waits. */
  @Nullable Consumer next() {
    Consumer next = null;
    for (Consumer c : waiting) {
      if (next == null || c.priority > next.priority) {
        next = c;
      }
    }
    if (next != null) {
      waiting.remove(next);
    }
    return next;
  }

  Collection<Consumer> all() {
    return Collections.unmodifiableCollection(waiting);
  }
}
