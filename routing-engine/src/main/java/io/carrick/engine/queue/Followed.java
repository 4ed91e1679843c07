package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.engine.delivery.Follower;
import io.carrick.engine.delivery.Follower.Handover;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;

/**
 * Tells who follows a message what its queue does with it; of others it says nothing, and costs
 * nothing. Stateless; called in the queue's loop.
 */
public final class Followed {

  private Followed() {}

  private static boolean is(Queue at, Message message) {
    return message.isFollowed() && at.owner().isSeen();
  }

  private static Follower of(Queue at) {
    return at.home().follower();
  }

  static void taken(Queue at, Message message) {
    if (is(at, message)) {
      of(at).taken(message, at.owner().virtualHost(), at.name());
    }
  }

  /** A message goes to a consumer. */
  public static void delivered(
      Queue at, Message message, Outlet to, long deliveryId, boolean again) {
    if (is(at, message)) {
      boolean settled = deliveryId == DeliverySink.NO_ID;
      var handover = new Handover(to.connectionId(), to.channel(), again, settled);
      of(at).delivered(message, at.owner().virtualHost(), at.name(), handover);
    }
  }

  /** A consumer has settled a delivery. */
  public static void settled(Queue at, Message message, Settlement how) {
    if (is(at, message)) {
      of(at).settled(message, at.owner().virtualHost(), at.name(), how);
    }
  }

  /** A message has left that nobody took, and goes nowhere. */
  public static void dropped(Queue at, Message message, Count why) {
    dropped(at, message, why, false);
  }

  static void dropped(Queue at, Message message, Count why, boolean deadLetter) {
    if (is(at, message)) {
      of(at).dropped(message, at.owner().virtualHost(), at.name(), why, deadLetter);
    } else if (message.isFollowed()) {
      of(at).notReleased(message, at.owner().virtualHost(), why);
    }
  }
}
