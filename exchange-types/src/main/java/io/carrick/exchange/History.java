package io.carrick.exchange;

import io.carrick.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The last messages, as a chain from the latest back. Whoever adds to it keeps the latest; what is
 * behind the bound is cut off now and then. Thread-safe, without a lock.
 */
final class History {

  /** The latest of nothing. */
  static final Entry NOTHING = new Entry(null, null);

  private final int length;
  private final AtomicLong heldBytes = new AtomicLong();
  private final AtomicBoolean cutting = new AtomicBoolean();

  /** One message, and those before it until they are cut off. */
  static final class Entry {

    private final @Nullable Message message;
    private final long number;
    private volatile @Nullable Entry earlier;

    Entry(@Nullable Message message, @Nullable Entry earlier) {
      this.message = message;
      this.number = earlier == null ? 0 : earlier.number + 1;
      this.earlier = earlier;
    }

    private long bytes() {
      return message == null ? 0 : message.memoryBytes();
    }
  }

  /**
   * Makes a history.
   *
   * @param length how many messages it shows; it holds twice as many at most, and a few for each
   *     thread
   */
  History(int length) {
    this.length = length;
  }

  /** Returns the last messages up to one, the oldest first. */
  List<Message> before(Entry latest) {
    var messages = new ArrayList<Message>();
    Entry e = latest;
    for (int i = 0; i < length && e != null && e.message != null; i++, e = e.earlier) {
      messages.add(e.message);
    }
    Collections.reverse(messages);
    return messages;
  }

  /** An entry has become the latest. */
  void added(Entry latest) {
    heldBytes.addAndGet(latest.bytes());
    if (latest.number % length == 0 && cutting.compareAndSet(false, true)) {
      try {
        cut(latest);
      } finally {
        cutting.set(false);
      }
    }
  }

  private void cut(Entry latest) {
    Entry oldest = latest;
    for (int i = 1; i < length; i++) {
      Entry before = oldest.earlier;
      if (before == null) {
        return;
      }
      oldest = before;
    }
    Entry gone = oldest.earlier;
    oldest.earlier = null;
    for (Entry e = gone; e != null; e = e.earlier) {
      heldBytes.addAndGet(-e.bytes());
    }
  }

  /** Returns about how many bytes of memory the messages hold. */
  long heldBytes() {
    return heldBytes.get();
  }
}
