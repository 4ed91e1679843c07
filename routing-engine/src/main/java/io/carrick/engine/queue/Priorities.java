package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.QueueOptions;
import io.carrick.spi.QueueDeclaration;

/**
 * Which priorities a queue tells apart: from 0, which messages have that say nothing, to the
 * highest. The store has a queue of its own for each. Immutable.
 *
 * @param highest at least 1; what is above counts as this
 */
public record Priorities(int highest) {

  /** A queue that tells none apart. */
  private static final int NONE = 0;

  /**
   * Returns how many ids of the store follow that of a queue, for the messages with priorities: 0
   * without priorities.
   */
  public static int furtherIds(QueueDeclaration declaration) {
    // What a session's queue is declared as may change, and this must not.
    return declaration.session() == null
            && declaration.arguments().get(QueueOptions.MAX_PRIORITY) instanceof Number highest
        ? highest.intValue()
        : NONE;
  }

  /** Returns the priority of a message. */
  int of(Message message) {
    return Math.min(message.properties().priority().orElse(0), highest);
  }
}
