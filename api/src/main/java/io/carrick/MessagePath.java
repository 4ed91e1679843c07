package io.carrick;

import java.util.List;

/**
 * The way of one message through the broker as a {@link Trace} has seen it so far. Immutable.
 *
 * @param number in its trace, from 1
 * @param virtualHost where it arrived
 * @param events what happened, in this order; the first is that it arrived
 * @param leftOut how many events there were beyond those, for which there was no room
 */
public record MessagePath(long number, String virtualHost, List<TraceEvent> events, long leftOut) {

  /** Copies the list. */
  public MessagePath {
    events = List.copyOf(events);
  }

  /**
   * Returns the way as a tree to be read: the first line is the arrival, below is each exchange
   * that it came through with the bindings that matched, and where they lead to with what happened
   * there.
   */
  public String tree() {
    return PathTree.of(this);
  }

  /** Returns {@link #tree()}. */
  @Override
  public String toString() {
    return tree();
  }
}
