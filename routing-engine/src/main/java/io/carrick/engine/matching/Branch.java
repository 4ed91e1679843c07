package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import org.jspecify.annotations.Nullable;

/**
 * A node of a trie with children by literal level. Written by one thread at a time under its
 * owner's lock, read by any without one.
 */
abstract sealed class Branch<V> extends Node<V> permits PatternBranch, ValueBranch {

  /** Null, one {@link Node}, or a {@link NodeTable} of more. */
  private volatile @Nullable Object children;

  /** The pattern that ends here. */
  private volatile @Nullable Entry<V> end;

  Branch(RoutingKey key, int depth) {
    super(key.located(), depth);
  }

  /** Returns the entry of the pattern that ends here, or null. */
  final @Nullable Entry<V> end() {
    return end;
  }

  final void setEnd(@Nullable Entry<V> entry) {
    end = entry;
  }

  /**
   * Returns the child whose level {@code depth} is {@code key}'s, or null.
   *
   * @param depth the depth of this branch: how many levels its children have in common
   */
  final @Nullable Node<V> literal(int depth, RoutingKey key) {
    Object present = children;
    if (present == null) {
      return null;
    }
    if (present instanceof NodeTable<?>) {
      return Branch.<V>table(present).find(depth, key);
    }
    Node<V> only = node(present);
    return only.hash == key.levelHash(depth) && only.key.sameLevel(depth, key, depth) ? only : null;
  }

  /** Returns the child that {@code key} as a {@linkplain Node#WHOLE whole} leads to, or null. */
  final @Nullable Node<V> whole(RoutingKey key) {
    Object present = children;
    if (present == null) {
      return null;
    }
    int hash = key.hashCode();
    for (int at = slotOf(present, hash); at >= 0; at = slotAfter(present, hash, at)) {
      Node<V> node = literalAt(present, at);
      if (node != null && node.key.equals(key)) {
        return node;
      }
    }
    return null;
  }

  /** Returns the children by literal level for {@link #literalAt}, or null if there are none. */
  final @Nullable Object literals() {
    return children;
  }

  /** Returns the slot of a child whose level has that hash, or -1. */
  static int slotOf(Object children, int hash) {
    if (children instanceof NodeTable<?> table) {
      return table.slotOf(hash);
    }
    return children instanceof Node<?> only && only.hash == hash ? 0 : -1;
  }

  /** Returns the next slot of the same hash, or -1; there hardly ever is one. */
  static int slotAfter(Object children, int hash, int slot) {
    return children instanceof NodeTable<?> table ? table.slotAfter(hash, slot) : -1;
  }

  /** Returns how many slots {@link #literalAt} knows. */
  static int literalSlots(Object children) {
    return children instanceof NodeTable<?> table ? table.length() : 1;
  }

  /** Returns the child in a slot, or null if there is none, or no more. */
  static <V> @Nullable Node<V> literalAt(Object children, int slot) {
    return children instanceof NodeTable<?>
        ? Branch.<V>table(children).node(slot)
        : Branch.<V>node(children);
  }

  /** Adds a child whose level no other child has. */
  final void addLiteral(Node<V> child) {
    Object present = children;
    if (present == null) {
      children = child;
    } else if (present instanceof NodeTable<?>) {
      children = Branch.<V>table(present).with(child);
    } else {
      children = new NodeTable<V>(2).with(node(present)).with(child);
    }
  }

  /** Puts one child in the place of another of the same level. */
  final void replaceLiteral(Node<V> child, Node<V> other) {
    Object present = children;
    if (present instanceof NodeTable<?>) {
      Branch.<V>table(present).replace(child, other);
    } else {
      children = other;
    }
  }

  /** Removes a child. */
  final void removeLiteral(Node<V> child) {
    Object present = children;
    if (present instanceof NodeTable<?>) {
      NodeTable<V> left = Branch.<V>table(present).without(child);
      Node<V> only = left.only();
      children = only != null ? only : left;
    } else {
      children = null;
    }
  }

  @SuppressWarnings("unchecked") // a branch has only tables of its own kind
  private static <V> NodeTable<V> table(Object present) {
    return (NodeTable<V>) present;
  }

  @SuppressWarnings("unchecked") // what is not a table is a child
  private static <V> Node<V> node(Object present) {
    return (Node<V>) present;
  }
}
