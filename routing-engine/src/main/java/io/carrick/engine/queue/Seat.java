package io.carrick.engine.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session's place in a queue that it has joined, connected or not: what it subscribed with, and
 * what it has begun to get and nobody else may have. Confined to the queue's loop.
 */
final class Seat {

  /** The id of the session's queue: a session that begins anew has another. */
  final long id;

  /** The name of the session's queue. */
  final String member;

  /** What the adapter attached; says how messages go to it. */
  @Nullable Object attachment;

  /** Whether it gets new messages; else it finishes what it has begun to get. */
  boolean joined;

  /** Whether the session is no more. */
  boolean ended;

  /** Its consumer; null while it is not connected. */
  @Nullable Competitor consumer;

  /** How many messages the log still holds that it had begun to get in an earlier run. */
  int awaited;

  /** Its consumers that are there, or have something to settle: one, but for short. */
  private final List<Competitor> consumers = new ArrayList<>(1);

  /** What it has begun to get, and no consumer of its has now, in queue order. */
  private final TreeMap<Long, QueuedMessage> pinned = new TreeMap<>();

  Seat(long id, String member) {
    this.id = id;
    this.member = member;
  }

  /** It has a consumer, in place of an earlier one, which may have something to settle. */
  void taken(Competitor c) {
    consumers.add(c);
    consumer = c;
  }

  /** A consumer has gone, with nothing to settle. */
  void left(Competitor c) {
    consumers.remove(c);
    if (consumer == c) {
      consumer = null;
    }
  }

  void forEachConsumer(Consumer<Competitor> each) {
    consumers.forEach(each);
  }

  void pin(QueuedMessage m) {
    pinned.put(m.position, m);
  }

  boolean hasPinned() {
    return !pinned.isEmpty();
  }

  /** Takes the next one that it has begun to get. */
  QueuedMessage unpin() {
    return pinned.pollFirstEntry().getValue();
  }

  void forEachPinned(Consumer<QueuedMessage> each) {
    pinned.values().forEach(each);
  }

  /** Returns whether it has got all again that it had begun to get. */
  boolean caughtUp() {
    return pinned.isEmpty() && awaited == 0;
  }

  /** Returns whether nothing of it is left to be finished. */
  boolean vacant() {
    consumers.removeIf(c -> !c.attached && c.unsettled() == 0);
    return !joined && (ended || caughtUp()) && consumers.isEmpty();
  }
}
