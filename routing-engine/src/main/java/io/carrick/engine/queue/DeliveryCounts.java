package io.carrick.engine.queue;

import io.carrick.Message;
import java.util.HashMap;
import java.util.Map;

/**
 * How often messages of a queue with a delivery limit have come back from consumers: of those that
 * have, which are few. The store has it too, for messages that it has. Confined to the queue's
 * loop.
 */
final class DeliveryCounts {

  private final Queue queue;

  /** Of messages in memory, by the ids of their deliveries. */
  private final Map<Long, Integer> inMemory = new HashMap<>();

  /** Of messages that only the store's log holds as yet, by their sequences. */
  private final Map<Long, Integer> inLog;

  /**
   * Makes what is known of earlier runs.
   *
   * @param stored by the store's sequences
   */
  DeliveryCounts(Queue queue, Map<Long, Integer> stored) {
    this.queue = queue;
    this.inLog = new HashMap<>(stored);
  }

  /** A message comes into memory. */
  void read(QueuedMessage m) {
    Integer count = inLog.remove(m.sequence);
    if (count != null) {
      inMemory.put(m.deliveryId(), count);
    }
  }

  /** A message has come back once more; returns whether that is more often than it may. */
  boolean cameBack(QueuedMessage m, int most) {
    int times = inMemory.merge(m.deliveryId(), 1, Integer::sum);
    if (times <= most && m.sequence != 0) {
      queue.owner().cameBack(queue, m.sequence, times);
    }
    return times > most;
  }

  /** Returns a message as a consumer is to get it: with its count, if it has come back. */
  Message counted(QueuedMessage m) {
    int count = inMemory.getOrDefault(m.deliveryId(), 0);
    Message plain = m.message;
    return count == 0 ? plain : plain.annotated(plain.annotations().withDeliveryCount(count));
  }

  /** A message leaves the queue; in the store its count goes with it. */
  void settle(QueuedMessage m) {
    if (inMemory.remove(m.deliveryId()) == null || m.sequence == 0) {
      Departure.settle(queue, m.message, m.sequence);
      return;
    }
    queue.home().appender().begin();
    try {
      Departure.settle(queue, m.message, m.sequence);
      queue.owner().forgetReturns(queue, m.sequence);
    } finally {
      queue.home().appender().end();
    }
  }

  /** A message leaves the queue, of which the store has heard already; not so of its count. */
  void forget(QueuedMessage m) {
    if (inMemory.remove(m.deliveryId()) != null && m.sequence != 0) {
      queue.owner().forgetReturns(queue, m.sequence);
    }
  }

  /** What only the log held has left the queue. */
  void forgetLogged() {
    inLog.keySet().forEach(sequence -> queue.owner().forgetReturns(queue, sequence));
    inLog.clear();
  }
}
