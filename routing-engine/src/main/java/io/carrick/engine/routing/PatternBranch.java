package io.carrick.engine.routing;

import io.carrick.RoutingKey;
import org.jspecify.annotations.Nullable;

/**
 * A node of a {@link TopicTrie}: children by literal level and by wildcard. Written by one thread
 * at a time under its owner's lock, read by any without one.
 */
final class PatternBranch<V> extends Branch<V> {

  private volatile @Nullable Entry<V> one;
  private volatile @Nullable Entry<V> many;

  PatternBranch(RoutingKey key) {
    super(key);
  }

  PatternBranch(RoutingKey key, @Nullable Object values) {
    super(key, values);
  }

  /** Returns the child for exactly one level, or null. */
  @Nullable Entry<V> one() {
    return one;
  }

  /** Returns the child for any number of levels, or null. */
  @Nullable Entry<V> many() {
    return many;
  }

  /** Returns the child for a pattern's level {@code depth}, or null; for the writer. */
  @Nullable Entry<V> child(int depth, RoutingKey pattern) {
    if (pattern.isOne(depth)) {
      return one;
    }
    return pattern.isMany(depth) ? many : literal(depth, pattern, depth);
  }

  /** Adds the child for the level {@code depth} of its key, which has none. */
  void addChild(int depth, Entry<V> child) {
    if (child.key.isOne(depth)) {
      one = child;
    } else if (child.key.isMany(depth)) {
      many = child;
    } else {
      addLiteral(depth, child);
    }
  }

  /** Puts one child in the place of another of the same level. */
  void replaceChild(int depth, Entry<V> child, Entry<V> other) {
    if (child == one) {
      one = other;
    } else if (child == many) {
      many = other;
    } else {
      replaceLiteral(depth, child, other);
    }
  }

  /** Removes a child. */
  void removeChild(int depth, Entry<V> child) {
    if (child == one) {
      one = null;
    } else if (child == many) {
      many = null;
    } else {
      removeLiteral(depth, child);
    }
  }

  /** Returns whether nothing would be lost without this branch. */
  boolean isEmpty() {
    return one == null && many == null && !hasLiterals() && !hasValues();
  }
}
