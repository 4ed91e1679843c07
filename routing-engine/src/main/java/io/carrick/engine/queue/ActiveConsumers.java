package io.carrick.engine.queue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The consumers that can take a message now, in turn, higher priorities first; those that cannot
 * are not in it and never scanned. Confined to the queue's loop.
 */
final class ActiveConsumers {

  /** The only one, as in most queues; null while there are none or several. */
  private @Nullable Consumer only;

  /** Several, by priority; null while there are none or one. */
  private @Nullable TreeMap<Integer, ArrayDeque<Consumer>> levels;

  void add(Consumer c) {
    if (c.listed) {
      return;
    }
    c.listed = true;
    if (levels == null && only == null) {
      only = c;
      return;
    }
    if (levels == null) {
      levels = new TreeMap<>(Comparator.reverseOrder());
    }
    if (only != null) {
      put(levels, only);
      only = null;
    }
    put(levels, c);
  }

  private static void put(Map<Integer, ArrayDeque<Consumer>> levels, Consumer c) {
    levels.computeIfAbsent(c.request().priority(), p -> new ArrayDeque<>()).addLast(c);
  }

  void remove(Consumer c) {
    if (!c.listed) {
      return;
    }
    c.listed = false;
    if (levels == null) {
      only = null;
      return;
    }
    ArrayDeque<Consumer> level = levels.get(c.request().priority());
    if (level != null) {
      level.remove(c);
      if (level.isEmpty()) {
        drop(c.request().priority());
      }
    }
  }

  private void drop(int priority) {
    if (levels != null) {
      levels.remove(priority);
      if (levels.isEmpty()) {
        levels = null;
      }
    }
  }

  /** Returns the consumer whose turn it is and puts it behind the others of its priority. */
  @Nullable Consumer next() {
    Consumer alone = only;
    if (alone != null) {
      if (alone.hasCredit()) {
        return alone;
      }
      alone.listed = false;
      only = null;
      return null;
    }
    while (levels != null) {
      var level = levels.firstEntry();
      for (Consumer c = level.getValue().pollFirst(); c != null; c = level.getValue().pollFirst()) {
        if (c.hasCredit()) {
          level.getValue().addLast(c);
          return c;
        }
        c.listed = false;
      }
      drop(level.getKey());
    }
    return null;
  }
}
