package io.carrick.engine.routing;

import io.carrick.RoutingKey;

/** A branch of a {@link TopicValues}. Guarded by its lock for writing, read without. */
final class ValueBranch<V> extends Branch<V> {

  ValueBranch(RoutingKey key, int depth) {
    super(key, depth);
  }

  /** Returns whether nothing would be lost without this branch. */
  boolean isEmpty() {
    return literals() == null && end() == null;
  }
}
