package io.carrick.engine.queue;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoredMessage;
import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits in a queue, in queue order: first what was requeued, then a bounded window in memory,
 * then what only the store's log holds. Confined to the queue's loop.
 */
final class ReadyMessages {

  private final TreeMap<Long, QueuedMessage> requeued = new TreeMap<>();
  private final ArrayDeque<QueuedMessage> window = new ArrayDeque<>();
  private final QueueLog log;
  private final Runnable arrived;
  private final int windowMessages;
  private final long windowBytes;
  private long bytesInWindow;
  private long bytesRequeued;
  private boolean reading;

  /**
   * Makes an empty queue's.
   *
   * @param arrived runs after messages were read back, unless the queue itself was asking
   */
  ReadyMessages(QueueLog log, Limits limits, Runnable arrived) {
    this.log = log;
    this.arrived = arrived;
    this.windowMessages = limits.count(Limit.QUEUE_WINDOW_MESSAGES);
    this.windowBytes = limits.value(Limit.QUEUE_WINDOW_BYTES);
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

  void add(QueuedMessage m) {
    // What follows a message outside the window must stay behind it.
    if (log.size() > 0
        || reading
        || window.size() >= windowMessages
        || bytesInWindow >= windowBytes) {
      log.add(new StoredMessage(m.position, m.sequence, m.message, m.tag));
    } else {
      window.addLast(m);
      bytesInWindow += m.bytes();
    }
  }

  void requeue(QueuedMessage m) {
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
      var m = new QueuedMessage(s.position(), s.sequence(), s.message(), s.tag());
      window.addLast(m);
      bytesInWindow += m.bytes();
    }
    if (waitedFor) {
      arrived.run();
    }
  }

  /** Removes everything and shows it first. */
  void clear(Consumer<QueuedMessage> gone) {
    requeued.values().forEach(gone);
    requeued.clear();
    window.forEach(gone);
    window.clear();
    bytesRequeued = 0;
    bytesInWindow = 0;
    log.clear(
        all -> {
          for (StoredMessage s : all) {
            gone.accept(new QueuedMessage(s.position(), s.sequence(), s.message(), s.tag()));
          }
        });
  }
}
