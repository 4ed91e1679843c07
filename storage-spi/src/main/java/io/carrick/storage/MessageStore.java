package io.carrick.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;

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

  /**
   * Returns whether anything outlives the process. If not, nobody needs to describe anything to
   * this store: it takes records whose content is of no interest.
   */
  boolean outlivesProcess();

  /** Returns a new appender, for one loop. */
  Appender appender();

  /**
   * Returns the log of one queue, for the queue's loop; asked once for each queue, once more if
   * that log was empty and nothing was ever done with it, and once more after each purge where
   * nothing outlives the process.
   *
   * @param queueId as in {@link Appender#append}
   * @param loop runs tasks in the queue's loop
   */
  QueueLog queueLog(long queueId, Executor loop);

  /**
   * Returns the log of one stream, for the stream's loop; asked once for each stream, instead of
   * {@link #queueLog}.
   *
   * @param queueId as in {@link Appender#append}
   * @param loop runs tasks in the stream's loop
   */
  StreamLog streamLog(long queueId, Executor loop);

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

  /** Returns what the store can do now. */
  State state();

  /** Returns why nothing becomes durable any more; empty while the store has not failed. */
  Optional<Throwable> failure();

  /** Runs {@code wake} once the store has failed, as {@link #wakeWhenDurable} does. */
  void wakeWhenFailed(Runnable wake);

  /**
   * Returns whether more is under way than the store likes to hold in memory: whoever can pause a
   * publisher does, until {@link #wakeWhenRelieved}. What is added nevertheless is taken.
   */
  boolean congested();

  /**
   * Runs {@code wake} once the store is not {@linkplain #congested() congested}, as {@link
   * #wakeWhenDurable} does.
   */
  void wakeWhenRelieved(Runnable wake);

  /**
   * Returns the bytes that the store holds in memory because they are not yet where they are to be.
   * From any thread, at the cost of reading a field.
   */
  long waitingBytes();

  /**
   * Returns how many bytes there is still room for where the store is, as it was a moment ago (a
   * second at most, unless the store is busy); {@link Long#MAX_VALUE} if nothing but memory bounds
   * it. From any thread, at the cost of reading a field.
   */
  long freeBytes();

  /** Returns how large the store is; from any thread. */
  StoreSizes sizes();

  /**
   * Copies the store, as it is at some moment during the call, while it goes on working. Blocks;
   * not called in a loop.
   *
   * @param directory a new or empty directory; a store can be opened in it
   * @throws IOException when that fails, with a message fit for a user
   */
  void snapshot(Path directory) throws IOException;

  /** Makes what was submitted durable, then lets go of every resource. */
  @Override
  void close() throws IOException;

  /** Returns a store that lives and dies with the process. */
  static Factory inMemory() {
    return context -> new InMemoryStore();
  }

  /** Opens the store of a broker that starts. */
  @FunctionalInterface
  interface Factory {
    /**
     * Opens the store.
     *
     * @param context what the broker lends to it
     * @throws IOException with a message fit for a user
     */
    MessageStore open(StoreContext context) throws IOException;
  }

  /** What a store can do. */
  enum State {
    /** It takes everything. */
    OPEN,
    /**
     * There is no room. What was submitted waits until there is; who can refuse to add more does.
     * What makes room, such as settling, is taken. It may be open again later.
     */
    FULL,
    /** Nothing more becomes durable, and nothing is to be confirmed. */
    FAILED
  }

  /** Takes what a store held, definitions first. */
  interface Recovery {

    /** A definition that was put and not deleted. */
    void definition(String table, String key, byte[] record);

    /** A queue that holds messages, which its {@link QueueLog} or {@link StreamLog} will give. */
    void queue(long queueId, long messages);
  }
}
