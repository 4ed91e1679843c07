package io.carrick.engine.queue;

/**
 * What waits in a queue that several sessions share, without what one of them has begun to get in
 * an earlier run: that is for nobody else. Confined to the queue's loop.
 */
final class ReadyToShare extends ReadyMessages {

  private final Queue queue;

  ReadyToShare(Queue queue) {
    super(queue);
    this.queue = queue;
  }

  @Override
  void cameBack(QueuedMessage m) {
    if (!queue.members().claims(m)) {
      super.cameBack(m);
    }
  }
}
