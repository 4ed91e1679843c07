package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The values of one pattern, a leaf of a trie. Written by one thread at a time under its owner's
 * lock, read by any without one.
 *
 * <p>A leaf stands for the whole rest of its pattern, so that a pattern which shares no further
 * level with another needs no branch for each of its levels.
 */
final class Entry<V> extends Node<V> {

  private volatile @Nullable Object values;

  Entry(RoutingKey key, int depth) {
    super(key, depth);
  }

  /** Makes a leaf which is to take another's place at another depth, with its values. */
  Entry(Entry<V> other, int depth) {
    super(other.key, depth);
    this.values = other.values;
  }

  /** Adds a value, or puts it in the place of the equal one. */
  void add(V value) {
    values = Values.with(values, value);
  }

  /** Removes the equal value, if there is one. */
  void remove(V value) {
    values = Values.without(values, value);
  }

  /** Sets the only value, and returns the one before; for entries that hold no more than one. */
  @Nullable V set(V value) {
    V before = get();
    values = value;
    return before;
  }

  /** Returns the only value; for entries that hold no more than one. */
  @SuppressWarnings("unchecked") // set() makes no bags
  @Nullable V get() {
    return (V) values;
  }

  boolean hasValues() {
    return values != null;
  }

  /** Names every value to {@code sink}. */
  <S> void report(S sink, BiConsumer<? super S, ? super V> report) {
    Values.report(values, sink, report);
  }
}
