package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.QueueOptions;
import io.carrick.spi.QueueDeclaration;

/**
 * Which priorities a queue tells apart: from 0, which messages have that say nothing, to the
 * highest. The store has a queue of its own for each. Immutable.
 *
 * @param highest 0 if it tells none apart
 * @param above which priority of a message is the first that counts as 1; each above it counts as
 *     one more, up to the highest
 * @param inARow how many may come before one of priority 0 that waits, {@link #ALL} if it waits
 *     until there are none
 */
public record Priorities(int highest, int above, int inARow) {

  /** Whatever has a higher priority comes first. */
  private static final int ALL = 0;

  /** A queue that tells none apart: all have 0. */
  private static final Priorities NONE = new Priorities(0, 0, ALL);

  /** As in RabbitMQ 4: what is above 4 is high, and of three the third is not. */
  private static final Priorities OF_QUORUM = new Priorities(1, 4, 2);

  /** Returns those of a queue. */
  static Priorities of(QueueDeclaration declaration) {
    if (declaration.session() != null) {
      return NONE; // What it is declared as may change, and this must not.
    } else if (QueueSettings.isQuorum(declaration.arguments())) {
      return OF_QUORUM;
    }
    Object highest = declaration.arguments().getOrDefault(QueueOptions.MAX_PRIORITY, 0);
    return highest instanceof Number n && n.intValue() > 0
        ? new Priorities(n.intValue(), 0, ALL)
        : NONE;
  }

  /**
   * Returns how many ids of the store follow that of a queue, for the messages with priorities: 0
   * without priorities.
   */
  public static int furtherIds(QueueDeclaration declaration) {
    return of(declaration).highest;
  }

  /** Returns the priority of a message. */
  int of(Message message) {
    int asked = message.properties().priority().orElse(0) - above;
    return Math.max(0, Math.min(asked, highest));
  }
}
