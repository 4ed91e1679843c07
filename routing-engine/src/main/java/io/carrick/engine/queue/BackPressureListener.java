package io.carrick.engine.queue;

import io.carrick.engine.delivery.LoopContext;

/** Who puts messages in a queue and may be asked to pause. */
public interface BackPressureListener {

  /** Returns the loop that it is confined to. Callable from any thread. */
  LoopContext home();

  /** A consumer that made it pause takes messages again. Called in its loop. */
  void relieved();
}
