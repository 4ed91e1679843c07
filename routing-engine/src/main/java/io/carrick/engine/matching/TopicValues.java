package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The last value of each topic, to be looked up by filter (MAP-32). Thread-safe: changes are
 * guarded by this object's lock, look-ups take none.
 *
 * @param <V> what is kept of a topic
 */
public final class TopicValues<V> {

  private final ValueBranch<V> root = new ValueBranch<>(RoutingKey.EMPTY, 0);
  private volatile int size;

  /** Keeps a value as the last of its topic, and returns the one before. */
  public synchronized Optional<V> put(RoutingKey topic, V value) {
    V before = entryOf(topic).set(value);
    if (before == null) {
      size = size + 1;
    }
    return Optional.ofNullable(before);
  }

  /** Returns the entry of a topic, which it makes if there is none. */
  private Entry<V> entryOf(RoutingKey topic) {
    ValueBranch<V> branch = root;
    for (int depth = 0; depth < topic.levels(); depth++) {
      Node<V> child = branch.child(depth, topic);
      if (child instanceof ValueBranch<V> below) {
        branch = below;
      } else if (child instanceof Entry<V> leaf) {
        if (leaf.key.equals(topic)) {
          return leaf;
        }
        ValueBranch<V> split = split(leaf, depth + 1);
        branch.replaceLiteral(leaf, split);
        branch = split;
      } else {
        Entry<V> leaf = new Entry<>(topic, ValueBranch.leafBelow(depth));
        branch.addLiteral(leaf);
        return leaf;
      }
    }
    Entry<V> end = branch.end();
    if (end == null) {
      end = new Entry<>(topic, topic.levels());
      branch.setEnd(end);
    }
    return end;
  }

  /** Makes the branch that takes the place of a leaf at {@code depth}, the leaf below it. */
  private static <V> ValueBranch<V> split(Entry<V> leaf, int depth) {
    ValueBranch<V> branch = new ValueBranch<>(leaf.key, depth);
    if (leaf.key.levels() == depth) {
      branch.setEnd(leaf);
    } else {
      branch.addLiteral(new Entry<>(leaf, ValueBranch.leafBelow(depth)));
    }
    return branch;
  }

  /** Forgets the value of a topic and returns it. */
  public synchronized Optional<V> remove(RoutingKey topic) {
    V removed = remove(root, 0, topic);
    if (removed != null) {
      size = size - 1;
    }
    return Optional.ofNullable(removed);
  }

  private static <V> @Nullable V remove(ValueBranch<V> branch, int depth, RoutingKey topic) {
    if (depth == topic.levels()) {
      Entry<V> end = branch.end();
      branch.setEnd(null);
      return end == null ? null : end.get();
    }
    Node<V> child = branch.child(depth, topic);
    if (child instanceof ValueBranch<V> below) {
      V removed = remove(below, depth + 1, topic);
      if (below.isEmpty()) {
        branch.removeLiteral(below);
      }
      return removed;
    }
    if (child instanceof Entry<V> leaf && leaf.key.equals(topic)) {
      branch.removeLiteral(leaf);
      return leaf.get();
    }
    return null;
  }

  /** Returns the value of one topic. */
  public Optional<V> get(RoutingKey topic) {
    ValueBranch<V> branch = root;
    for (int depth = 0; depth < topic.levels(); depth++) {
      Node<V> child = branch.child(depth, topic);
      if (child instanceof ValueBranch<V> below) {
        branch = below;
      } else {
        return child instanceof Entry<V> leaf && leaf.key.equals(topic)
            ? Optional.ofNullable(leaf.get())
            : Optional.empty();
      }
    }
    Entry<V> end = branch.end();
    return end == null ? Optional.empty() : Optional.ofNullable(end.get());
  }

  /**
   * Starts a look-up.
   *
   * @param filter levels and wildcards are read by its origin; one of MQTT's that starts with a
   *     wildcard does not see what starts with {@code $} (MAP-7)
   * @return a cursor which sees later changes or not; each topic once
   */
  public ValueCursor<V> find(RoutingKey filter) {
    return new ValueCursor<>(root, filter);
  }

  /** Returns how many topics have a value. */
  public int size() {
    return size;
  }

  /** Returns whether not even a branch is left; for the writer. */
  boolean isEmpty() {
    return root.isEmpty();
  }
}
