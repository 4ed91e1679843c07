package io.carrick.engine.topology;

import io.carrick.engine.queue.DeadLetter;

/** Where the queues of one loop put what they have given up. Called in that loop. */
public interface DeadLetters {

  /**
   * Takes a message, which is published again soon.
   *
   * @param host where its queue is
   */
  void add(VirtualHost host, DeadLetter letter);
}
