package io.carrick.engine.queue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The consumers that can take a message now, in turn, higher priorities first; those that cannot
 * are not in it and never scanned. Confined to the queue's loop.
 */
final class ActiveConsumers {

  private final TreeMap<Integer, ArrayDeque<Consumer>> levels =
      new TreeMap<>(Comparator.reverseOrder());

  void add(Consumer c) {
    if (!c.listed) {
      c.listed = true;
      levels.computeIfAbsent(c.request().priority(), p -> new ArrayDeque<>(1)).addLast(c);
    }
  }

  void remove(Consumer c) {
    if (c.listed) {
      c.listed = false;
      ArrayDeque<Consumer> level = levels.get(c.request().priority());
      if (level != null) {
        level.remove(c);
        if (level.isEmpty()) {
          levels.remove(c.request().priority());
        }
      }
    }
  }

  /** Returns the consumer whose turn it is and puts it behind the others of its priority. */
  @Nullable Consumer next() {
    while (!levels.isEmpty()) {
      var level = levels.firstEntry().getValue();
      for (Consumer c = level.pollFirst(); c != null; c = level.pollFirst()) {
        if (c.hasCredit()) {
          level.addLast(c);
          return c;
        }
        c.listed = false;
      }
      levels.pollFirstEntry();
    }
    return null;
  }
}
