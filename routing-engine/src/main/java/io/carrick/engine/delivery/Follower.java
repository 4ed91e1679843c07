package io.carrick.engine.delivery;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.Refusal;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.Settlement;
import java.util.List;

/**
 * Who is told what becomes of messages that {@linkplain Message#isFollowed() are followed}, and of
 * no others. Called in the loop where it happens, while it happens: must not block, and must be
 * safe for all loops. What one loop tells another comes in order: nobody hears of a delivery before
 * the routing.
 */
public interface Follower {

  /** Follows nothing. */
  Follower NOBODY = new Follower() {};

  /** Returns who tells both this and another what it hears; of nobody and another that other. */
  default Follower and(Follower another) {
    return this == NOBODY ? another : new Followers(this, another);
  }

  /**
   * Where a message goes. Immutable.
   *
   * @param exchange where it was published to
   * @param bindings those that matched, of all exchanges that it came through, in this order; none
   *     of the default exchange, which has none
   * @param alternates the exchanges that it came to because another led nowhere
   * @param queues those that get it, unless they do not admit or refuse it; empty if it is
   *     unroutable or waits
   * @param waits whether an exchange has it wait, and routes it again later
   */
  record Route(
      String virtualHost,
      String exchange,
      List<Binding> bindings,
      List<Alternate> alternates,
      List<String> queues,
      boolean waits) {

    /** Copies the lists. */
    public Route {
      bindings = List.copyOf(bindings);
      alternates = List.copyOf(alternates);
      queues = List.copyOf(queues);
    }
  }

  /**
   * An alternate exchange that was used. Immutable.
   *
   * @param of the exchange that led nowhere
   * @param to its alternate exchange
   */
  record Alternate(String of, String to) {}

  /**
   * A delivery. Immutable.
   *
   * @param connectionId whose it is
   * @param channel by which of the connection's channels
   * @param again whether it may have been made before
   * @param settled whether it is settled by being made: nobody hears of its settlement
   */
  record Handover(String connectionId, int channel, boolean again, boolean settled) {}

  /** What became of a topic's last value. */
  enum LastValue {
    /** The message is the last value from now on. */
    KEPT,
    /** It has cleared the last value. */
    CLEARED,
    /** It found no room, and the topic has no last value any more. */
    NO_ROOM
  }

  // ---- in the publisher's loop

  /** A message was routed, also as a dead letter or when it has waited; no queue has it yet. */
  default void routed(Message message, Route route) {}

  /** A message that was routed goes nowhere, as it should be stored and cannot be. */
  default void refused(Message message, String virtualHost, Refusal why) {}

  /** A session that was matched has no use for a message. */
  default void notAdmitted(Message message, String virtualHost, String queue) {}

  /** A message was to be the last value of its topic. */
  default void kept(Message message, String virtualHost, LastValue what) {}

  /** A message waits in an exchange before it is routed on; told behind the routing to there. */
  default void delayed(Message message, String virtualHost, String exchange) {}

  /** A message has waited, and is routed now. */
  default void released(Message message, String virtualHost, String exchange) {}

  /**
   * A message is not to wait any more, or found no room for it, and is not routed either.
   *
   * @param why as what it is counted
   */
  default void notReleased(Message message, String virtualHost, Count why) {}

  /**
   * A message that a queue has given up is routed again, now.
   *
   * @param letter with {@link io.carrick.Annotations#lastDeath() what happened} and where it goes
   */
  default void deadLettered(Message letter, String virtualHost) {}

  // ---- in the queue's loop

  /** A message is in a queue, or in a stream. */
  default void taken(Message message, String virtualHost, String queue) {}

  /** A message was handed to a consumer. */
  default void delivered(Message message, String virtualHost, String queue, Handover to) {}

  /** A consumer has settled a delivery; what follows of that is told behind it. */
  default void settled(Message message, String virtualHost, String queue, Settlement how) {}

  /**
   * A queue has a message no more that no consumer took, or never had it.
   *
   * @param why as what it is counted
   * @param deadLetter whether it is published again
   */
  default void dropped(
      Message message, String virtualHost, String queue, Count why, boolean deadLetter) {}
}
