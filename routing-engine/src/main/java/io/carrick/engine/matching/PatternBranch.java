package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import org.jspecify.annotations.Nullable;

/**
 * A branch of a {@link TopicTrie}: children by literal level and by wildcard. Written by one thread
 * at a time under its owner's lock, read by any without one.
 */
final class PatternBranch<V> extends Branch<V> {

  private volatile @Nullable Node<V> one;
  private volatile @Nullable Node<V> many;

  PatternBranch(RoutingKey key, int depth) {
    super(key, depth);
  }

  /** Returns the child for exactly one level, or null. */
  @Nullable Node<V> one() {
    return one;
  }

  /** Returns the child for any number of levels, or null. */
  @Nullable Node<V> many() {
    return many;
  }

  /** Returns the child for a pattern's level {@code depth}, or null; for the writer. */
  @Nullable Node<V> child(int depth, RoutingKey pattern) {
    if (pattern.isOne(depth)) {
      return one;
    }
    return pattern.isMany(depth) ? many : literal(depth, pattern);
  }

  /** Adds the child for the level {@code depth} of its key, which has none. */
  void addChild(int depth, Node<V> child) {
    if (child.key.isOne(depth)) {
      one = child;
    } else if (child.key.isMany(depth)) {
      many = child;
    } else {
      addLiteral(child);
    }
  }

  /** Puts one child in the place of another of the same level. */
  void replaceChild(Node<V> child, Node<V> other) {
    if (child == one) {
      one = other;
    } else if (child == many) {
      many = other;
    } else {
      replaceLiteral(child, other);
    }
  }

  /** Removes a child. */
  void removeChild(Node<V> child) {
    if (child == one) {
      one = null;
    } else if (child == many) {
      many = null;
    } else {
      removeLiteral(child);
    }
  }

  /** Returns whether nothing would be lost without this branch. */
  boolean isEmpty() {
    return one == null && many == null && literals() == null && end() == null;
  }
}
