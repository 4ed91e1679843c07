package io.carrick.engine.client;

import io.carrick.Alarm;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.HeldBytes.Kind;

/**
 * What one transaction holds until it is committed, and how much that may be. Confined to the
 * client's loop.
 */
final class TransactionRoom {

  /** A publish that waits, beside its message. */
  private static final int PLACE_BYTES = 32;

  /** A settlement that waits, as its protocol and the engine keep it. */
  static final int SETTLEMENT_BYTES = 128;

  private final Core core;
  private final LoopContext context;
  private final long mostBytes;
  private long bytes;

  TransactionRoom(Core core, LoopContext context) {
    this.core = core;
    this.context = context;
    this.mostBytes = core.limits().value(Limit.TRANSACTION_BYTES);
  }

  /**
   * Takes room for a message.
   *
   * @throws PreconditionFailedException when there is none
   */
  void take(Message message) {
    long more = (long) message.memoryBytes() + PLACE_BYTES;
    assureRoom(more);
    if (context.alarms().active(Alarm.MEMORY) && othersWaitForTransactions()) {
      throw full("the broker is low on memory, and transactions hold most of it");
    }
    hold(more);
  }

  /**
   * Takes room for a settlement, also during an alarm: it is what relieves queues.
   *
   * @throws PreconditionFailedException when there is none
   */
  void takeSettlement() {
    assureRoom(SETTLEMENT_BYTES);
    hold(SETTLEMENT_BYTES);
  }

  private void assureRoom(long more) {
    if (bytes + more > mostBytes) {
      throw full("a transaction holds at most " + mostBytes + " bytes");
    }
  }

  private void hold(long more) {
    bytes += more;
    context.held().add(Kind.TRANSACTIONS, more);
  }

  /**
   * Returns whether waiting for the end of the alarm may be in vain: whoever could commit is not
   * read from, for the memory that transactions hold.
   */
  private boolean othersWaitForTransactions() {
    return core.memory().held(Kind.TRANSACTIONS) > core.memory().watermarkBytes() / 2;
  }

  private PreconditionFailedException full(String why) {
    context.counts().add(Count.TRANSACTION_FULL);
    return new PreconditionFailedException(why);
  }

  /** Nothing is held any more. */
  void giveBack() {
    context.held().add(Kind.TRANSACTIONS, -bytes);
    bytes = 0;
  }
}
