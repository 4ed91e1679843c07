package io.carrick.engine.queue;

import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.Sharing.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of a queue that sessions have joined: a member's, or one that competes with them.
 * Confined to the queue's loop.
 */
final class Competitor extends io.carrick.engine.queue.Consumer {

  static final int NOWHERE = -1;

  private final MemberConsumers consumers;

  /** Null for one that is no member's. */
  private final @Nullable Seat seat;

  /** What it has to settle that is never another's; null before the first. */
  private @Nullable Unsettled kept;

  /** Whether its member knows of it: nothing may come before. */
  boolean started;

  /** Where it is among those whose turn may come, and when it had its last one. */
  int place = NOWHERE;

  long turn;

  Competitor(
      MemberConsumers consumers, Outlet outlet, ConsumeRequest request, @Nullable Seat seat) {
    super(consumers.queue, outlet, request);
    this.consumers = consumers;
    this.seat = seat;
  }

  @Nullable Seat seat() {
    return seat;
  }

  /** Returns whether its turn comes before that of another. */
  boolean before(Competitor other) {
    if (priority != other.priority) {
      return priority > other.priority;
    }
    int mine = unsettled();
    int theirs = other.unsettled();
    return mine == theirs ? turn < other.turn : mine < theirs;
  }

  @Override
  void receive(QueuedMessage m) {
    Seat at = seat;
    if (at == null) {
      super.receive(m);
    } else {
      receive(m, at, consumers.share(m, at));
    }
    consumers.moved(this);
  }

  private void receive(QueuedMessage m, Seat at, Share share) {
    switch (share.guarantee()) {
      case AT_MOST_ONCE -> passOn(m, share.tag());
      case AT_LEAST_ONCE -> {
        consumers.holds(m);
        hold(m);
        send(m, m.deliveryId(), share.tag());
      }
      case EXACTLY_ONCE -> {
        consumers.holds(m);
        keep(m);
        consumers.pins(m, at);
        send(m, m.deliveryId(), share.tag());
      }
    }
  }

  /** Takes what its member has begun to get before; it is unsettled already. */
  void receiveAgain(QueuedMessage m, Seat at) {
    keep(m);
    send(m, m.deliveryId(), consumers.share(m, at).tag());
    consumers.moved(this);
  }

  private void keep(QueuedMessage m) {
    Unsettled all = kept;
    if (all == null) {
      all = new Unsettled();
      kept = all;
    }
    all.add(m);
    Loan loan = loan();
    if (loan != null) {
      loan.uses();
    }
  }

  /** All that it has to settle is its member's alone from now on. */
  void keepAll(Seat at) {
    List<QueuedMessage> all = super.takeAll();
    if (all.isEmpty()) {
      return;
    }
    Unsettled mine = kept == null ? new Unsettled() : kept;
    kept = mine;
    for (QueuedMessage m : all) {
      mine.add(m);
      consumers.pins(m, at);
    }
  }

  @Override
  int unsettled() {
    return super.unsettled() + (kept == null ? 0 : kept.size());
  }

  @Override
  public boolean holds(long deliveryId) {
    return super.holds(deliveryId) || keeps(deliveryId);
  }

  /** Returns whether a delivery is its member's alone. */
  boolean keeps(long deliveryId) {
    return kept != null && kept.has(deliveryId);
  }

  @Override
  @Nullable QueuedMessage take(long deliveryId) {
    QueuedMessage m = super.take(deliveryId);
    if (m == null && kept != null) {
      m = kept.remove(deliveryId);
    }
    if (m != null) {
      consumers.moved(this);
    }
    return m;
  }

  @Override
  List<QueuedMessage> takeAll() {
    var all = new ArrayList<QueuedMessage>(takeKept());
    all.addAll(super.takeAll());
    return all;
  }

  /** Takes what is its member's alone. */
  List<QueuedMessage> takeKept() {
    return kept == null ? List.of() : kept.removeAll();
  }

  @Override
  void forEachUnsettled(Consumer<QueuedMessage> each) {
    super.forEachUnsettled(each);
    forEachKept(each);
  }

  /** Shows what is its member's alone. */
  void forEachKept(Consumer<QueuedMessage> each) {
    if (kept != null) {
      kept.forEach(each);
    }
  }
}
