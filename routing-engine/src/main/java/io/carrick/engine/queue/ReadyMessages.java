package io.carrick.engine.queue;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.storage.Appender;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoredMessage;
import java.util.ArrayDeque;
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

  /** Most queues never have any. */
  private NavigableMap<Long, QueuedMessage> requeued = Collections.emptyNavigableMap();

  private final ArrayDeque<QueuedMessage> window = new ArrayDeque<>(1);
  private final QueueLog log;
  private final Reading owner;
  private final int windowMessages;
  private final long windowBytes;
  private long lastPosition;
  private long bytesInWindow;
  private long bytesRequeued;
  private boolean reading;

  /** Whose messages these are. Called in the queue's loop. */
  interface Reading {

    /** Messages were read back, and not because the queue itself was asking. */
    void arrived();

    /** Makes of a message that was read what it was when it left. */
    QueuedMessage restored(long position, StoredMessage message);
  }

  /** Makes what is ready in a queue: all that its log holds. */
  ReadyMessages(QueueLog log, Limits limits, Reading owner) {
    this.log = log;
    this.owner = owner;
    this.windowMessages = limits.count(Limit.QUEUE_WINDOW_MESSAGES);
    this.windowBytes = limits.value(Limit.QUEUE_WINDOW_BYTES);
  }

  /** Returns the place of the next message that comes into memory. */
  long nextPosition() {
    return ++lastPosition;
  }

  long size() {
    return requeued.size() + window.size() + log.size();
  }

  boolean isEmpty() {
    return window.isEmpty() && requeued.isEmpty() && log.size() == 0;
  }

  long bytes() {
    return bytesRequeued + bytesInWindow + log.bytes();
  }

  void add(Message message, long sequence, @Nullable Object tag) {
    // What follows a message outside the window must stay behind it.
    if (log.size() > 0
        || reading
        || window.size() >= windowMessages
        || bytesInWindow >= windowBytes) {
      log.add(new StoredMessage(sequence, message, tag));
    } else {
      addToWindow(new QueuedMessage(nextPosition(), sequence, message, tag));
    }
  }

  private void addToWindow(QueuedMessage m) {
    window.addLast(m);
    bytesInWindow += m.bytes();
  }

  void requeue(QueuedMessage m) {
    if (requeued.isEmpty()) {
      requeued = new TreeMap<>();
    }
    requeued.put(m.position, m);
    bytesRequeued += m.bytes();
  }

  /** Takes the next message, or null if none is in memory; then a read may be under way. */
  @Nullable QueuedMessage poll() {
    if (!requeued.isEmpty()) {
      QueuedMessage m = requeued.pollFirstEntry().getValue();
      bytesRequeued -= m.bytes();
      return m;
    }
    QueuedMessage m = window.pollFirst();
    if (m == null) {
      readAhead();
      m = window.pollFirst();
    }
    if (m != null) {
      bytesInWindow -= m.bytes();
      if (window.size() < windowMessages / 2 && bytesInWindow < windowBytes / 2) {
        readAhead();
      }
    }
    return m;
  }

  /** Shows the next message, or null if none is in memory. */
  @Nullable QueuedMessage peek() {
    return requeued.isEmpty() ? window.peekFirst() : requeued.firstEntry().getValue();
  }

  private void readAhead() {
    if (reading || log.size() == 0) {
      return;
    }
    reading = true;
    log.readNext(windowMessages - window.size(), windowBytes - bytesInWindow, this::wasRead);
  }

  private void wasRead(List<StoredMessage> messages) {
    reading = false;
    boolean waitedFor = window.isEmpty();
    for (StoredMessage s : messages) {
      addToWindow(owner.restored(nextPosition(), s));
    }
    if (waitedFor) {
      owner.arrived();
    }
  }

  /** Shows what is in memory. */
  void forEachInMemory(Consumer<QueuedMessage> each) {
    requeued.values().forEach(each);
    window.forEach(each);
  }

  /** Removes everything and shows what was in memory; the log settles the rest itself. */
  void clear(Consumer<QueuedMessage> gone, Appender appender) {
    forEachInMemory(gone);
    requeued = Collections.emptyNavigableMap();
    window.clear();
    bytesRequeued = 0;
    bytesInWindow = 0;
    log.clear(appender);
    reading = false;
  }
}
