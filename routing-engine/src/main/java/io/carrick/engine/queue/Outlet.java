package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.DeliverySink.End;
import org.jspecify.annotations.Nullable;

/** The far side of a consumer: where deliveries leave the engine. Called in its own loop. */
public interface Outlet {

  /** Returns the loop that it is confined to. Callable from any thread. */
  LoopContext home();

  /** Takes a delivery, as {@link io.carrick.spi.DeliverySink#deliver} does. */
  void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered);

  /** The consumer has ended; nothing comes after it and nothing is to be settled after it. */
  void ended(End why);

  /** The consumer has not settled a delivery within so long, and has ended by that. */
  default void overdue(long timeoutMs) {
    ended(End.TIMED_OUT);
  }

  /** The consumer was cancelled and everything that it got is settled: nothing comes after it. */
  void finished();

  /** Returns the connection's id, for people. Callable from any thread. */
  String connectionId();

  /** Returns by which of the connection's channels. Callable from any thread. */
  default int channel() {
    return 0;
  }
}
