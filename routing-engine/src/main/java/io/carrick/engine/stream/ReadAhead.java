package io.carrick.engine.stream;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopMemory;
import io.carrick.spi.HeldBytes.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a reader has got from the log and not delivered yet. Confined to the stream's loop. */
final class ReadAhead {

  private final LoopMemory held;
  private List<Message> messages = List.of();
  private long first;
  private long bytes;

  ReadAhead(LoopMemory held) {
    this.held = held;
  }

  /** Takes what was read instead of what is here. */
  void fill(long from, List<Message> read) {
    clear();
    first = from;
    messages = read;
    for (Message message : read) {
      bytes += message.memoryBytes();
    }
    held.add(Kind.MESSAGES, bytes);
  }

  /** Returns a message with its offset noted on it; null if it is not here. */
  @Nullable Message at(long offset) {
    long index = offset - first;
    if (index < 0 || index >= messages.size()) {
      return null;
    }
    return Tail.noted(messages.get((int) index), offset);
  }

  /** Lets go of what is here if all of it is before an offset. */
  void doneBefore(long offset) {
    if (offset >= first + messages.size()) {
      clear();
    }
  }

  void clear() {
    held.add(Kind.MESSAGES, -bytes);
    bytes = 0;
    messages = List.of();
  }
}
