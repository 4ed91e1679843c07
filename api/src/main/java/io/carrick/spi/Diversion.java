package io.carrick.spi;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/**
 * Tells where messages go that clients publish to {@linkplain AdapterContext#reserve reserved}
 * addresses, and that are for somewhere else. Called in any loop.
 */
@FunctionalInterface
public interface Diversion {

  /**
   * Returns the message as it is to be published instead, to which the client then needs no
   * permission: whoever diverts a message has asked for it.
   *
   * @param virtualHost where it is published
   * @param message to a reserved address
   * @return null if the client may not publish it
   */
  @Nullable Message divert(String virtualHost, Message message);
}
