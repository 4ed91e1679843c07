package io.carrick.engine.queue;

import io.carrick.Message;
import org.jspecify.annotations.Nullable;

/** A message in a queue's memory. Confined to the queue's loop. */
final class QueuedMessage {

  final long position;
  final long sequence;
  final Message message;
  final @Nullable Object tag;
  boolean redelivered;

  QueuedMessage(long position, long sequence, Message message, @Nullable Object tag) {
    this.position = position;
    this.sequence = sequence;
    this.message = message;
    this.tag = tag;
  }

  int bytes() {
    return message.payload().length;
  }
}
