package io.carrick.engine.queue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue that has several: those that can take a message do so in turn, higher
 * priorities first; those that cannot are never scanned. Confined to the queue's loop.
 */
class Turns {

  private static final int FEW = 32;

  /** In the order of their coming. */
  final Set<Consumer> all = new LinkedHashSet<>();

  /** Those that are listed, by priority, and those that have left since; no level is empty. */
  private final TreeMap<Integer, ArrayDeque<Consumer>> levels =
      new TreeMap<>(Comparator.reverseOrder());

  /** How many of them have left. */
  private int left;

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

  /** Gives no turns any more to one that stays; looked for, since it may be listed again. */
  void unlist(Consumer c) {
    ArrayDeque<Consumer> level = c.listed ? levels.get(c.priority) : null;
    if (level != null && level.remove(c) && level.isEmpty()) {
      levels.remove(c.priority);
    }
  }

  /** Removes one; its place in the turns goes later, since to look for it may take long. */
  void remove(Consumer c) {
    all.remove(c);
    if (c.listed) {
      c.listed = false;
      left++;
      if (left > FEW && left > all.size()) {
        forgetLeft();
      }
    }
  }

  private void forgetLeft() {
    levels.values().forEach(level -> level.removeIf(c -> !c.listed));
    levels.values().removeIf(ArrayDeque::isEmpty);
    left = 0;
  }

  /** Returns the one whose turn it is, or null; the others come before its next. */
  @Nullable Consumer next() {
    for (var first = levels.firstEntry(); first != null; first = levels.firstEntry()) {
      ArrayDeque<Consumer> level = first.getValue();
      for (Consumer c = level.pollFirst(); c != null; c = level.pollFirst()) {
        if (!c.listed) {
          left--;
        } else if (c.canTake()) {
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
