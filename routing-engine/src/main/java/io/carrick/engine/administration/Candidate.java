package io.carrick.engine.administration;

import io.carrick.engine.delivery.LoopContext;

/**
 * Something that a list may show. Immutable.
 *
 * @param virtualHost where it is; empty in a list that is not by virtual hosts
 * @param key its place in the list
 * @param name what a selection chooses by
 * @param home the loop in which it can be looked at
 * @param thing what it is
 */
record Candidate<C>(String virtualHost, String key, String name, LoopContext home, C thing) {

  /** Returns its place in the list. */
  Position position(int offset) {
    return new Position(virtualHost, key, offset);
  }
}
