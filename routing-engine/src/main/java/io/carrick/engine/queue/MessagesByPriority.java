package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.storage.Appender;
import io.carrick.storage.QueueLog;
import java.util.BitSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits in a queue that has priorities: for each that was ever used the messages of it in
 * queue order, with a log of their own; the highest priority is first, except that the lowest may
 * have its share. Confined to the queue's loop.
 */
final class MessagesByPriority extends ReadyMessages {

  private final Queue queue;
  private final Priorities priorities;

  /** By priority. */
  private final @Nullable Level[] levels;

  /** Where something may be ready: others need not be asked. */
  private final BitSet filled;

  /** How many were taken since the last of the lowest, as far as that matters. */
  private int inARow;

  MessagesByPriority(Queue queue, Priorities priorities) {
    super(queue);
    this.queue = queue;
    this.priorities = priorities;
    this.levels = new @Nullable Level[priorities.highest() + 1];
    this.filled = new BitSet(levels.length);
  }

  /** The messages of one priority. They share places, and the room in memory, with the others. */
  private final class Level extends ReadyMessages {

    private final int priority;

    Level(int priority) {
      super(queue);
      this.priority = priority;
    }

    @Override
    long nextPosition() {
      return MessagesByPriority.this.nextPosition();
    }

    @Override
    QueueLog openLog() {
      return queue.openLog(priority);
    }

    @Override
    int windowMessages() {
      int all = super.windowMessages();
      return all == 0 ? 0 : Math.max(1, all / levels.length);
    }

    @Override
    long windowBytes() {
      return super.windowBytes() / levels.length;
    }
  }

  private Level level(int priority) {
    Level level = levels[priority];
    if (level == null) {
      level = new Level(priority);
      levels[priority] = level;
    }
    return level;
  }

  private Level filledBy(Message message) {
    int priority = priorities.of(message);
    filled.set(priority);
    return level(priority);
  }

  /** Returns the one that is next, which is not empty; null if all are. */
  private @Nullable Level first() {
    if (inARow > 0 && inARow == priorities.inARow() && filled.get(0) && !level(0).isEmpty()) {
      return level(0);
    }
    for (int p = filled.length() - 1; p >= 0; p = filled.length() - 1) {
      Level level = level(p);
      if (!level.isEmpty()) {
        return level;
      }
      filled.clear(p);
    }
    return null;
  }

  @Override
  void forEachLevel(Consumer<ReadyMessages> each) {
    for (int p = filled.length() - 1; p >= 0; p = filled.previousSetBit(p - 1)) {
      each.accept(level(p));
    }
  }

  @Override
  void restore(QueueLog lowest) {
    for (int p = 0; p < levels.length; p++) {
      QueueLog log = p == 0 ? lowest : queue.openLog(p);
      if (p == 0 || log.size() > 0) {
        level(p).restore(log);
        filled.set(p, log.size() > 0);
      } // else it is asked for again when it is needed: most priorities are never used
    }
  }

  @Override
  long size() {
    long size = 0;
    for (int p = filled.nextSetBit(0); p >= 0; p = filled.nextSetBit(p + 1)) {
      size += level(p).size();
    }
    return size;
  }

  @Override
  long bytes() {
    long bytes = 0;
    for (int p = filled.nextSetBit(0); p >= 0; p = filled.nextSetBit(p + 1)) {
      bytes += level(p).bytes();
    }
    return bytes;
  }

  @Override
  boolean isEmpty() {
    return first() == null;
  }

  @Override
  boolean hasRequeued() {
    for (int p = filled.nextSetBit(0); p >= 0; p = filled.nextSetBit(p + 1)) {
      if (level(p).hasRequeued()) {
        return true;
      }
    }
    return false;
  }

  @Override
  void add(Message message, long sequence, @Nullable Object tag, @Nullable SharedMessage shared) {
    filledBy(message).add(message, sequence, tag, shared);
  }

  @Override
  void requeue(QueuedMessage m) {
    filledBy(m.message).requeue(m);
  }

  @Override
  @Nullable QueuedMessage poll() {
    Level first = first();
    QueuedMessage m = first == null ? null : first.poll();
    if (m != null) {
      inARow = first == levels[0] ? 0 : Math.min(inARow + 1, priorities.inARow());
    }
    return m;
  }

  @Override
  @Nullable QueuedMessage peek() {
    Level first = first();
    return first == null ? null : first.peek();
  }

  @Override
  boolean nextWasSent() {
    Level first = first();
    return first != null && first.nextWasSent();
  }

  @Override
  @Nullable QueuedMessage peekUnsent() {
    if (queue.admission() == null) {
      return peek();
    }
    Level unsent = firstUnsent();
    return unsent == null ? null : unsent.peekUnsent();
  }

  @Override
  @Nullable QueuedMessage pollUnsent() {
    if (queue.admission() == null) {
      return poll();
    }
    Level unsent = firstUnsent();
    return unsent == null ? null : unsent.pollUnsent();
  }

  /** Returns the highest that has something in memory that may be given up; null if none has. */
  private @Nullable Level firstUnsent() {
    for (int p = filled.length() - 1; p >= 0; p = filled.previousSetBit(p - 1)) {
      if (level(p).peekUnsent() != null) {
        return level(p);
      }
    }
    return null;
  }

  @Override
  void forEachInMemory(Consumer<QueuedMessage> each) {
    forEachLevel(level -> level.forEachInMemory(each));
  }

  @Override
  void clear(Consumer<QueuedMessage> gone, Appender appender) {
    forEachLevel(level -> level.clear(gone, appender));
    filled.clear();
  }
}
