package io.carrick.engine.tracing;

import io.carrick.Message;
import io.carrick.engine.delivery.Follower;
import org.jspecify.annotations.Nullable;

/** Who chooses, of all messages that arrive, those that it follows. Called in any loop. */
public interface Tracer {

  /**
   * A message has been let in and is not routed yet.
   *
   * @return who is told what becomes of it; null if it is not to be followed
   */
  @Nullable Follower follow(Message message, Source from);
}
