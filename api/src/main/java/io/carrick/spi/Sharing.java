package io.carrick.spi;

import io.carrick.Guarantee;
import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/**
 * The admission of a queue that several sessions share: each message goes to one of the {@linkplain
 * Attachment#join members} that are connected, the one that has least to settle. One object of this
 * makes a queue such a queue.
 *
 * <p>Everybody who may read it may consume it beside the members; nobody binds or deletes it.
 */
public interface Sharing extends Admission {

  /**
   * Decides how a message goes to one member. Runs in the queue's loop for each delivery, also for
   * one that is repeated. Depends on nothing but its arguments, is fast, never blocks and should
   * return shared values.
   *
   * @param attachment what the member has {@linkplain JoinRequest#attachment() joined} with
   */
  Share share(Message message, @Nullable Object attachment);

  @Override
  default boolean admits(String session, String clientId) {
    return true;
  }

  /**
   * How a message goes to a member. Immutable, to be shared.
   *
   * @param guarantee at most once: it is settled by being handed over, and has no id; at least
   *     once: it goes to another member when this one goes without settling it; exactly once: it
   *     waits for this one, and goes with its session
   * @param tag opaque: comes with the delivery
   */
  record Share(Guarantee guarantee, @Nullable Object tag) {}
}
