package io.carrick.engine.queue;

import io.carrick.Limit;

/**
 * How much a queue has given up that its targets have not taken yet. Only a queue whose dead
 * letters are kept has it. Once that is as much as a queue may have in memory, it gives up no more:
 * nothing is handed over that could be rejected, and what is too old stays. Confined to the queue's
 * loop.
 */
final class GivenUp {

  private final Queue queue;
  private long messages;
  private long bytes;

  GivenUp(Queue queue) {
    this.queue = queue;
  }

  long messages() {
    return messages;
  }

  long bytes() {
    return bytes;
  }

  void add(QueuedMessage m) {
    messages++;
    bytes += m.bytes();
    if (isMore(1)) {
      queue.holdBack();
    }
  }

  /** One of them has gone; with half of them the queue goes on. */
  void gone(QueuedMessage m) {
    messages--;
    bytes -= m.bytes();
    if (!isMore(2)) {
      queue.goOn();
    }
  }

  private boolean isMore(int part) {
    return messages >= Math.max(1, queue.limits().count(Limit.QUEUE_WINDOW_MESSAGES) / part)
        || bytes >= Math.max(1, queue.limits().value(Limit.QUEUE_WINDOW_BYTES) / part);
  }
}
