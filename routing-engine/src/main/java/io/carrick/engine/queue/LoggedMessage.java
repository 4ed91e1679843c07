package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopMemory;
import io.carrick.spi.HeldBytes.Kind;
import io.carrick.storage.StoredMessage;
import org.jspecify.annotations.Nullable;

/** What a message in the log of a store in memory holds. Stateless; called in a queue's loop. */
final class LoggedMessage {

  /** A {@link StoredMessage} and its place. */
  private static final int MEMORY_BYTES = 40;

  private LoggedMessage() {}

  /** It goes into the log. */
  static void came(Message message, @Nullable SharedMessage shared, LoopMemory held) {
    held.add(Kind.QUEUES, MEMORY_BYTES);
    if (shared == null) {
      held.add(Kind.MESSAGES, message.memoryBytes());
    }
  }

  /** It leaves the log and stays in the queue. */
  static void left(StoredMessage stored, LoopMemory held) {
    held.add(Kind.QUEUES, -MEMORY_BYTES);
    if (!(stored.companion() instanceof SharedMessage)) {
      held.add(Kind.MESSAGES, -stored.message().memoryBytes());
    }
  }

  /** It leaves the log and the queue. */
  static void gone(StoredMessage stored, LoopMemory held) {
    left(stored, held);
    if (stored.companion() instanceof SharedMessage shared) {
      shared.letGo(held);
    }
  }
}
