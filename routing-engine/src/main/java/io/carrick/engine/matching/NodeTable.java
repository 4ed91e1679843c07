package io.carrick.engine.matching;

import io.carrick.RoutingKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The children of a branch by the hash of their level, open addressing. Written by one thread at a
 * time under its owner's lock, read by any without one: a node is published in its slot; a removed
 * one leaves a mark, since shifting its neighbours would hide them from a reader under way; when
 * half of the table is used, or a quarter of it marks, the change returns another table, which the
 * owner publishes in the place of this one.
 */
final class NodeTable<V> {

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Node[].class);

  private static final Node<?> GONE = new Entry<>(RoutingKey.EMPTY, 0);

  /**
   * At most half of them are used: a look meets hardly any node but the one it is for, whose own
   * memory it needs anyway, and hashes beside the slots would be memory more to wait for.
   */
  private final @Nullable Node<V>[] slots;

  /** Whether two nodes may have one hash; written before the second one's slot. */
  private boolean collides;

  // Only the writer reads these.
  private int used;
  private int live;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  NodeTable(int expected) {
    int length = 4;
    while (length < 2 * expected) {
      length <<= 1;
    }
    slots = new Node[length];
  }

  /** Returns the first slot of a hash, or -1 if there is none. */
  int slotOf(int hash) {
    return slotFrom(hash & (slots.length - 1), hash);
  }

  /** Returns the next slot of the same hash after {@code slot}, or -1 if there is none. */
  int slotAfter(int hash, int slot) {
    return collides ? slotFrom((slot + 1) & (slots.length - 1), hash) : -1;
  }

  private int slotFrom(int slot, int hash) {
    int mask = slots.length - 1;
    for (int i = slot; ; i = (i + 1) & mask) {
      Node<V> node = at(i);
      if (node == null) {
        return -1;
      }
      if (node.hash == hash && node != GONE) {
        return i;
      }
    }
  }

  /** Returns the node whose level {@code depth} is {@code key}'s, or null if there is none. */
  @Nullable Node<V> find(int depth, RoutingKey key) {
    int hash = key.levelHash(depth);
    for (int slot = slotOf(hash); slot >= 0; slot = slotAfter(hash, slot)) {
      Node<V> node = node(slot);
      if (node != null && node.key.sameLevel(depth, key, depth)) {
        return node;
      }
    }
    return null;
  }

  /** Returns how many slots {@link #node} knows. */
  int length() {
    return slots.length;
  }

  /** Returns what a slot holds, null if it was never used. */
  @SuppressWarnings("unchecked") // only put() fills slots
  private @Nullable Node<V> at(int slot) {
    return (Node<V>) SLOT.getAcquire(slots, slot);
  }

  /** Returns the node in a slot, null if there is none. */
  @Nullable Node<V> node(int slot) {
    Node<V> node = at(slot);
    return node == GONE ? null : node;
  }

  /** Returns the node of a table that has only one left, otherwise null; for the writer. */
  @Nullable Node<V> only() {
    for (int i = 0; live == 1 && i < slots.length; i++) {
      Node<V> node = node(i);
      if (node != null) {
        return node;
      }
    }
    return null;
  }

  /** Adds a node that is not there yet, and returns the table that has it. */
  NodeTable<V> with(Node<V> node) {
    NodeTable<V> table = used + 1 > slots.length >> 1 ? copy(live + 1) : this;
    table.put(node);
    return table;
  }

  /** Removes a node and returns the table that is left. */
  NodeTable<V> without(Node<V> node) {
    SLOT.setRelease(slots, slotHolding(node), GONE);
    live--;
    return (used - live) * 4 > slots.length ? copy(live) : this;
  }

  /** Puts one node in the place of another of the same level. */
  void replace(Node<V> node, Node<V> other) {
    SLOT.setRelease(slots, slotHolding(node), other);
  }

  private int slotHolding(Node<V> node) {
    int mask = slots.length - 1;
    for (int i = node.hash & mask; slots[i] != null; i = (i + 1) & mask) {
      if (slots[i] == node) {
        return i;
      }
    }
    throw new IllegalStateException("the node is not in its table");
  }

  private void put(Node<V> node) {
    int mask = slots.length - 1;
    int i = node.hash & mask;
    for (Node<V> other = slots[i]; other != null; other = slots[i]) {
      collides |= other.hash == node.hash;
      i = (i + 1) & mask;
    }
    SLOT.setRelease(slots, i, node);
    used++;
    live++;
  }

  private NodeTable<V> copy(int expected) {
    NodeTable<V> fresh = new NodeTable<>(expected);
    for (int i = 0; i < slots.length; i++) {
      Node<V> node = node(i);
      if (node != null) {
        fresh.put(node);
      }
    }
    return fresh;
  }
}
