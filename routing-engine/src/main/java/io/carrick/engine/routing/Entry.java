package io.carrick.engine.routing;

import io.carrick.RoutingKey;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The values of one key or pattern, and a leaf of a trie. Written by one thread at a time under its
 * owner's lock, read by any without one.
 *
 * <p>A leaf stands for the whole rest of its pattern, so that a pattern which shares no further
 * level with another needs no node for each of its levels.
 */
class Entry<V> {

  /** The key; in a {@link Branch}, one of the keys below it, which names the levels up to it. */
  final RoutingKey key;

  /** Null, one value, or a {@link Bag} of more. */
  private volatile @Nullable Object values;

  Entry(RoutingKey key) {
    this.key = key;
  }

  /** Makes an entry which is to take another's place, with its values. */
  Entry(RoutingKey key, @Nullable Object values) {
    this.key = key;
    this.values = values;
  }

  /** Adds a value, or puts it in the place of the equal one. */
  final void add(V value) {
    Object present = values;
    if (present instanceof Bag<?>) {
      bag(present).add(value);
    } else if (present == null || present.equals(value)) {
      values = value;
    } else {
      Bag<V> bag = new Bag<>();
      bag.add(one(present));
      bag.add(value);
      values = bag;
    }
  }

  /** Removes the equal value, if there is one. */
  final void remove(V value) {
    Object present = values;
    if (present instanceof Bag<?>) {
      Bag<V> bag = bag(present);
      bag.remove(value);
      if (bag.size() <= 1) {
        values = bag.first();
      }
    } else if (value.equals(present)) {
      values = null;
    }
  }

  /** Sets the only value. */
  final void set(@Nullable V value) {
    values = value;
  }

  /** Returns the only value; for entries that were filled by {@link #set}. */
  final @Nullable V get() {
    Object present = values;
    return present == null ? null : one(present);
  }

  /** Returns the values, for the entry that takes this one's place. */
  final @Nullable Object values() {
    return values;
  }

  final boolean hasValues() {
    return values != null;
  }

  /** Names every value to {@code sink}. */
  final <S> void report(S sink, BiConsumer<? super S, ? super V> report) {
    Object present = values;
    if (present instanceof Bag<?>) {
      bag(present).report(sink, report);
    } else if (present != null) {
      report.accept(sink, one(present));
    }
  }

  @SuppressWarnings("unchecked") // only add() makes bags
  private Bag<V> bag(Object present) {
    return (Bag<V>) present;
  }

  @SuppressWarnings("unchecked") // what is not a bag came as a V
  private V one(Object present) {
    return (V) present;
  }
}
