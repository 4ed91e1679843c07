package io.carrick.engine.queue;

import io.carrick.Limit;
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
class ReadyMessages {

  /** What is read back comes in one go. */
  private static final int READ_IN_A_TURN = 4_096;

  /** A queue that may hold nothing in memory still reads so much at a time for its consumers. */
  private static final int LEAST_READ_MESSAGES = 64;

  private static final long LEAST_READ_BYTES = 128 << 10;

  private static final int FORGOTTEN_IN_A_TURN = 1_024;

  /** Squeezed so often, a queue holds nothing in memory but for its consumers. */
  private static final int NOTHING_LEFT_STEPS = 4;

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

  /** Whether more of what is beyond the bound goes in a later turn. */
  private boolean shortensLater;

  /** Whether the queue is asking right now, and sees itself what it gets at once. */
  private boolean asking;

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

  /** Shows what is ready in parts, each in its own order: there is one, if not by priority. */
  void forEachLevel(Consumer<ReadyMessages> each) {
    each.accept(this);
  }

  boolean isEmpty() {
    return inWindow() == 0 && requeued.isEmpty() && !logged();
  }

  /** Returns whether anything was delivered and has come back. */
  boolean hasRequeued() {
    return !requeued.isEmpty();
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

  void add(Message message, long sequence, @Nullable Object tag, @Nullable SharedMessage shared) {
    // What follows a message outside the window must stay behind it.
    if (reading || logged() || !hasRoom(1)) {
      addToLog(message, sequence, tag, shared);
    } else {
      var m = new QueuedMessage(nextPosition(), sequence, message, tag, shared);
      addToWindow(m.noted(queue.held()));
    }
  }

  private void addToLog(
      Message message, long sequence, @Nullable Object tag, @Nullable SharedMessage shared) {
    if (log == null) {
      log = openLog();
    }
    if (queue.logInMemory()) {
      LoggedMessage.came(message, shared, queue.held());
      log.add(new StoredMessage(sequence, message, tag, shared));
    } else {
      log.add(new StoredMessage(sequence, message, tag));
      if (shared != null) {
        shared.letGo(queue.held());
      }
    }
  }

  /** Returns whether memory holds less than a part of what it may. */
  private boolean hasRoom(int part) {
    return inWindow() < windowMessages() / part && bytesInMemory < windowBytes() / part;
  }

  QueueLog openLog() {
    return queue.openLog(0);
  }

  int windowMessages() {
    return queue.limits().count(Limit.QUEUE_WINDOW_MESSAGES) >> squeezedBits();
  }

  long windowBytes() {
    return queue.limits().value(Limit.QUEUE_WINDOW_BYTES) >> squeezedBits();
  }

  /** What a log in memory takes would only be there instead of here. */
  private int squeezedBits() {
    int steps = queue.held().squeeze();
    if (steps == 0 || queue.logInMemory()) {
      return 0;
    }
    return steps < NOTHING_LEFT_STEPS ? steps * 2 : Long.SIZE / 2 - 1;
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
    queue.home().loop().worked(1);
    bytesInMemory += m.bytes();
  }

  /** Takes the next message, or null if none is in memory; then a read may be under way. */
  @Nullable QueuedMessage poll() {
    if (requeued.isEmpty() && inWindow() == 0) {
      readAhead();
    }
    if (!requeued.isEmpty()) {
      QueuedMessage m = requeued.pollFirstEntry().getValue();
      bytesInMemory -= m.bytes();
      return m;
    }
    return pollWindow();
  }

  private @Nullable QueuedMessage pollWindow() {
    if (inWindow() == 0) {
      readAhead();
    }
    QueuedMessage m = window == null ? null : window.pollFirst();
    if (m != null) {
      bytesInMemory -= m.bytes();
      if (logged() && queue.consumed() && hasRoom(2)) {
        readAhead();
      }
    }
    return m;
  }

  /** Shows the next message, or null if none is in memory; then a read may be under way. */
  @Nullable QueuedMessage peek() {
    if (requeued.isEmpty() && inWindow() == 0) {
      readAhead();
    }
    if (!requeued.isEmpty()) {
      return requeued.firstEntry().getValue();
    }
    return window == null ? null : window.peekFirst();
  }

  // ---- given up or not

  /**
   * Returns whether the next message stays in any case: a session's client had it and has not
   * acknowledged it, and gets it again whatever its age and number [MQTT-4.4.0-1].
   */
  boolean nextWasSent() {
    return queue.admission() != null && peek() != null && !requeued.isEmpty();
  }

  /** Shows the next message that may be given up; null if none is in memory. */
  @Nullable QueuedMessage peekUnsent() {
    if (queue.admission() == null) {
      return peek();
    }
    while (inWindow() == 0 && logged() && !reading) {
      readAhead(); // what was sent before does not come into the window
    }
    return window == null ? null : window.peekFirst();
  }

  /** Takes it. */
  @Nullable QueuedMessage pollUnsent() {
    if (queue.admission() == null) {
      return poll();
    }
    return peekUnsent() == null ? null : pollWindow();
  }

  // ---- bounded

  /** Returns whether the oldest has to go. */
  boolean tooMany() {
    LengthLimit limit = queue.settings().length();
    return limit != null && limit.dropsHeadOf(this);
  }

  /** Gives up the oldest of what is beyond the bound: one at least, so that it never grows. */
  void shorten() {
    LengthLimit limit = queue.settings().length();
    while (limit != null && limit.dropsHeadOf(this)) {
      QueuedMessage head = peekUnsent();
      if (head != null && Departure.mustWait(queue, head.message)) {
        return; // The next arrival tries again.
      }
      QueuedMessage oldest = pollUnsent();
      if (oldest == null) {
        return; // It is being read, and this goes on when it has arrived; or all was sent before.
      }
      queue.home().loop().worked(1);
      Departure.discarded(queue, oldest, limit.reason());
      if (queue.home().loop().workedEnough()) {
        shortenLater();
        return;
      }
    }
  }

  private void shortenLater() {
    if (!shortensLater) {
      shortensLater = true;
      queue
          .home()
          .loop()
          .continueLater(
              () -> {
                shortensLater = false;
                shorten();
              });
    }
  }

  // ---- read back

  private void readAhead() {
    if (log == null || log.size() == 0 || reading) {
      return;
    }
    reading = true;
    asking = true;
    readNext(log);
    asking = false;
  }

  private void readNext(QueueLog from) {
    if (!queue.consumed()) {
      // Only to drop its oldest, or for a single get: many queues do so at once.
      from.readNext(LEAST_READ_MESSAGES, LEAST_READ_BYTES, this::wasRead);
      return;
    }
    from.readNext(
        Math.max(LEAST_READ_MESSAGES, Math.min(READ_IN_A_TURN, windowMessages() - inWindow())),
        Math.max(LEAST_READ_BYTES, windowBytes() - bytesInMemory),
        this::wasRead);
  }

  private void wasRead(List<StoredMessage> messages) {
    reading = false;
    boolean waitedFor = inWindow() == 0;
    boolean inMemory = queue.logInMemory();
    queue.home().loop().worked(messages.size());
    for (StoredMessage s : messages) {
      if (inMemory) {
        LoggedMessage.left(s, queue.held());
      }
      cameBack(queue.restored(nextPosition(), s).noted(queue.held()));
    }
    if (waitedFor && !asking) {
      queue.arrived();
    }
  }

  /** A message is in memory that only the log held. */
  private void cameBack(QueuedMessage m) {
    if (queue.consumers().claims(m)) {
      return;
    }
    if (inWindow() == 0 && queue.wasSent(m)) { // else it would go past what is before it
      requeue(m);
    } else {
      addToWindow(m);
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
    queue.home().loop().worked(requeued.size() + inWindow());
    forEachInMemory(gone);
    requeued = Collections.emptyNavigableMap();
    window = null;
    bytesInMemory = 0;
    if (log != null) {
      clearLog(log, appender);
    }
    reading = false;
  }

  private void clearLog(QueueLog cleared, Appender appender) {
    if (queue.logInMemory()) {
      log = null;
      forget(cleared);
    } else {
      cleared.clear(appender);
    }
  }

  /** Lets go what a log in memory had, over many turns if it was much. */
  private void forget(QueueLog cleared) {
    cleared.readNext(FORGOTTEN_IN_A_TURN, Long.MAX_VALUE, this::forget);
    if (cleared.size() > 0) {
      queue.home().loop().continueLater(() -> forget(cleared));
    }
  }

  private void forget(List<StoredMessage> messages) {
    queue.home().loop().worked(messages.size());
    for (StoredMessage s : messages) {
      LoggedMessage.gone(s, queue.held());
    }
  }
}
