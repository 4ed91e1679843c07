package io.carrick.engine.matching;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The values at one place of a table or trie, held there as lean as can be: null for none, one
 * value itself, a {@link Bag} of more. Stateless: the place owns what these methods return.
 */
final class Values {

  private Values() {}

  /** Returns what a place is to hold with a value added, or put in the place of the equal one. */
  @SuppressWarnings("unchecked") // what is not a bag came as a V
  static <V> Object with(@Nullable Object present, V value) {
    if (present instanceof Bag<?>) {
      Values.<V>bag(present).add(value);
      return present;
    }
    if (present == null || present.equals(value)) {
      return value;
    }
    Bag<V> bag = new Bag<>();
    bag.add((V) present);
    bag.add(value);
    return bag;
  }

  /** Returns what a place is to hold without the equal value. */
  static <V> @Nullable Object without(@Nullable Object present, V value) {
    if (present instanceof Bag<?>) {
      Bag<V> bag = bag(present);
      bag.remove(value);
      return bag.size() > 1 ? bag : bag.first();
    }
    return value.equals(present) ? null : present;
  }

  /** Names every value to {@code sink}. */
  @SuppressWarnings("unchecked") // what is not a bag came as a V
  static <S, V> void report(
      @Nullable Object present, S sink, BiConsumer<? super S, ? super V> report) {
    if (present instanceof Bag<?>) {
      Values.<V>bag(present).report(sink, report);
    } else if (present != null) {
      report.accept(sink, (V) present);
    }
  }

  @SuppressWarnings("unchecked") // only with() makes bags
  private static <V> Bag<V> bag(Object present) {
    return (Bag<V>) present;
  }
}
