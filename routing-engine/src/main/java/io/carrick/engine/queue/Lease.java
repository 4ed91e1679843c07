package io.carrick.engine.queue;

import java.util.ArrayDeque;

/**
 * Take-overs of one queue, one after the other: the next starts when the last has been granted or
 * refused. Confined to the queue's loop.
 */
final class Lease {

  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(1);
  private boolean underWay;

  void request(Runnable takeOver) {
    waiting.addLast(takeOver);
    startNext();
  }

  void granted() {
    underWay = false;
    startNext();
  }

  private void startNext() {
    if (!underWay && !waiting.isEmpty()) {
      underWay = true;
      waiting.pollFirst().run();
    }
  }
}
