package io.carrick.engine.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of one queue. Those that can take a message do so in turn, higher priorities first;
 * those that cannot are never scanned. Confined to the queue's loop.
 */
final class Consumers {

  /** The only one, as in most queues; null while there are none or several. */
  private @Nullable Consumer only;

  /** Null while there are none or one. */
  private @Nullable Several several;

  boolean isEmpty() {
    return only == null && several == null;
  }

  /** Returns them all, in the order of their coming. */
  List<Consumer> all() {
    if (several != null) {
      return List.copyOf(several.all);
    }
    return only == null ? List.of() : List.of(only);
  }

  int size() {
    if (several != null) {
      return several.all.size();
    }
    return only == null ? 0 : 1;
  }

  /** Returns the one that came first, or null. */
  @Nullable Consumer first() {
    return several == null ? only : several.all.get(0);
  }

  /** Adds one, whose turn comes after that of the others. */
  void add(Consumer c) {
    if (only == null && several == null) {
      only = c;
    } else {
      if (several == null) {
        several = new Several();
      }
      if (only != null) {
        several.add(only);
        only = null;
      }
      several.add(c);
    }
    canTake(c);
  }

  /** Takes one out, if it is there. */
  void remove(Consumer c) {
    if (only == c) {
      only = null;
    } else if (several != null) {
      several.remove(c);
      if (several.all.size() == 1) {
        only = several.all.get(0);
        several = null;
      }
    }
    c.listed = false;
  }

  /** Gives turns to one of them that may have got credit. */
  void canTake(Consumer c) {
    if (!c.listed) {
      c.listed = true;
      if (several != null) {
        several.list(c);
      }
    }
  }

  /** Returns the one whose turn it is, or null; the others come before its next. */
  @Nullable Consumer next() {
    Consumer alone = only;
    if (alone == null) {
      return several == null ? null : several.next();
    }
    if (alone.listed && !alone.hasCredit()) {
      alone.listed = false;
    }
    return alone.listed ? alone : null;
  }

  /** More than one. */
  private static final class Several {

    final List<Consumer> all = new ArrayList<>();

    /** Those that are listed, by priority; no level is empty. */
    private final TreeMap<Integer, ArrayDeque<Consumer>> levels =
        new TreeMap<>(Comparator.reverseOrder());

    void add(Consumer c) {
      all.add(c);
      if (c.listed) {
        list(c);
      }
    }

    void list(Consumer c) {
      levels.computeIfAbsent(c.priority, p -> new ArrayDeque<>()).addLast(c);
    }

    void remove(Consumer c) {
      all.remove(c);
      ArrayDeque<Consumer> level = c.listed ? levels.get(c.priority) : null;
      if (level != null && level.remove(c) && level.isEmpty()) {
        levels.remove(c.priority);
      }
    }

    @Nullable Consumer next() {
      for (var first = levels.firstEntry(); first != null; first = levels.firstEntry()) {
        ArrayDeque<Consumer> level = first.getValue();
        for (Consumer c = level.pollFirst(); c != null; c = level.pollFirst()) {
          if (c.hasCredit()) {
            level.addLast(c);
            return c;
          }
          c.listed = false;
        }
        levels.remove(first.getKey());
      }
      return null;
    }
  }
}
