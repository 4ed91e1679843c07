package io.carrick.spi;

import io.carrick.Alarm;
import io.carrick.ConnectionInfo;
import io.carrick.Message;
import io.carrick.Refusal;

/**
 * Watches and cannot change anything. Called in loops: fast, never blocks; what it throws is logged
 * and dropped.
 */
public interface BrokerListener {

  /** A client has attached. */
  default void onConnected(ConnectionInfo connection) {}

  /** A client has gone. */
  default void onDisconnected(ConnectionInfo connection) {}

  /**
   * A message was routed.
   *
   * @param queues how many queues matched
   */
  default void onPublished(Message message, int queues) {}

  /**
   * A message was not taken after it had been routed: the store has failed or is full, or a queue
   * is full and refuses, in whose loop this is called; other queues may have taken it.
   */
  default void onRefused(Message message, Refusal reason) {}

  /** A message was handed to a consumer of a queue. */
  default void onDelivered(Message message, String queue) {}

  /** A delivery was settled. */
  default void onSettled(Message message, String queue, Settlement settlement) {}

  /** From now on publishers have to wait. */
  default void onAlarm(Alarm alarm) {}

  /** An alarm is over: publishers go on. */
  default void onAlarmOver(Alarm alarm) {}

  /**
   * The broker cannot go on and closes itself: memory has run out in a place where that cannot be
   * made good. Called once, in whatever thread met it, with little memory left: do little. No port
   * of the broker answers any more, soon after.
   *
   * @param cause what was thrown
   */
  default void onFailed(Throwable cause) {}
}
