package io.carrick.engine.definitions;

/**
 * How long a session's queue outlives its last consumer, as the store has it under the queue's id.
 * Immutable.
 *
 * @param afterMs in milliseconds
 * @param sinceMs since when it has no consumer, as wall time; {@link #ATTENDED} if it has one
 */
public record StoredLife(long afterMs, long sinceMs) {

  /** It has a consumer. */
  public static final long ATTENDED = -1;
}
