package io.carrick.engine.queue;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.storage.Appender;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoredMessage;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits in a queue, in queue order: first what was requeued, then a bounded window in memory,
 * then what only the store's log holds. Confined to the queue's loop.
 */
final class ReadyMessages {

  private final Queue queue;

  /** Most queues never have any. */
  private NavigableMap<Long, QueuedMessage> requeued = Collections.emptyNavigableMap();

  /** Null until a message has to wait. */
  private @Nullable MessageWindow window;

  /** Null until a message finds no room in the window. */
  private @Nullable QueueLog log;

  private long lastPosition;
  private long bytesInMemory;
  private boolean reading;

  /** Makes what is ready in a new queue: nothing. */
  ReadyMessages(Queue queue) {
    this.queue = queue;
  }

  /** Takes the log of a queue that the store has: all that is in it is ready. */
  void restore(QueueLog earlier) {
    log = earlier;
  }

  /** Returns the place of the next message that comes into memory. */
  long nextPosition() {
    return ++lastPosition;
  }

  long size() {
    return requeued.size() + inWindow() + (log == null ? 0 : log.size());
  }

  boolean isEmpty() {
    return inWindow() == 0 && requeued.isEmpty() && !logged();
  }

  private int inWindow() {
    return window == null ? 0 : window.size();
  }

  private boolean logged() {
    return log != null && log.size() > 0;
  }

  long bytes() {
    return bytesInMemory + (log == null ? 0 : log.bytes());
  }

  void add(Message message, long sequence, @Nullable Object tag) {
    // What follows a message outside the window must stay behind it.
    if (reading || logged() || !hasRoom(1)) {
      if (log == null) {
        log = queue.openLog();
      }
      log.add(new StoredMessage(sequence, message, tag));
    } else {
      addToWindow(new QueuedMessage(nextPosition(), sequence, message, tag));
    }
  }

  /** Returns whether memory holds less than a part of what it may. */
  private boolean hasRoom(int part) {
    Limits limits = queue.limits();
    return inWindow() < limits.count(Limit.QUEUE_WINDOW_MESSAGES) / part
        && bytesInMemory < limits.value(Limit.QUEUE_WINDOW_BYTES) / part;
  }

  private void addToWindow(QueuedMessage m) {
    if (window == null) {
      window = new MessageWindow();
    }
    window.addLast(m);
    bytesInMemory += m.bytes();
  }

  void requeue(QueuedMessage m) {
    if (requeued.isEmpty()) {
      requeued = new TreeMap<>();
    }
    requeued.put(m.position, m);
    bytesInMemory += m.bytes();
  }

  /** Takes the next message, or null if none is in memory; then a read may be under way. */
  @Nullable QueuedMessage poll() {
    if (!requeued.isEmpty()) {
      QueuedMessage m = requeued.pollFirstEntry().getValue();
      bytesInMemory -= m.bytes();
      return m;
    }
    if (inWindow() == 0) {
      readAhead();
    }
    QueuedMessage m = window == null ? null : window.pollFirst();
    if (m != null) {
      bytesInMemory -= m.bytes();
      if (logged() && hasRoom(2)) {
        readAhead();
      }
    }
    return m;
  }

  /** Shows the next message, or null if none is in memory. */
  @Nullable QueuedMessage peek() {
    if (!requeued.isEmpty()) {
      return requeued.firstEntry().getValue();
    }
    return window == null ? null : window.peekFirst();
  }

  private void readAhead() {
    if (log == null || log.size() == 0 || reading) {
      return;
    }
    reading = true;
    Limits limits = queue.limits();
    log.readNext(
        limits.count(Limit.QUEUE_WINDOW_MESSAGES) - inWindow(),
        limits.value(Limit.QUEUE_WINDOW_BYTES) - bytesInMemory,
        this::wasRead);
  }

  private void wasRead(List<StoredMessage> messages) {
    reading = false;
    boolean waitedFor = inWindow() == 0;
    for (StoredMessage s : messages) {
      addToWindow(queue.restored(nextPosition(), s));
    }
    if (waitedFor) {
      queue.arrived();
    }
  }

  /** Shows what is in memory. */
  void forEachInMemory(Consumer<QueuedMessage> each) {
    requeued.values().forEach(each);
    if (window != null) {
      window.forEach(each);
    }
  }

  /** Removes everything and shows what was in memory; the log settles the rest itself. */
  void clear(Consumer<QueuedMessage> gone, Appender appender) {
    forEachInMemory(gone);
    requeued = Collections.emptyNavigableMap();
    window = null;
    bytesInMemory = 0;
    if (log != null) {
      log.clear(appender);
    }
    reading = false;
  }
}
