package io.carrick.engine.administration;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Goes through things in groups, one group after the other. Confined to the loop that lists; what
 * it goes through may change meanwhile.
 */
final class Walk<G, T> implements Iterator<T> {

  private final Iterator<G> groups;
  private final Function<G, Iterator<T>> things;
  private Iterator<T> current = Collections.emptyIterator();

  Walk(Iterator<G> groups, Function<G, Iterator<T>> things) {
    this.groups = groups;
    this.things = things;
  }

  @Override
  public boolean hasNext() {
    while (!current.hasNext() && groups.hasNext()) {
      current = things.apply(groups.next());
    }
    return current.hasNext();
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return current.next();
  }

  /** Goes through things as what they are made to. */
  static <A, B> Iterator<B> over(Iterator<A> things, Function<A, B> form) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return things.hasNext();
      }

      @Override
      public B next() {
        return form.apply(things.next());
      }
    };
  }
}
