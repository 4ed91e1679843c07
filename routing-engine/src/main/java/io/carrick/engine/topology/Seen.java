package io.carrick.engine.topology;

import io.carrick.engine.delivery.LoopContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The first message with an id that came to an exchange without duplicates. What becomes of it is
 * known when every queue that it goes to has answered; if one refuses it, it is forgotten, since
 * its publisher will send it again. Guarded by {@code this}; it is answered for in its publisher's
 * loop.
 */
public final class Seen {

  final String id;
  private final Deduplication by;
  private final LoopContext home;

  /** In {@code nanoTime}, if it goes by time at all. */
  private final long overAt;

  private final boolean ends;

  /** Answers that are missing, the first for the loop that routes it. */
  private int missing = 1;

  private boolean refused;

  /** What is durable when the message is, as far as it is stored. */
  private long sequence;

  /** Who waits for what becomes of it. */
  private List<Waiting> waiting = List.of();

  private record Waiting(LoopContext loop, Consumer<Seen> task) {}

  /**
   * A message that comes now.
   *
   * @param home its publisher's loop
   * @param afterNanos when it is too old to be a first one; 0 for never
   */
  Seen(String id, Deduplication by, LoopContext home, long afterNanos) {
    this.id = id;
    this.by = by;
    this.home = home;
    this.overAt = home.loop().nanoTime() + afterNanos;
    this.ends = afterNanos > 0;
  }

  boolean isOver(long now) {
    return ends && now - overAt >= 0;
  }

  /** Returns whether it came to that exchange. */
  public boolean isOf(Exchange exchange) {
    return exchange.routes == by;
  }

  /** It is on its way to a queue of another loop, which will answer. */
  public synchronized void handedOver() {
    missing++;
  }

  /** It is stored. */
  public synchronized void storedAt(long at) {
    sequence = Math.max(sequence, at);
  }

  /** It is not taken by all that it is for: it may come again. */
  public void refused() {
    synchronized (this) {
      refused = true;
    }
    by.forget(this);
  }

  /** A queue has answered, or all of its publisher's loop have. */
  public void answered() {
    List<Waiting> told;
    synchronized (this) {
      missing--;
      if (missing > 0) {
        return;
      }
      told = waiting;
      waiting = List.of();
    }
    told.forEach(one -> home.tell(one.loop, () -> one.task.accept(this)));
  }

  /** Returns whether all have taken it, once that is known. */
  public synchronized boolean isTaken() {
    return !refused;
  }

  /** Returns what is durable when the message is. */
  public synchronized long sequence() {
    return sequence;
  }

  /**
   * Runs a task when it is known what becomes of it, which may be at once.
   *
   * @param loop where
   */
  public void whenKnown(LoopContext loop, Consumer<Seen> task) {
    synchronized (this) {
      if (missing > 0) {
        if (waiting.isEmpty()) {
          waiting = new ArrayList<>(1);
        }
        waiting.add(new Waiting(loop, task));
        return;
      }
    }
    task.accept(this);
  }
}
