package io.carrick.engine.topology;

import io.carrick.RoutingKey;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which last values have an end, in order of it; what ends within the same second goes together.
 * Guarded by the lock of its {@link LastValues}.
 */
final class ExpiringValues {

  /** A topic's place here, about. */
  static final long ENTRY_BYTES = 60;

  private static final long STRETCH_MS = 1_000;

  /** By the stretch of time behind whose end they go. */
  private final TreeMap<Long, Set<RoutingKey>> byStretch = new TreeMap<>();

  void add(RoutingKey topic, long endMs) {
    byStretch.computeIfAbsent(endMs / STRETCH_MS, s -> new HashSet<>(2)).add(topic);
  }

  void remove(RoutingKey topic, long endMs) {
    Set<RoutingKey> stretch = byStretch.get(endMs / STRETCH_MS);
    if (stretch != null && stretch.remove(topic) && stretch.isEmpty()) {
      byStretch.remove(endMs / STRETCH_MS);
    }
  }

  boolean isEmpty() {
    return byStretch.isEmpty();
  }

  /** Returns from when on the first of them can go; not if it is empty. */
  long firstMs() {
    return (byStretch.firstKey() + 1) * STRETCH_MS;
  }

  /**
   * Returns one of those that go first; not if it is empty.
   *
   * @throws NoSuchElementException if it is empty all the same
   */
  RoutingKey first() {
    Map.Entry<Long, Set<RoutingKey>> stretch = byStretch.firstEntry();
    Iterator<RoutingKey> topics = stretch.getValue().iterator();
    return topics.next();
  }
}
