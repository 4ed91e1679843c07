package io.carrick.spi;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/**
 * Tells where messages go that clients publish to an exchange, with keys whose first level starts
 * with {@code $}, and that are for somewhere else. Called in any loop.
 */
@FunctionalInterface
public interface Diversion {

  /**
   * Returns the message as it is to be published instead. To the default exchange the client then
   * needs no permission: who sends it there has looked whether it may be. For another exchange it
   * needs what it would need to publish there, and it is not diverted again.
   *
   * @param virtualHost where it is published
   * @param message with such a key
   * @return null if it stays where it is
   */
  @Nullable Message divert(String virtualHost, Message message);
}
