package io.carrick.storage;

import java.util.List;

/**
 * The messages of one queue that do not fit its window in memory, in queue order: a cursor. After
 * the start of a broker that is all that the store holds for the queue. The queue adds at the end
 * and reads from the front, both in its own loop.
 */
public interface QueueLog {

  /** Adds a message behind all others. */
  void add(StoredMessage message);

  /**
   * Reads the next messages and forgets them here: they are the caller's now. Only one read is
   * under way at a time; until the reader has them, they count in {@link #size()} and {@link
   * #bytes()}.
   *
   * @param maxMessages how many at most
   * @param maxBytes payload bytes after which to stop; at least one message is read
   * @param reader gets them in the queue's loop, perhaps before this returns
   */
  void readNext(int maxMessages, long maxBytes, Reader reader);

  /** Returns how many messages wait here. */
  long size();

  /** Returns their payload bytes. */
  long bytes();

  /**
   * Settles and forgets all messages here, without holding them in memory. A read that is under way
   * brings nothing.
   *
   * @param appender of the queue's loop
   * @return how many there were
   */
  long clear(Appender appender);

  /** Takes messages that were read. */
  @FunctionalInterface
  interface Reader {
    /** Takes them in queue order. */
    void read(List<StoredMessage> messages);
  }
}
