package io.carrick.engine.queue;

import io.carrick.Message;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * How often messages of a queue with a delivery limit have come back from consumers: of those that
 * have, which are few. Confined to the queue's loop.
 */
public final class DeliveryCounts {

  /** Of messages in memory, by the ids of their deliveries. */
  private final Map<Long, Integer> inMemory = new HashMap<>();

  /** Of messages that only the store's log holds as yet, by their sequences. */
  private final Map<Long, Integer> inLog;

  /**
   * Makes what is known of earlier runs.
   *
   * @param stored by the store's sequences
   */
  public DeliveryCounts(Map<Long, Integer> stored) {
    this.inLog = new HashMap<>(stored);
  }

  /** A message comes into memory. */
  void read(QueuedMessage m) {
    Integer count = inLog.remove(m.sequence);
    if (count != null) {
      inMemory.put(m.deliveryId(), count);
    }
  }

  /** A message has come back once more; returns how often that is. */
  int cameBack(QueuedMessage m) {
    return inMemory.merge(m.deliveryId(), 1, Integer::sum);
  }

  /** Returns a message as a consumer is to get it: with its count. */
  Message counted(QueuedMessage m) {
    int count = inMemory.getOrDefault(m.deliveryId(), 0);
    Message plain = m.message;
    return count == 0 ? plain : plain.annotated(plain.annotations().withDeliveryCount(count));
  }

  /** A message has left the queue; returns whether it had ever come back. */
  boolean forget(QueuedMessage m) {
    return inMemory.remove(m.deliveryId()) != null;
  }

  /** What only the log held has left the queue. */
  void forgetLogged(LongConsumer each) {
    inLog.keySet().forEach(each::accept);
    inLog.clear();
  }
}
