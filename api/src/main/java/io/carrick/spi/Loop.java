package io.carrick.spi;

/**
 * One thread with a mailbox and two clocks. What belongs to a loop is touched by its thread alone.
 *
 * <p>A turn is: read what is ready, run the mailbox and due timers, go on with what {@linkplain
 * #continueLater was left over}, then {@linkplain #atTurnEnd what was asked for the end}, then
 * flush. Nothing that runs here may block, and nothing may keep a turn for long: what has no bound
 * looks at {@link #workedEnough}.
 */
public interface Loop {

  /** Returns whether the calling thread is this loop's. */
  boolean inLoop();

  /**
   * Puts a task in the mailbox, in order per calling thread. Thread-safe.
   *
   * @throws java.util.concurrent.RejectedExecutionException after the loop has ended
   */
  void execute(Runnable task);

  /**
   * Runs a task at the end of this turn, after everything that was read and before output is
   * flushed; tasks added meanwhile run in the same turn. Called in the loop. Pass the same object
   * again rather than a new lambda for each message.
   */
  void atTurnEnd(Runnable task);

  /**
   * Says that this turn has done that much: one for each message delivered or dropped, and what
   * costs as much. Called in the loop, and cheap enough for each message.
   */
  default void worked(int amount) {}

  /**
   * Returns whether this turn has done its share. Whoever could do more leaves it to {@link
   * #continueLater}, so that nobody waits long for what others have to do. Called in the loop.
   */
  default boolean workedEnough() {
    return false;
  }

  /**
   * Goes on with something that has no bound. Such tasks take turns: each does a part, of a few
   * hundred messages at most, and asks again for the rest. Called in the loop.
   */
  default void continueLater(Runnable task) {
    execute(task);
  }

  /** Returns the monotonic clock, in nanoseconds of no particular origin: for intervals. */
  long nanoTime();

  /** Returns wall time in milliseconds since 1970: for what is stored. */
  long wallTimeMs();

  /**
   * Runs a task in this loop after a delay by the monotonic clock. Thread-safe.
   *
   * @param delayMs in milliseconds; 0 or less means the next turn
   */
  Timer schedule(long delayMs, Runnable task);

  /** A task that waits for its time. Thread-safe. */
  interface Timer {
    /** Prevents the task if it has not started; cancelling twice is harmless. */
    void cancel();
  }
}
