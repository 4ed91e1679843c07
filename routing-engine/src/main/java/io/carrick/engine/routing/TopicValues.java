package io.carrick.engine.routing;

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

  private final Branch<V> root = new Branch<>(RoutingKey.EMPTY);
  private volatile int size;

  /** Keeps a value as the last of its topic, and returns the one before. */
  public synchronized Optional<V> put(RoutingKey topic, V value) {
    Entry<V> entry = entryOf(topic);
    V before = entry.get();
    entry.set(value);
    if (before == null) {
      size = size + 1;
    }
    return Optional.ofNullable(before);
  }

  /** Returns the entry of a topic, which it makes if there is none. */
  private Entry<V> entryOf(RoutingKey topic) {
    Branch<V> branch = root;
    for (int depth = 0; depth < topic.levels(); depth++) {
      Entry<V> child = branch.literal(depth, topic, depth);
      if (child == null) {
        Entry<V> leaf = new Entry<>(topic);
        branch.addLiteral(depth, leaf);
        return leaf;
      }
      if (child instanceof Branch<V> below) {
        branch = below;
      } else if (child.key.equals(topic)) {
        return child;
      } else {
        Branch<V> split = split(child, depth + 1);
        branch.replaceLiteral(depth, child, split);
        branch = split;
      }
    }
    return branch;
  }

  /** Makes the branch that takes the place of a leaf which has {@code depth} levels in common. */
  private static <V> Branch<V> split(Entry<V> leaf, int depth) {
    if (leaf.key.levels() == depth) {
      return new Branch<>(leaf.key, leaf.values());
    }
    Branch<V> branch = new Branch<>(leaf.key);
    branch.addLiteral(depth, leaf);
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

  private static <V> @Nullable V remove(Branch<V> branch, int depth, RoutingKey topic) {
    if (depth == topic.levels()) {
      V removed = branch.get();
      branch.set(null);
      return removed;
    }
    Entry<V> child = branch.literal(depth, topic, depth);
    if (child == null) {
      return null;
    }
    if (child instanceof Branch<V> below) {
      V removed = remove(below, depth + 1, topic);
      if (!below.hasLiterals() && !below.hasValues()) {
        branch.removeLiteral(depth, below);
      }
      return removed;
    }
    if (!child.key.equals(topic)) {
      return null;
    }
    branch.removeLiteral(depth, child);
    return child.get();
  }

  /** Returns the value of one topic. */
  public Optional<V> get(RoutingKey topic) {
    Branch<V> branch = root;
    for (int depth = 0; depth < topic.levels(); depth++) {
      Entry<V> child = branch.literal(depth, topic, depth);
      if (child == null) {
        return Optional.empty();
      }
      if (!(child instanceof Branch<V> below)) {
        return child.key.equals(topic) ? Optional.ofNullable(child.get()) : Optional.empty();
      }
      branch = below;
    }
    return Optional.ofNullable(branch.get());
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
    return !root.hasLiterals() && !root.hasValues();
  }
}
