package io.carrick.engine.delivery;

import io.carrick.Message;
import io.carrick.Refusal;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.Settlement;

/**
 * Two who follow messages, of whom either may be two again. Immutable.
 *
 * @param first hears of everything first
 * @param second hears of it behind that
 */
record Followers(Follower first, Follower second) implements Follower {

  @Override
  public void routed(Message message, Route route) {
    first.routed(message, route);
    second.routed(message, route);
  }

  @Override
  public void refused(Message message, String virtualHost, Refusal why) {
    first.refused(message, virtualHost, why);
    second.refused(message, virtualHost, why);
  }

  @Override
  public void notAdmitted(Message message, String virtualHost, String queue) {
    first.notAdmitted(message, virtualHost, queue);
    second.notAdmitted(message, virtualHost, queue);
  }

  @Override
  public void kept(Message message, String virtualHost, LastValue what) {
    first.kept(message, virtualHost, what);
    second.kept(message, virtualHost, what);
  }

  @Override
  public void delayed(Message message, String virtualHost, String exchange) {
    first.delayed(message, virtualHost, exchange);
    second.delayed(message, virtualHost, exchange);
  }

  @Override
  public void released(Message message, String virtualHost, String exchange) {
    first.released(message, virtualHost, exchange);
    second.released(message, virtualHost, exchange);
  }

  @Override
  public void notReleased(Message message, String virtualHost, Count why) {
    first.notReleased(message, virtualHost, why);
    second.notReleased(message, virtualHost, why);
  }

  @Override
  public void deadLettered(Message letter, String virtualHost) {
    first.deadLettered(letter, virtualHost);
    second.deadLettered(letter, virtualHost);
  }

  @Override
  public void taken(Message message, String virtualHost, String queue) {
    first.taken(message, virtualHost, queue);
    second.taken(message, virtualHost, queue);
  }

  @Override
  public void delivered(Message message, String virtualHost, String queue, Handover to) {
    first.delivered(message, virtualHost, queue, to);
    second.delivered(message, virtualHost, queue, to);
  }

  @Override
  public void settled(Message message, String virtualHost, String queue, Settlement how) {
    first.settled(message, virtualHost, queue, how);
    second.settled(message, virtualHost, queue, how);
  }

  @Override
  public void dropped(
      Message message, String virtualHost, String queue, Count why, boolean deadLetter) {
    first.dropped(message, virtualHost, queue, why, deadLetter);
    second.dropped(message, virtualHost, queue, why, deadLetter);
  }
}
