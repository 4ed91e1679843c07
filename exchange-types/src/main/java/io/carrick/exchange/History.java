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

  /** Beyond, the oldest are forgotten, but never the latest. */
  static final long MOST_BYTES = 16 << 20;

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
   * @param length how many messages it shows, of {@link #MOST_BYTES} at most; it holds twice as
   *     many or twice those bytes at most, and a few for each thread
   */
  History(int length) {
    this.length = length;
  }

  /** Returns the last messages up to one, the oldest first. */
  List<Message> before(Entry latest) {
    var messages = new ArrayList<Message>();
    long bytes = 0;
    Entry e = latest;
    for (int i = 0; i < length && e != null && e.message != null; i++, e = e.earlier) {
      bytes += e.bytes();
      if (i > 0 && bytes > MOST_BYTES) {
        break;
      }
      messages.add(e.message);
    }
    Collections.reverse(messages);
    return messages;
  }

  /** An entry has become the latest. */
  void added(Entry latest) {
    boolean tooMuch = heldBytes.addAndGet(latest.bytes()) > 2 * MOST_BYTES;
    if ((tooMuch || latest.number % length == 0) && cutting.compareAndSet(false, true)) {
      try {
        cut(latest);
      } finally {
        cutting.set(false);
      }
    }
  }

  private void cut(Entry latest) {
    Entry oldest = latest;
    long bytes = latest.bytes();
    for (int i = 1; i < length; i++) {
      Entry before = oldest.earlier;
      if (before == null) {
        return;
      }
      bytes += before.bytes();
      if (bytes > MOST_BYTES) {
        break;
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
