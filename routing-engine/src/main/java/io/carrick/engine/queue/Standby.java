package io.carrick.engine.queue;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue with a single active one that wait until it goes: the one of the highest
 * priority is next, and of those the one that came first. Confined to the queue's loop.
 */
final class Standby {

  /** In the order of their coming. */
  private final Set<Consumer> waiting = new LinkedHashSet<>();

  /** The same by priority, the highest first; none is empty. */
  private final TreeMap<Integer, Set<Consumer>> levels = new TreeMap<>(Comparator.reverseOrder());

  void add(Consumer c) {
    waiting.add(c);
    levels.computeIfAbsent(c.priority, p -> new LinkedHashSet<>()).add(c);
  }

  /** Removes one, and returns whether it was there. */
  boolean remove(Consumer c) {
    Set<Consumer> level = levels.get(c.priority);
    if (level != null && level.remove(c) && level.isEmpty()) {
      levels.remove(c.priority);
    }
    return waiting.remove(c);
  }

  /** Takes the next out; null if none waits. */
  @Nullable Consumer next() {
    Map.Entry<Integer, Set<Consumer>> highest = levels.firstEntry();
    if (highest == null) {
      return null;
    }
    Consumer next = highest.getValue().iterator().next();
    remove(next);
    return next;
  }

  Collection<Consumer> all() {
    return Collections.unmodifiableCollection(waiting);
  }
}
