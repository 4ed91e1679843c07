package io.carrick.amqp;

import io.carrick.spi.Loop;
import io.carrick.spi.Settlement;
import java.util.ArrayList;
import java.util.List;

/**
 * A bound on what all consumers of a channel together have not acknowledged (basic.qos with {@code
 * global}). Confined to the event loop of its connection.
 *
 * <p>Queues know each consumer's own bound only, so a few deliveries may come too many; they go
 * back unsent at the end of the turn.
 */
final class SharedPrefetch {

  private final Loop loop;
  private final Runnable changed;
  private final Runnable atTurnEnd = this::atTurnEnd;
  private final List<Unwritten> unwritten = new ArrayList<>();
  private int limit;
  private int used;
  private boolean exhausted;
  private boolean asked;

  /** A delivery that does not go to the peer. */
  private record Unwritten(Subscription subscription, long deliveryId, Settlement how) {}

  /**
   * Makes one without a bound.
   *
   * @param changed is run when {@link #exhausted()} has changed
   */
  SharedPrefetch(Loop loop, Runnable changed) {
    this.loop = loop;
    this.changed = changed;
  }

  /** Sets the bound; 0 for none. */
  void limit(int deliveries) {
    limit = deliveries;
    ask();
  }

  /** Returns the bound that a consumer's own may not exceed; 0 for none. */
  int limit() {
    return limit;
  }

  /** Returns whether nothing more may be delivered. */
  boolean exhausted() {
    return exhausted;
  }

  /** Returns whether there is a bound and it is met. */
  boolean full() {
    return limit > 0 && used >= limit;
  }

  /** Returns whether a delivery may go to the peer; if not, it goes back by itself. */
  boolean admit(Subscription subscription, long deliveryId) {
    if (full()) {
      giveBack(subscription, deliveryId, Settlement.UNSENT);
      return false;
    }
    used++;
    if (used == limit) {
      ask();
    }
    return true;
  }

  /**
   * Settles a delivery that does not go to the peer, at the end of the turn: a queue is not called
   * back while it delivers.
   */
  void giveBack(Subscription subscription, long deliveryId, Settlement how) {
    unwritten.add(new Unwritten(subscription, deliveryId, how));
    ask();
  }

  /** A delivery was settled. */
  void released() {
    used--;
    if (exhausted) {
      ask();
    }
  }

  private void ask() {
    if (!asked) {
      asked = true;
      loop.atTurnEnd(atTurnEnd);
    }
  }

  private void atTurnEnd() {
    asked = false;
    boolean now = full();
    if (now != exhausted) {
      exhausted = now;
      changed.run();
    }
    List<Unwritten> back = List.copyOf(unwritten);
    unwritten.clear();
    for (Unwritten u : back) {
      u.subscription.giveBack(u.deliveryId, u.how);
    }
  }
}
