package io.carrick.storage;

import java.io.IOException;

/**
 * Keeps messages and definitions. Asynchronous and batch-first: loops fill batches, the store makes
 * them durable in the order of submission and moves one number, {@link #durableSequence()}.
 *
 * <p>Thread-safe, except for what it hands to a loop ({@link Appender}, {@link QueueLog}). "Stored"
 * may mean on this disk, in memory only, or at a majority of a cluster: callers assume nothing but
 * the sequence. Every implementation passes {@code MessageStoreContract}.
 */
public interface MessageStore extends AutoCloseable {

  /**
   * Shows what the store holds. Called first and once, before anything is appended.
   *
   * @throws IOException when the store cannot be read, with a message fit for a user
   */
  void recover(Recovery recovery) throws IOException;

  /** Returns a new appender, for one loop. */
  Appender appender();

  /**
   * Returns the log of one queue, for the queue's loop.
   *
   * @param queueId as in {@link Appender#append}
   */
  QueueLog queueLog(long queueId);

  /**
   * Returns the highest sequence up to which everything is safe. It never falls; in memory it is
   * always the last one given out.
   */
  long durableSequence();

  /**
   * Runs {@code wake} once {@link #durableSequence()} has reached {@code sequence}, or the store
   * has failed: in a thread of the store's, or before returning if it is so already. It must not
   * block: a loop passes a task to its own mailbox.
   */
  void wakeWhenDurable(long sequence, Runnable wake);

  /** Returns whether the store has failed: nothing more becomes durable, nothing is confirmed. */
  boolean failed();

  /** Makes what was submitted durable, then lets go of every resource. */
  @Override
  void close() throws IOException;

  /** Returns a store that lives and dies with the process. */
  static Factory inMemory() {
    return InMemoryStore::new;
  }

  /** Opens the store of a broker that starts. */
  @FunctionalInterface
  interface Factory {
    /**
     * Opens the store.
     *
     * @throws IOException with a message fit for a user
     */
    MessageStore open() throws IOException;
  }

  /** Takes what a store held, definitions before messages. */
  interface Recovery {

    /** A definition that was put and not deleted. */
    void definition(String table, String key, byte[] record);

    /** A message that was appended to a queue and not settled; per queue in order. */
    void message(long queueId, StoredMessage message);
  }
}
