package io.carrick.engine.queue;

import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.spi.Settlement;
import io.carrick.storage.QueueLog;
import org.jspecify.annotations.Nullable;

/** Those who keep the list of queues, as a queue sees them. Called in the queue's loop. */
public interface QueueOwner {

  /** Returns the name of the virtual host that the queue is in. Callable from any thread. */
  String virtualHost();

  /** Returns a queue as people are told of it, in RabbitMQ's words. Callable from any thread. */
  default String called(Queue queue) {
    return "queue '" + queue.name() + "' in vhost '" + virtualHost() + "'";
  }

  /** Returns whether anybody outside is told what it does with messages that are followed. */
  default boolean isSeen() {
    return true;
  }

  /** Returns what bounds it. */
  Limits limits();

  /** Returns whether a message of it may grow too old. */
  default boolean messagesAge() {
    return true;
  }

  /** Returns whether such a log is in memory. */
  boolean logInMemory();

  /**
   * Returns a log of a queue that was not opened yet.
   *
   * @param storeId what the store knows it by
   */
  QueueLog openLog(Queue queue, long storeId);

  /** Returns what a new queue leaves everything to; null if it is no stream. */
  default @Nullable Stream streamOf(Queue queue) {
    return null;
  }

  /** The last consumer of an auto-delete queue has gone. */
  void unused(Queue queue);

  /** The queue was full and has refused a message. */
  void refused(Message message);

  /** A session's queue has a consumer again. */
  void attended(Queue queue);

  /** A session's queue has no consumer any more. */
  void unattended(Queue queue);

  /** A stored message has come back from a consumer: so often by now. */
  void cameBack(Queue queue, long sequence, int times);

  /** A stored message that had come back has left the queue. */
  void forgetReturns(Queue queue, long sequence);

  /**
   * A stored message is the only one's from now on that has begun to get it.
   *
   * @param member the id of the session's queue
   */
  default void pinned(Queue queue, long sequence, long member) {}

  /** A stored message that was one member's has left the queue. */
  default void unpinned(Queue queue, long sequence) {}

  /**
   * Returns whether a session is to get what comes to a queue that is shared, though the queue may
   * not have heard of it yet: sessions join and leave from several loops.
   */
  default boolean hasMembers(Queue queue) {
    return false;
  }

  /**
   * Nothing is left of a session in a queue that it shared.
   *
   * @param member the id of the session's queue
   */
  default void vacated(Queue queue, long member) {}

  /** The queue has given a message up that is to be published again. */
  void deadLetter(DeadLetter letter);

  /** A delivery was settled. */
  void settled(Queue queue, Message message, Settlement settlement);

  /**
   * A durable queue gets its first consumer of this run.
   *
   * @return the store's sequence of the note about it, 0 if nothing was stored
   */
  long consumed(Queue queue);

  /**
   * Decides again what a session makes of a message, with the bindings that it has now.
   *
   * @return the tag; null if they would not have it queued
   */
  @Nullable Object tagOf(Queue queue, Message message);
}
