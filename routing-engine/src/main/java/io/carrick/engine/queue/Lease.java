package io.carrick.engine.queue;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Take-overs of one queue, one after the other: the next starts when the last has been granted or
 * refused. Confined to the queue's loop.
 */
final class Lease {

  private @Nullable ArrayDeque<Runnable> waiting;
  private boolean underWay;

  void request(Runnable takeOver) {
    if (!underWay) {
      underWay = true;
      takeOver.run();
      return;
    }
    if (waiting == null) {
      waiting = new ArrayDeque<>(1);
    }
    waiting.addLast(takeOver);
  }

  void granted() {
    Runnable next = waiting == null ? null : waiting.pollFirst();
    if (next == null) {
      underWay = false;
      waiting = null;
    } else {
      next.run();
    }
  }
}
