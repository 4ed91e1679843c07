package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.Rejection;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;

/**
 * A consumer as its client holds it: what the client says about it goes here. Called in the queue's
 * loop, except {@link #queue}.
 */
public interface Feed {

  /** Returns the queue that is consumed. Callable from any thread. */
  Queue queue();

  /** Settles one of its deliveries; an id that is not unsettled is passed over. */
  void settle(long deliveryId, Settlement how);

  /** Gives one of its deliveries up, and has said why; who keeps what is given up may not care. */
  default void reject(long deliveryId, Rejection said) {
    settle(deliveryId, Settlement.REJECT);
  }

  /**
   * Returns the store's sequence of a delivery, 0 if the store need not hear that it is settled.
   * Callable from any thread.
   */
  long stored(long deliveryId);

  /** Returns whether a delivery is unsettled still. */
  boolean holds(long deliveryId);

  /** Accepts one of its deliveries, of which the store has heard already. */
  void acceptStored(long deliveryId);

  /** Stops deliveries; what is not settled stays with it. */
  void cancel();

  /** Ends it, and what is not settled is not its any more. */
  void detach();

  /** The peer takes bytes, or does not. */
  void writable(boolean now);

  /** Changes how many deliveries may be unsettled. */
  void prefetch(int deliveries);

  /** Lets a window bound it too from now on, and tells the window what it has. */
  void drawOn(SharedWindow window);

  /** Puts a message in its queue past the admission. */
  void offer(Message message, @Nullable Object tag);
}
