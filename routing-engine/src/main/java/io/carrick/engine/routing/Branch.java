package io.carrick.engine.routing;

import io.carrick.RoutingKey;
import org.jspecify.annotations.Nullable;

/**
 * A node of a trie with children by literal level. Written by one thread at a time under its
 * owner's lock, read by any without one.
 */
class Branch<V> extends Entry<V> {

  /** Null, one {@link Entry}, or an {@link EntryTable} of more. */
  private volatile @Nullable Object children;

  Branch(RoutingKey key) {
    super(key);
  }

  Branch(RoutingKey key, @Nullable Object values) {
    super(key, values);
  }

  /**
   * Returns the child whose level {@code depth} is {@code key}'s level {@code level}, or null.
   *
   * @param depth the depth of this branch: how many levels its children have in common
   */
  final @Nullable Entry<V> literal(int depth, RoutingKey key, int level) {
    Object present = children;
    if (present == null) {
      return null;
    }
    if (present instanceof EntryTable<?>) {
      return Branch.<V>table(present).find(depth, key, level);
    }
    Entry<V> only = entry(present);
    return only.key.sameLevel(depth, key, level) ? only : null;
  }

  final boolean hasLiterals() {
    return children != null;
  }

  /** Adds a child whose level {@code depth} no other child has. */
  final void addLiteral(int depth, Entry<V> child) {
    Object present = children;
    if (present == null) {
      children = child;
    } else if (present instanceof EntryTable<?>) {
      children = Branch.<V>table(present).with(child.key.levelHash(depth), child);
    } else {
      Entry<V> first = entry(present);
      children =
          new EntryTable<V>(2)
              .with(first.key.levelHash(depth), first)
              .with(child.key.levelHash(depth), child);
    }
  }

  /** Puts one child in the place of another of the same level. */
  final void replaceLiteral(int depth, Entry<V> child, Entry<V> other) {
    Object present = children;
    if (present instanceof EntryTable<?>) {
      Branch.<V>table(present).replace(child.key.levelHash(depth), child, other);
    } else {
      children = other;
    }
  }

  /** Removes a child. */
  final void removeLiteral(int depth, Entry<V> child) {
    Object present = children;
    if (present instanceof EntryTable<?>) {
      EntryTable<V> left = Branch.<V>table(present).without(child.key.levelHash(depth), child);
      children = left.size() == 1 ? left.any() : left;
    } else {
      children = null;
    }
  }

  /** Returns one step of a walk over all literal children, at most {@link #literalSlots}. */
  static <V> @Nullable Entry<V> literalAt(Object children, int slot) {
    return children instanceof EntryTable<?>
        ? Branch.<V>table(children).entry(slot)
        : Branch.<V>entry(children);
  }

  /** Returns the literal children for {@link #literalAt}, or null if there are none. */
  final @Nullable Object literals() {
    return children;
  }

  /** Returns how many slots {@link #literalAt} knows. */
  static int literalSlots(Object children) {
    return children instanceof EntryTable<?> table ? table.length() : 1;
  }

  @SuppressWarnings("unchecked") // a branch has only tables of its own kind
  private static <V> EntryTable<V> table(Object present) {
    return (EntryTable<V>) present;
  }

  @SuppressWarnings("unchecked") // what is not a table is a child
  private static <V> Entry<V> entry(Object present) {
    return (Entry<V>) present;
  }
}
