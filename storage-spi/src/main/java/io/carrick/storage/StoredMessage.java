package io.carrick.storage;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/**
 * A message in one queue. Immutable.
 *
 * @param sequence the store's sequence of it, the same after a restart; 0 if it is not durable
 * @param message the message
 * @param tag what the queue's admission made of it; null without one, or if the store has not kept
 *     it
 * @param companion opaque: a store in memory gives it back with the message, others forget it
 */
public record StoredMessage(
    long sequence, Message message, @Nullable Object tag, @Nullable Object companion) {

  /** A message without a companion. */
  public StoredMessage(long sequence, Message message, @Nullable Object tag) {
    this(sequence, message, tag, null);
  }
}
