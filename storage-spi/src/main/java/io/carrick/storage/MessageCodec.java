package io.carrick.storage;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/**
 * How messages become bytes. The store writes the payload itself, behind what this says of the
 * rest. Thread-safe: used by loops and by threads of a store's.
 */
public interface MessageCodec {

  /** Writes everything that a message has beside its payload; the caller keeps the array. */
  byte[] head(Message message);

  /**
   * Reads what {@link #head} of this or an earlier version has written.
   *
   * @param head the bytes, not kept
   * @param payload of the message, which keeps it
   * @throws IllegalArgumentException when it cannot be read
   */
  Message message(byte[] head, byte[] payload);

  /** Writes what a queue's admission made of a message; the caller keeps the array. */
  byte[] tag(Object tag);

  /**
   * Reads what {@link #tag(Object)} of this or an earlier version has written.
   *
   * @return null if it cannot be told any more
   * @throws IllegalArgumentException when it cannot be read
   */
  @Nullable Object tag(byte[] bytes);
}
