package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import org.jspecify.annotations.Nullable;

/** A branch of a {@link TopicValues}. Guarded by its lock for writing, read without. */
final class ValueBranch<V> extends Branch<V> {

  /**
   * Levels that have branches. What has more is kept by its whole key below the last of them, so
   * that neither memory nor recursion follows the levels of a topic, which may be 65,536.
   */
  static final int DEEPEST = 128;

  ValueBranch(RoutingKey key, int depth) {
    super(key, depth);
  }

  /** Returns what a topic leads to from here, where its level {@code depth} is next, or null. */
  @Nullable Node<V> child(int depth, RoutingKey topic) {
    return depth == DEEPEST ? whole(topic) : literal(depth, topic);
  }

  /** Returns the depth of a leaf below a branch of that depth. */
  static int leafBelow(int depth) {
    return depth == DEEPEST ? WHOLE : depth + 1;
  }

  /** Returns whether nothing would be lost without this branch. */
  boolean isEmpty() {
    return literals() == null && end() == null;
  }
}
