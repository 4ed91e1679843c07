package io.carrick.engine.definitions;

import io.carrick.Message;

/**
 * A message to be published later as the store has it. Immutable.
 *
 * @param virtualHost where
 * @param name names it there
 * @param when what {@code timeMs} means
 * @param timeMs in milliseconds
 * @param message what is to be published
 */
public record StoredSchedule(
    String virtualHost, String name, When when, long timeMs, Message message) {

  /** When it is due. */
  public enum When {
    /** At that wall time, since 1970. */
    AT,
    /** That long after the next start of the broker. */
    AFTER_START
  }
}
