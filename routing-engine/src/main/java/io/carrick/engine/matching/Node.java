package io.carrick.engine.matching;

import io.carrick.RoutingKey;

/** A leaf or a branch of a trie. */
abstract sealed class Node<V> permits Entry, Branch {

  /** The depth of a leaf that no level leads to: its whole key does. */
  static final int WHOLE = -1;

  /** A leaf's own pattern; for a branch, one of those below it, which names the levels up to it. */
  final RoutingKey key;

  /**
   * The hash of the level that leads here, or of the whole key. A reader goes down by hashes alone
   * and compares the whole pattern where it finds values: the texts on the way are memory it need
   * not wait for.
   */
  final int hash;

  /**
   * Makes the node.
   *
   * @param depth how many levels lead here; 0 for a root, or {@link #WHOLE}
   */
  Node(RoutingKey key, int depth) {
    this.key = key;
    this.hash = depth == WHOLE ? key.hashCode() : depth == 0 ? 0 : key.levelHash(depth - 1);
  }
}
