package io.carrick.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A loop that is a plain thread. */
class ThreadLoopTest {

  @Test
  void aLoopRunsWhatItHasTakenAndRefusesTheRest() throws Exception {
    for (int round = 0; round < 300; round++) {
      ThreadLoop loop = ThreadLoop.start("test");
      var ran = new AtomicInteger();
      CompletableFuture<Integer> taken =
          CompletableFuture.supplyAsync(
              () -> {
                for (int count = 0; ; count++) {
                  try {
                    loop.execute(ran::incrementAndGet);
                  } catch (RejectedExecutionException ended) {
                    return count;
                  }
                }
              });
      while (ran.get() < 10) {
        Thread.onSpinWait();
      }

      loop.end();
      loop.join();

      assertThat(taken.get(10, TimeUnit.SECONDS)).isEqualTo(ran.get());
    }
  }
}
