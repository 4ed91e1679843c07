package io.carrick;

/** A started consumer. Thread-safe. */
public interface Subscription extends AutoCloseable {

  /** Returns the queue that is consumed, which for a topic source the broker has named. */
  String queue();

  /** Returns whether deliveries may still come: not after close, nor after the queue's deletion. */
  boolean active();

  /** Stops consuming; unsettled deliveries go back to the queue. Closing twice is harmless. */
  @Override
  void close();
}
