package io.carrick.engine.routing;

import io.carrick.RoutingKey;
import java.util.function.BiConsumer;

/**
 * Values by whole key, without wildcards. Written by one thread at a time under its owner's lock,
 * read by any without one.
 */
final class KeyTable<V> {

  private volatile EntryTable<V> entries = new EntryTable<>(0);

  /** Adds a value under a key, or puts it in the place of the equal one. */
  void add(RoutingKey key, V value) {
    Entry<V> entry = entries.find(key);
    if (entry != null) {
      entry.add(value);
      return;
    }
    Entry<V> fresh = new Entry<>(key);
    fresh.add(value);
    entries = entries.with(key.hashCode(), fresh);
  }

  /** Removes the equal value of a key, if there is one. */
  void remove(RoutingKey key, V value) {
    Entry<V> entry = entries.find(key);
    if (entry == null) {
      return;
    }
    entry.remove(value);
    if (!entry.hasValues()) {
      entries = entries.without(key.hashCode(), entry);
    }
  }

  /** Names every value of a key to {@code sink}; allocates nothing. */
  <S> void match(RoutingKey key, S sink, BiConsumer<? super S, ? super V> report) {
    Entry<V> entry = entries.find(key);
    if (entry != null) {
      entry.report(sink, report);
    }
  }

  /** Returns how many keys there are; for the writer. */
  int size() {
    return entries.size();
  }
}
