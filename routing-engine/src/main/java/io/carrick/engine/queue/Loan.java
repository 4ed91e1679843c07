package io.carrick.engine.queue;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.SharedWindow.Share;
import java.util.ArrayDeque;

/**
 * What a window has lent to one queue, for those of its consumers that draw on it; the queue gives
 * them turns as ever. Confined to the queue's loop, the window is on another perhaps.
 */
final class Loan {

  /** The most that is asked for in one go. */
  private static final int MOST_ASKED = 256;

  private static final int AHEAD = 8;

  private final Queue queue;
  private final SharedWindow window;
  private final Share share = new Share(this);
  private final Runnable handOver = this::handOver;

  /** Consumers that would take a message if there was credit, in order of their turns. */
  private final ArrayDeque<Consumer> lacking = new ArrayDeque<>(1);

  /**
   * With so little left it asks for more: in a queue where it matters which consumer is next, one
   * on another loop must not be passed over as it waits for credit. 0 in others.
   */
  private final int ahead;

  /** How many consumers may get something by it. */
  private int attached;

  private int lent;
  private int used;

  /** What it has asked for and not got. */
  private int asked;

  /** Whether it is asking now: what it gets is for the message in hand. */
  private boolean asking;

  /** Whether it uses again what is settled; else that goes back. */
  private boolean keeps;

  /** What goes back at the end of the turn, to a window on another loop. */
  private int returning;

  /** Whether it has no use for what it has asked for. */
  private boolean withdraws;

  private boolean returnsLater;

  /** Whether it looks later what it does not use. */
  private boolean looksLater;

  private Loan(Queue queue, SharedWindow window) {
    this.queue = queue;
    this.window = window;
    this.ahead = queue.isShared() ? AHEAD : 0;
  }

  /** Returns the loan of those consumers of a queue that draw on a window. */
  static Loan of(Queue queue, SharedWindow window) {
    for (Consumer c : queue.consumers().all()) {
      Loan loan = c.loan();
      if (loan != null && loan.window == window) {
        return loan;
      }
    }
    return new Loan(queue, window);
  }

  LoopContext home() {
    return queue.home();
  }

  // ---- consumers

  /** A consumer draws on it that has nothing. */
  void joins() {
    attached++;
  }

  /**
   * A consumer draws on it from now on, and tells the window what it has.
   *
   * @param mayTake whether it is to get more
   */
  void joins(int unsettled, boolean mayTake) {
    attached += mayTake ? 1 : 0;
    lent += unsettled;
    used += unsettled;
    tell(() -> window.joined(share, unsettled));
    // What is settled from now on goes back: the window may not have so much.
    recall();
  }

  /** A consumer gets no more, but may have something. */
  void leaves() {
    attached--;
    if (attached == 0) {
      keeps = false;
      giveBack(lent - used);
      endIfUnused();
    }
  }

  private void endIfUnused() {
    if (attached == 0 && used == 0) {
      handOver();
      tell(() -> window.left(share));
    }
  }

  // ---- deliveries

  /** Returns whether there is credit for a delivery; if not, asks, and wakes the consumer then. */
  boolean covers(Consumer c) {
    if (used + ahead >= lent && asked == 0) {
      ask();
    }
    if (used < lent) {
      return true;
    }
    if (!c.lacksCredit) {
      c.lacksCredit = true;
      lacking.addLast(c);
    }
    return false;
  }

  private void ask() {
    handOver(); // what it said before is not about this
    int deliveries = (int) Math.max(1 + 2 * ahead, Math.min(MOST_ASKED, queue.ready().size()));
    asked = deliveries;
    asking = true;
    tell(() -> window.asks(share, deliveries));
    asking = false;
    if (!keeps && used < lent) {
      lookLater();
    }
  }

  /** A delivery takes credit. */
  void uses() {
    used++;
  }

  /** Deliveries are settled. */
  void settled(int deliveries) {
    used -= deliveries;
    if (keeps) {
      listLacking();
    } else {
      giveBack(deliveries);
    }
    endIfUnused();
  }

  // ---- from the window

  /** It gets more. */
  void lent(int deliveries, boolean keep) {
    asked = Math.max(0, asked - deliveries);
    lent += deliveries;
    keeps = keep && attached > 0;
    if (!asking) {
      wake();
      returnUnused();
    }
  }

  private void wake() {
    listLacking();
    queue.pump();
  }

  private void listLacking() {
    for (int i = lacking.size(); i > 0; i--) {
      Consumer c = lacking.removeFirst();
      c.lacksCredit = false;
      if (c.attached) {
        queue.consumers().canTake(c);
      }
    }
  }

  /** Others wait: what is not used goes back, now and when it is settled. */
  void recall() {
    keeps = false;
    if (!asking) {
      returnUnused();
    }
  }

  /** Nothing more may be used that is not yet; says when that is so. */
  void recallAtOnce(Runnable heard) {
    keeps = false;
    giveBack(lent - used);
    handOver();
    tell(heard);
  }

  private void returnUnused() {
    if (used == lent || keeps) {
      return;
    }
    if (attached > 0 && queue.pumps()) {
      lookLater(); // it has use for it
      return;
    }
    asked = 0;
    withdraws = true;
    giveBack(lent - used);
  }

  private void lookLater() {
    if (!looksLater) {
      looksLater = true;
      queue
          .home()
          .loop()
          .continueLater(
              () -> {
                looksLater = false;
                returnUnused();
              });
    }
  }

  // ---- to the window

  private void giveBack(int deliveries) {
    if (deliveries == 0) {
      return;
    }
    lent -= deliveries;
    returning += deliveries;
    if (window.home() == queue.home()) {
      handOver();
    } else if (!returnsLater) {
      returnsLater = true;
      queue.home().loop().atTurnEnd(handOver);
    }
  }

  private void handOver() {
    returnsLater = false;
    int deliveries = returning;
    if (deliveries > 0) {
      boolean wantsNone = withdraws;
      returning = 0;
      withdraws = false;
      tell(() -> window.returned(share, deliveries, wantsNone));
    }
  }

  private void tell(Runnable command) {
    queue.home().tell(window.home(), command);
  }
}
