package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.spi.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimerQueueTest {

  private final VirtualTime time = VirtualTime.inThisThread(1);
  private final TestContext context = new TestContext(time.loops());
  private final Loop loop = context.loops().next();

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void timersRunInOrderOfTimeThenOfScheduling() {
    record Due(long delayMs, int number) {}
    var random = new Random(1);
    List<Due> expected = new ArrayList<>();
    List<Due> ran = new ArrayList<>();
    List<Loop.Timer> cancelled = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      var due = new Due(random.nextInt(1, 500), i);
      Loop.Timer timer = loop.schedule(due.delayMs, () -> ran.add(due));
      if (random.nextInt(3) == 0) {
        cancelled.add(timer);
      } else {
        expected.add(due);
      }
    }
    loop.execute(() -> cancelled.forEach(Loop.Timer::cancel));
    time.advance(Duration.ofMillis(500));

    expected.sort(Comparator.comparingLong(Due::delayMs).thenComparingInt(Due::number));
    assertThat(ran).isEqualTo(expected);
  }

  @Test
  void aTimerRunsAtItsTimeAndNotBefore() {
    List<Long> times = new ArrayList<>();
    long start = loop.nanoTime();
    loop.schedule(10, () -> times.add(loop.nanoTime() - start));
    time.advance(Duration.ofMillis(9));
    assertThat(times).isEmpty();
    time.advance(Duration.ofMillis(5));
    assertThat(times).containsExactly(10_000_000L);
  }

  @Test
  void aTimerThatSchedulesItselfRunsAtEachOfItsTimes() {
    List<Long> times = new ArrayList<>();
    long start = loop.wallTimeMs();
    loop.schedule(
        100,
        new Runnable() {
          @Override
          public void run() {
            times.add(loop.wallTimeMs() - start);
            loop.schedule(100, this);
          }
        });
    time.advance(Duration.ofMillis(450));
    assertThat(times).containsExactly(100L, 200L, 300L, 400L);
  }

  @Test
  void aDelayOfNothingMeansTheNextTurn() {
    List<String> order = new ArrayList<>();
    loop.execute(
        () -> {
          loop.schedule(0, () -> order.add("timer"));
          loop.schedule(-5, () -> order.add("late timer"));
          loop.atTurnEnd(() -> order.add("end"));
        });
    time.settle();
    assertThat(order).containsExactlyInAnyOrder("timer", "late timer", "end");
  }

  @Test
  void aTimerCancelledByAnotherThreadDoesNotRun() {
    var ran = new CompletableFuture<Void>();
    Loop.Timer timer = loop.schedule(10, () -> ran.complete(null));
    time.settle();
    CompletableFuture.runAsync(timer::cancel).join();
    timer.cancel();
    time.advance(Duration.ofSeconds(1));
    assertThat(ran).isNotDone();
  }

  @Test
  void theLongestDelayIsNeverOverAndKeepsNobodyElseWaiting() {
    List<String> ran = new ArrayList<>();
    time.advance(Duration.ofDays(10_000)); // a clock that has gone on for a while
    loop.schedule(Long.MAX_VALUE, () -> ran.add("first"));
    loop.schedule(10, () -> ran.add("soon"));
    Loop.Timer cancelled = loop.schedule(Long.MAX_VALUE, () -> ran.add("cancelled"));
    loop.schedule(Duration.ofDays(20_000).toMillis(), () -> ran.add("late"));
    time.advance(Duration.ofMillis(10));
    assertThat(ran).containsExactly("soon");

    cancelled.cancel();
    time.advance(Duration.ofDays(20_000));
    assertThat(ran).containsExactly("soon", "late");
  }
}
