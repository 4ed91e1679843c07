package io.carrick.engine.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns by what consumers have not settled: who has least is next, and of those who has waited
 * longest; higher priorities before all. A heap, so that among many it stays cheap. Confined to the
 * queue's loop.
 */
final class LeastBusy extends Turns {

  private static final int SMALLEST = 8;

  /** Those that are listed, and perhaps some that are not any more. */
  private @Nullable Competitor[] heap = new @Nullable Competitor[SMALLEST];

  private int size;
  private long turns;

  @Override
  void list(Consumer c) {
    Competitor added = competitor(c);
    if (at(added.place) == added) {
      moved(added);
      return;
    }
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    set(size, added);
    size++;
    up(size - 1);
  }

  private static Competitor competitor(Consumer c) {
    if (c instanceof Competitor known) {
      return known;
    }
    throw new IllegalStateException("a consumer that is not counted");
  }

  @Override
  void unlist(Consumer c) {
    takeOut(competitor(c));
  }

  @Override
  void remove(Consumer c) {
    all.remove(c);
    c.listed = false;
    takeOut(competitor(c));
  }

  @Override
  @Nullable Consumer next() {
    for (Competitor c = at(0); c != null; c = at(0)) {
      if (c.listed && c.canTake()) {
        c.turn = ++turns;
        down(0);
        return c;
      }
      c.listed = false;
      takeOut(c);
    }
    return null;
  }

  /** One has more to settle than before, or less. */
  void moved(Competitor c) {
    if (at(c.place) == c) {
      up(c.place);
      down(c.place);
    }
  }

  private @Nullable Competitor at(int place) {
    return place >= 0 && place < size ? heap[place] : null;
  }

  private Competitor here(int place) {
    Competitor there = heap[place];
    if (there == null) {
      throw new IllegalStateException("nobody at " + place + " of " + size);
    }
    return there;
  }

  private void set(int place, Competitor c) {
    heap[place] = c;
    c.place = place;
  }

  private void takeOut(Competitor c) {
    if (at(c.place) != c) {
      return;
    }
    int gap = c.place;
    size--;
    Competitor last = here(size);
    heap[size] = null;
    c.place = Competitor.NOWHERE;
    if (last != c) {
      set(gap, last);
      up(gap);
      down(last.place);
    }
  }

  private void up(int from) {
    int place = from;
    Competitor c = here(place);
    while (place > 0 && c.before(here((place - 1) / 2))) {
      set(place, here((place - 1) / 2));
      place = (place - 1) / 2;
    }
    set(place, c);
  }

  private void down(int from) {
    int place = from;
    Competitor c = here(place);
    for (int child = firstOf(place); child < size; child = firstOf(place)) {
      if (!here(child).before(c)) {
        break;
      }
      set(place, here(child));
      place = child;
    }
    set(place, c);
  }

  /** Returns the child that comes before the other. */
  private int firstOf(int place) {
    int left = 2 * place + 1;
    int right = left + 1;
    return right < size && here(right).before(here(left)) ? right : left;
  }
}
