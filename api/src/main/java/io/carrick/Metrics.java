package io.carrick;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A snapshot of every counter. Immutable.
 *
 * <p>A counter's name is a dotted noun, with its reason in braces where it has one: {@code
 * messages.published}, {@code messages.dropped{reason=slow-consumer}}.
 *
 * @param counters every counter by name
 */
public record Metrics(SortedMap<String, Long> counters) {

  /** Copies the map. */
  public Metrics {
    counters = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(counters));
  }

  /** Returns a counter's value, 0 if nothing has counted under that name. */
  public long value(String name) {
    return counters.getOrDefault(name, 0L);
  }

  /** Returns how many messages were dropped for {@code reason}, such as {@code slow-consumer}. */
  public long dropped(String reason) {
    return value("messages.dropped{reason=" + reason + "}");
  }
}
