package io.carrick.spi;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The loops of one broker. Thread-safe. */
public interface LoopGroup {

  /** Returns all loops, always in the same order. */
  List<Loop> loops();

  /** Returns a loop for a new client, the loops in turn. */
  Loop next();

  /**
   * Waits for a result that loops produce. Where the calling thread itself runs the loops, as in a
   * test with virtual time, it runs them until then.
   *
   * @return the result
   * @throws io.carrick.BrokerException if the future failed with one
   * @throws IllegalStateException if it failed otherwise, the loops have ended or the thread was
   *     interrupted
   */
  <T extends @org.jspecify.annotations.Nullable Object> T await(CompletableFuture<T> result);

  /**
   * Says who is told when a loop meets an error after which its state cannot be trusted: {@link
   * #isFatal}. Called once, before the loops have anything to do. The loop that met it runs nothing
   * more.
   *
   * @param listener called in that loop's thread, with little memory left; it must not block
   */
  void onFailure(Consumer<Throwable> listener);

  /**
   * Returns whether an error is one after which nothing that was being done can be trusted to be
   * whole: the JVM is out of memory, or has failed itself.
   */
  static boolean isFatal(Throwable thrown) {
    return thrown instanceof VirtualMachineError && !(thrown instanceof StackOverflowError);
  }

  /** Ends every loop after what is in the mailboxes has run; blocks until the threads are gone. */
  void close();

  /**
   * Returns how many loops a broker has unless it is told: one for every two processors, at least
   * one. The others are the application's, and a message between clients of one loop costs half the
   * system calls of one that wakes a second loop.
   */
  static int defaultSize() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }

  /** Makes the loops of a broker that starts. */
  @FunctionalInterface
  interface Factory {
    /**
     * Makes running loops.
     *
     * @param threadPrefix how threads are named, {@code carrick-1}
     */
    LoopGroup start(String threadPrefix);
  }
}
