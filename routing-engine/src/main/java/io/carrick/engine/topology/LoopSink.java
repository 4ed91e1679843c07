package io.carrick.engine.topology;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.ExchangeType.MatchSink;

/** Takes what a message of a loop has matched. Called in that loop. */
public interface LoopSink extends MatchSink {

  /** Returns the engine's side of the loop. */
  LoopContext here();

  /** Returns who publishes the messages of this loop that have waited. */
  Releases releases();

  /** Returns the number of the routing, which no other of this loop has. */
  long routing();

  /** The message is the first with its id that comes to an exchange. */
  void first(Seen seen);

  /** An exchange does not route the message, since another one with its id has come before. */
  void repeated(Seen before);
}
