package io.carrick.engine.administration;

import io.carrick.PreconditionFailedException;

/**
 * Where a page begins. Immutable.
 *
 * @param virtualHost which virtual host is looked at; empty if the list is not by virtual hosts
 * @param key which thing in it
 * @param offset how much of that thing was shown, or {@link #BEHIND}
 */
record Position(String virtualHost, String key, int offset) {

  /** The thing was shown to its end. */
  static final int BEHIND = -1;

  static final Position START = new Position("", "", 0);

  /** Returns it as the next page is asked for. */
  String text() {
    return offset + ":" + virtualHost.length() + ":" + virtualHost + key;
  }

  /**
   * Reads what {@link #text} has written.
   *
   * @throws PreconditionFailedException if it has not
   */
  static Position of(String text) {
    int first = text.indexOf(':');
    int second = text.indexOf(':', first + 1);
    try {
      int offset = Integer.parseInt(text.substring(0, first));
      int host = second + 1 + Integer.parseInt(text.substring(first + 1, second));
      return new Position(text.substring(second + 1, host), text.substring(host), offset);
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw notOne();
    }
  }

  /** Says that no page has ended there. */
  static PreconditionFailedException notOne() {
    return new PreconditionFailedException("no page begins there");
  }

  /** Returns whether a list by keys goes on with the thing itself. */
  boolean inclusive() {
    return offset != BEHIND;
  }
}
