package io.carrick.engine.queue;

import io.carrick.BrokerException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;

/**
 * The store's note that a queue was consumed in this run: what comes back after a crash is flagged
 * as redelivered then. Immutable.
 *
 * @param sequence the store's, 0 if nothing was stored
 */
record ConsumedNote(long sequence) {

  /** Goes on once the store has the note; a store that has failed holds nobody up. */
  void whenStored(LoopContext home, Runnable then) {
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
