package io.carrick.storage;

import java.util.List;

/**
 * The messages of one queue that do not fit its window in memory, in queue order: a cursor. The
 * queue adds at the end and reads from the front, both in its own loop.
 */
public interface QueueLog {

  /** Adds a message behind all others; positions rise. */
  void add(StoredMessage message);

  /**
   * Reads the next messages and forgets them here: they are the caller's now. Only one read is
   * under way at a time.
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

  /** Forgets all messages here, whose settling is the caller's, and shows them first. */
  void clear(Reader reader);

  /** Takes messages that were read. */
  @FunctionalInterface
  interface Reader {
    /** Takes them in queue order. */
    void read(List<StoredMessage> messages);
  }
}
