package io.carrick.engine.definitions;

import io.carrick.Message;
import java.util.List;

/**
 * A receipt that is not answered yet, as the store has it. Immutable.
 *
 * @param virtualHost where
 * @param count how many acknowledgements are enough, 0 for all
 * @param openedMs when the message was published, wall time
 * @param timeoutMs how long it waits from routing on
 * @param deadlineMs when the time is over, wall time
 * @param waits whether the message waited in an exchange when this was stored
 * @param queues that the message was routed to by then
 * @param answer where the answer goes, without what it says
 */
public record StoredReceipt(
    String virtualHost,
    int count,
    long openedMs,
    long timeoutMs,
    long deadlineMs,
    boolean waits,
    List<String> queues,
    Message answer) {

  /** Copies the list. */
  public StoredReceipt {
    queues = List.copyOf(queues);
  }
}
