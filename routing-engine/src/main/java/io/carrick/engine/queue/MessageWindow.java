package io.carrick.engine.queue;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages in a ring that grows with them and is small again once it is empty: what a queue had in
 * its worst hour is not kept for ever. Confined to the queue's loop.
 */
final class MessageWindow {

  private static final int SMALLEST = 2;

  /** So much room is kept when it is empty: a queue that swings there needs no new memory. */
  private static final int KEPT = 64;

  /** As long as a power of two. */
  private @Nullable QueuedMessage[] ring = new @Nullable QueuedMessage[SMALLEST];

  private int first;
  private int size;

  int size() {
    return size;
  }

  void addLast(QueuedMessage m) {
    if (size == ring.length) {
      grow();
    }
    ring[place(size++)] = m;
  }

  @Nullable QueuedMessage peekFirst() {
    return ring[first];
  }

  @Nullable QueuedMessage pollFirst() {
    QueuedMessage m = ring[first];
    if (m != null) {
      ring[first] = null;
      first = place(1);
      size--;
      if (size == 0 && ring.length > KEPT) {
        shrink();
      }
    }
    return m;
  }

  void forEach(Consumer<QueuedMessage> each) {
    for (int i = 0; i < size; i++) {
      QueuedMessage m = ring[place(i)];
      if (m != null) {
        each.accept(m);
      }
    }
  }

  private void shrink() {
    ring = new @Nullable QueuedMessage[SMALLEST];
    first = 0;
    size = 0;
  }

  private int place(int number) {
    return (first + number) & (ring.length - 1);
  }

  private void grow() {
    var larger = new @Nullable QueuedMessage[ring.length * 2];
    int untilEnd = ring.length - first;
    System.arraycopy(ring, first, larger, 0, untilEnd);
    System.arraycopy(ring, 0, larger, untilEnd, first);
    ring = larger;
    first = 0;
  }
}
