package io.carrick.engine.administration;

import java.util.function.Consumer;

/** Shows what a list has of a thing. Called in the thing's loop; stateless. */
@FunctionalInterface
interface Reader<C, T> {

  /** Everything was shown. */
  int ALL = -1;

  /**
   * Shows some of it.
   *
   * @param from where to begin: 0, or what an earlier call returned
   * @param most how many to show, and how much to look at
   * @return where to go on, or {@link #ALL}
   */
  int read(C thing, int from, int most, Consumer<T> into);

  /** Shows the elements of a list that is short. */
  static <T> int list(java.util.List<T> all, int from, int most, Consumer<T> into) {
    int end = Math.min(all.size(), from + most);
    for (int i = from; i < end; i++) {
      into.accept(all.get(i));
    }
    return end < all.size() ? end : ALL;
  }
}
