package io.carrick.engine.stream;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopMemory;
import io.carrick.spi.HeldBytes.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The last messages of a stream, in memory for those who read at its end: a ring, no larger than a
 * queue's window. Confined to the stream's loop.
 */
final class Tail {

  private static final int SMALLEST = 16;

  /** What a message takes beside its payload and properties when it is annotated. */
  private static final int EACH_BYTES = 400;

  private final LoopMemory held;
  private final boolean payloadsCounted;
  private final int mostMessages;
  private final long mostBytes;

  /** As long as a power of two; an offset is where its last bits say. */
  private @Nullable Message[] ring = new @Nullable Message[SMALLEST];

  private long first;
  private long end;
  private long bytes;

  /**
   * Makes an empty one.
   *
   * @param payloadsCounted whether payloads are in memory anyway, and counted there
   * @param end the offset of the message that comes first
   */
  Tail(LoopMemory held, boolean payloadsCounted, int mostMessages, long mostBytes, long end) {
    this.held = held;
    this.payloadsCounted = payloadsCounted;
    this.mostMessages = mostMessages;
    this.mostBytes = mostBytes;
    this.first = end;
    this.end = end;
  }

  /** Returns the offset of the first that is here. */
  long first() {
    return first;
  }

  /** Adds the next message; the oldest go that are too many. */
  void add(Message message) {
    if (end - first == ring.length) {
      grow();
    }
    ring[place(end++)] = message;
    bytes += cost(message);
    held.add(Kind.MESSAGES, cost(message));
    int squeeze = held.squeeze();
    long messages = mostMessages - (long) mostMessages / 4 * squeeze;
    long most = mostBytes - mostBytes / 4 * squeeze;
    while (end - first > Math.max(1, messages) || (bytes > most && end - first > 1)) {
      dropFirst();
    }
  }

  /** Returns a message with its offset noted on it, the same for all; null if it is not here. */
  @Nullable Message at(long offset) {
    if (offset < first || offset >= end) {
      return null;
    }
    Message message = ring[place(offset)];
    if (message != null && message.annotations().streamOffset().isEmpty()) {
      message = noted(message, offset);
      ring[place(offset)] = message;
    }
    return message;
  }

  /** Notes on a message where it is. */
  static Message noted(Message message, long offset) {
    return message.annotated(message.annotations().withStreamOffset(offset));
  }

  /** Lets go of all before an offset. */
  void dropBefore(long offset) {
    while (first < Math.min(offset, end)) {
      dropFirst();
    }
  }

  private void dropFirst() {
    int place = place(first++);
    Message dropped = ring[place];
    ring[place] = null;
    if (dropped != null) {
      bytes -= cost(dropped);
      held.add(Kind.MESSAGES, -cost(dropped));
    }
    if (first == end && ring.length > SMALLEST) {
      ring = new @Nullable Message[SMALLEST];
    }
  }

  /** The same before and after it is annotated, its image on a wire included. */
  private int cost(Message message) {
    long sum = EACH_BYTES + 2L * message.origin().memoryBytes();
    sum += payloadsCounted ? 0 : message.payload().length;
    return (int) Math.min(Integer.MAX_VALUE / 2, sum);
  }

  private int place(long offset) {
    return (int) offset & (ring.length - 1);
  }

  private void grow() {
    @Nullable Message[] old = ring;
    ring = new @Nullable Message[old.length * 2];
    for (long offset = first; offset < end; offset++) {
      ring[place(offset)] = old[(int) offset & (old.length - 1)];
    }
  }
}
