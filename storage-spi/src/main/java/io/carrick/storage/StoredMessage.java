package io.carrick.storage;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/**
 * A message in one queue. Immutable.
 *
 * @param position its place in the queue, given by the queue's loop
 * @param sequence the store's sequence of it; 0 if it is not durable
 * @param message the message
 * @param tag what the queue's admission made of it; null without one
 */
public record StoredMessage(long position, long sequence, Message message, @Nullable Object tag) {}
