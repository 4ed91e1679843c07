package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.spi.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NettyLoopTest {

  @Test
  void aTurnRunsTheMailboxThenTimersThenWhatWasAskedForTheEnd() {
    var time = VirtualTime.inThisThread(1);
    try (var context = new TestContext(time.loops())) {
      Loop loop = context.loops().next();
      List<String> order = new ArrayList<>();
      loop.execute(
          () -> {
            loop.schedule(0, () -> order.add("timer"));
            loop.atTurnEnd(
                () -> {
                  order.add("end");
                  loop.execute(() -> order.add("mailbox"));
                  loop.atTurnEnd(() -> order.add("end of the end"));
                });
            loop.execute(() -> order.add("next task"));
            order.add("task");
          });
      time.settle();
      assertThat(order)
          .containsExactly("task", "next task", "end", "end of the end", "mailbox", "timer");
    }
  }

  @Test
  void onlyATurnOfItsOwnIsInTheLoop() {
    var time = VirtualTime.inThisThread(2);
    try (var context = new TestContext(time.loops())) {
      Loop one = context.loops().loops().get(0);
      Loop other = context.loops().loops().get(1);
      List<Boolean> inLoop = new ArrayList<>();
      one.execute(() -> inLoop.addAll(List.of(one.inLoop(), other.inLoop())));
      time.settle();
      assertThat(inLoop).containsExactly(true, false);
      assertThat(one.inLoop()).isFalse();
    }
  }

  @Test
  void tasksFromOtherThreadsWakeTheLoopAndNoneIsLost() throws InterruptedException {
    try (var context = new TestContext(NettyLoops.factory())) {
      Loop loop = context.loops().next();
      int each = 20_000;
      var sums = new AtomicLong();
      var done = new CountDownLatch(3 * each);
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        var thread =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    loop.execute(
                        () -> {
                          sums.incrementAndGet();
                          done.countDown();
                        });
                    if (i % 100 == 0) { // lets the loop fall asleep now and then
                      var answer = new CompletableFuture<Void>();
                      loop.execute(() -> answer.complete(null));
                      answer.join();
                    }
                  }
                });
        threads.add(thread);
        thread.start();
      }
      assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(sums).hasValue(3L * each);
    }
  }

  @Test
  void aSleepingLoopAnswersEveryTime() {
    try (var context = new TestContext(NettyLoops.factory())) {
      Loop loop = context.loops().next();
      for (int i = 0; i < 2_000; i++) {
        var answer = new CompletableFuture<Integer>();
        int number = i;
        loop.execute(() -> answer.complete(number));
        assertThat(context.loops().await(answer)).isEqualTo(i);
      }
    }
  }

  @Test
  void timersRunInRealTimeToo() {
    try (var context = new TestContext(NettyLoops.factory())) {
      Loop loop = context.loops().next();
      var late = new CompletableFuture<Long>();
      long start = loop.nanoTime();
      loop.schedule(30, () -> late.complete(loop.nanoTime() - start));
      loop.schedule(60_000, () -> {});
      assertThat(context.loops().await(late)).isBetween(30_000_000L, 5_000_000_000L);
    }
  }

  @Test
  void aTaskThatFailsHarmsNoOther() {
    var time = VirtualTime.inThisThread(1);
    try (var context = new TestContext(time.loops())) {
      Loop loop = context.loops().next();
      var ran = new CompletableFuture<Void>();
      loop.execute(
          () -> {
            throw new IllegalArgumentException("on purpose");
          });
      loop.execute(() -> ran.complete(null));
      time.settle();
      assertThat(ran).isCompleted();
    }
  }

  @Test
  void whatIsInTheMailboxRunsBeforeTheEndAndNothingIsTakenAfterIt() {
    var context = new TestContext(NettyLoops.factory());
    Loop loop = context.loops().next();
    var ran = new AtomicLong();
    for (int i = 0; i < 10_000; i++) {
      loop.execute(ran::incrementAndGet);
    }
    context.close();
    assertThat(ran).hasValue(10_000);
    assertThatThrownBy(() -> loop.execute(ran::incrementAndGet))
        .isInstanceOf(RejectedExecutionException.class);
  }
}
