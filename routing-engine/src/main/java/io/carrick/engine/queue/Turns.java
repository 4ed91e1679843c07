package io.carrick.engine.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue that has several: those that can take a message do so in turn, higher
 * priorities first; those that cannot are never scanned. Confined to the queue's loop.
 */
final class Turns {

  final List<Consumer> all = new ArrayList<>();

  /** Those that are listed, by priority; no level is empty. */
  private final TreeMap<Integer, ArrayDeque<Consumer>> levels =
      new TreeMap<>(Comparator.reverseOrder());

  /** Adds one, whose turn comes after that of the others. */
  void add(Consumer c) {
    all.add(c);
    if (c.listed) {
      list(c);
    }
  }

  /** Gives turns to one that is listed from now on. */
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

  /** Returns the one whose turn it is, or null; the others come before its next. */
  @Nullable Consumer next() {
    for (var first = levels.firstEntry(); first != null; first = levels.firstEntry()) {
      ArrayDeque<Consumer> level = first.getValue();
      for (Consumer c = level.pollFirst(); c != null; c = level.pollFirst()) {
        if (c.canTake()) {
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
