package io.carrick.engine.topology;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.ExchangeType.MatchSink;

/** Takes what a message of a loop has matched. Called in that loop. */
public interface LoopSink extends MatchSink {

  /** Returns the engine's side of the loop. */
  LoopContext here();

  /** Returns who publishes the messages of this loop that have waited. */
  Releases releases();
}
