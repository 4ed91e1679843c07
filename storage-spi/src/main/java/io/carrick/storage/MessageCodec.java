package io.carrick.storage;

import io.carrick.Message;

/** How messages become bytes. Thread-safe: used by loops and by threads of a store's. */
public interface MessageCodec {

  /** Writes a message with everything that it has; the caller keeps the array. */
  byte[] encode(Message message);

  /**
   * Reads what {@link #encode} of this or an earlier version has written.
   *
   * @param record kept, must not change
   * @throws IllegalArgumentException when it cannot be read
   */
  Message decode(byte[] record);
}
