package io.carrick.engine.queue;

import io.carrick.BrokerException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import java.util.function.LongSupplier;

/**
 * The store's note that a queue was consumed in this run: what comes back after a crash is flagged
 * as redelivered then. Confined to the queue's loop.
 */
final class ConsumedNote {

  private static final long NOT_YET = -1;

  private final LoopContext home;
  private final LongSupplier store;
  private long sequence = NOT_YET;

  /**
   * Makes a note that is not stored yet.
   *
   * @param store stores it and returns the store's sequence
   */
  ConsumedNote(LoopContext home, LongSupplier store) {
    this.home = home;
    this.store = store;
  }

  /**
   * Goes on once the store has the note. A store that has failed or is full holds nobody up: a full
   * one gets the note when there is room, which consumers make.
   */
  void whenStored(Runnable then) {
    if (sequence == NOT_YET && !home.storeFailed()) {
      sequence = store.getAsLong();
    }
    if (!home.storeTakes()) {
      then.run();
      return;
    }
    home.whenDurable(
        sequence,
        new Completion<>() {
          @Override
          public void completed(Done done) {
            then.run();
          }

          @Override
          public void failed(BrokerException storeFailed) {
            then.run();
          }
        });
  }
}
