package io.carrick.engine.topology;

/**
 * A stretch of time in which messages are due that wait together: the longer the farther away, so
 * that there are few of them however long messages wait. Immutable.
 *
 * @param fromMs its start, wall time in milliseconds, a multiple of its length
 * @param bits its length is two to that power, in milliseconds
 */
public record Stretch(long fromMs, int bits) {

  /** About a second. */
  private static final int SHORTEST_BITS = 10;

  private static final long SHORTEST_MS = 1L << SHORTEST_BITS;

  /** A stretch is at most this part of the time until then. */
  private static final int PART = 4;

  /** How early its messages are looked at, as a part of its length. */
  private static final int LEAD_PART = 8;

  /**
   * Returns the stretch for a message.
   *
   * @param dueMs when it is due
   * @param nowMs what is due earlier is due now
   */
  static Stretch of(long dueMs, long nowMs) {
    long due = Math.max(dueMs, nowMs);
    long longest = Math.max(SHORTEST_MS, (due - nowMs) / PART);
    int bits = Long.SIZE - 1 - Long.numberOfLeadingZeros(longest);
    return new Stretch(due >> bits << bits, bits);
  }

  /** Returns the stretch of a {@link #key()}. */
  static Stretch ofKey(long key) {
    int bits = (int) (key & (SHORTEST_MS - 1));
    return new Stretch(key - bits, bits);
  }

  /** Returns a number that no other stretch has. */
  long key() {
    return fromMs | bits;
  }

  /** Returns when it is over, wall time in milliseconds. */
  public long endMs() {
    return fromMs + (1L << bits);
  }

  /** Returns when its messages are to be looked at, wall time in milliseconds. */
  public long opensMs() {
    return fromMs - Math.max(SHORTEST_MS, (1L << bits) / LEAD_PART);
  }

  /** Returns whether a message may wait in memory until it is due. */
  public boolean isNear(long dueMs, long nowMs) {
    return bits == SHORTEST_BITS || dueMs - nowMs <= SHORTEST_MS;
  }
}
