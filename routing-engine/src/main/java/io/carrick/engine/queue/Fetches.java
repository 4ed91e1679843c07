package io.carrick.engine.queue;

import java.util.ArrayList;
import java.util.List;

/**
 * Those who have asked a queue for a single message while it is being read. Confined to the queue's
 * loop.
 */
final class Fetches {

  private List<Runnable> waiting = new ArrayList<>(1);

  /** Asks again when messages have come. */
  void await(Runnable askAgain) {
    waiting.add(askAgain);
  }

  /** Messages have come, or there are none. */
  void answer() {
    List<Runnable> all = waiting;
    waiting = new ArrayList<>(1);
    all.forEach(Runnable::run);
  }
}
