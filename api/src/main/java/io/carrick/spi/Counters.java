package io.carrick.spi;

/** The counters of one broker. Thread-safe. */
public interface Counters {

  /**
   * Returns the counter of that name, made on first use; keep it rather than asking again.
   *
   * @param name a dotted noun, {@code packets.malformed{protocol=mqtt}}
   */
  Counter counter(String name);

  /** Returns the counter of messages dropped for a reason, such as {@code slow-consumer}. */
  default Counter dropped(String reason) {
    return counter("messages.dropped{reason=" + reason + "}");
  }

  /** A number that grows, or for a gauge also shrinks. Thread-safe and cheap. */
  interface Counter {
    /** Adds one. */
    default void add() {
      add(1);
    }

    /** Adds that many. */
    void add(long amount);
  }
}
