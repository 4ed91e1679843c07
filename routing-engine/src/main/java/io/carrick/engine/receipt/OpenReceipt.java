package io.carrick.engine.receipt;

import io.carrick.Message;
import io.carrick.ReceiptReport;
import io.carrick.ReceiptReport.Result;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Completion;
import io.carrick.spi.Loop.Timer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A receipt that is not answered yet. Confined to its home loop, but for what is final and for
 * whose copies are still open: each queue's loop strikes out its own.
 */
public final class OpenReceipt {

  private static final int OBJECT_BYTES = 400;

  final long id;
  final VirtualHost host;
  final LoopContext home;
  final Terms terms;
  final Tally tally;

  /** Written by routing and by the queues' loops, each for its own queue. */
  private final Set<String> unsettled = ConcurrentHashMap.newKeySet(4);

  /** Who has a copy and has not settled it, by queue; written by the queues' loops. */
  private final Map<String, String> holders = new ConcurrentHashMap<>(4);

  /** When its time is over, wall time. */
  long deadlineMs;

  @Nullable Timer timer;

  /** Its message is on its way to its queues: what becomes of it meanwhile is only counted. */
  boolean publishing;

  /** The store did not take its message. */
  boolean refused;

  /** What it is to be answered with; null as long as that is not clear. */
  @Nullable Result result;

  /** What it has noted in its loop's account of memory. */
  long heldBytes;

  /**
   * What was agreed when it was opened. Immutable.
   *
   * @param count how many acknowledgements are enough, 0 for all
   * @param timeoutMs how long it waits from routing on
   * @param openedMs when the message was published, wall time
   * @param answer where the answer goes, without what it says
   * @param program who gets the answer in its stead; null for nobody
   * @param stored whether the store has it
   */
  record Terms(
      int count,
      long timeoutMs,
      long openedMs,
      Message answer,
      @Nullable Completion<ReceiptReport> program,
      boolean stored) {}

  OpenReceipt(long id, VirtualHost host, LoopContext home, Terms terms, Tally tally) {
    this.id = id;
    this.host = host;
    this.home = home;
    this.terms = terms;
    this.tally = tally;
  }

  /** Returns a message with a note that this receipt counts for it. */
  public Message of(Message message) {
    return message.annotated(message.annotations().withReceiptId(id));
  }

  /** A copy goes to a queue. Called in the loop of the routing, before the queue has it. */
  void opens(String queue) {
    unsettled.add(queue);
  }

  /** Returns whether nothing has become of a queue's copy, and notes that something has. */
  boolean strikeOut(String queue) {
    return unsettled.remove(queue);
  }

  /** A connection has got a queue's copy. Called in the queue's loop. */
  void heldBy(String queue, String connectionId) {
    if (unsettled.contains(queue)) {
      holders.put(queue, connectionId);
    }
  }

  /** Returns who has a queue's copy, and forgets it; null if nobody. Called in the queue's loop. */
  @Nullable String takeHolder(String queue) {
    return holders.remove(queue);
  }

  long bytes() {
    return OBJECT_BYTES + terms.answer.memoryBytes() + 160L * tally.counts().targets();
  }
}
