package io.carrick.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.NotFoundException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the broker relies on in loops, whoever runs them. Extend it and say how a group of two is
 * started, and how time passes.
 */
@Timeout(60)
public abstract class LoopContract {

  private LoopGroup group;
  private Loop loop;

  /** Starts a group of two loops. */
  protected abstract LoopGroup start();

  /** Lets time pass for the loops: in real time it does by itself. */
  protected void pass(long ms) {
    var passed = new CompletableFuture<Boolean>();
    loop.schedule(ms, () -> passed.complete(true));
    group.await(passed);
  }

  @BeforeEach
  void startGroup() {
    group = start();
    loop = group.loops().get(0);
  }

  @AfterEach
  void closeGroup() {
    group.close();
  }

  /** Runs a task in the loop, then a few turns more, each to its end. */
  private void inLoop(Runnable task) {
    loop.execute(task);
    for (int i = 0; i < 10; i++) {
      var reached = new CompletableFuture<Boolean>();
      loop.execute(() -> loop.atTurnEnd(() -> reached.complete(true)));
      group.await(reached);
    }
  }

  // ---- the mailbox

  @Test
  void tasksRunInOrderAndInTheirLoop() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      loop.execute(() -> order.add(loop.inLoop() ? number : -1));
    }
    inLoop(() -> {});
    assertThat(order).hasSize(10_000).isSorted().doesNotContain(-1);
    assertThat(loop.inLoop()).isFalse();
  }

  @Test
  void tasksOfSeveralThreadsRunEachInItsOrder() throws InterruptedException {
    var order = new ConcurrentLinkedQueue<int[]>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      int number = t;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 5_000; i++) {
                  int[] entry = {number, i};
                  loop.execute(() -> order.add(entry));
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    inLoop(() -> {});
    for (int t = 0; t < 3; t++) {
      int number = t;
      assertThat(order.stream().filter(entry -> entry[0] == number).map(entry -> entry[1]))
          .hasSize(5_000)
          .isSorted();
    }
  }

  @Test
  void aLoopIsNotAnother() {
    Loop other = group.loops().get(1);
    var inLoop = new CompletableFuture<List<Boolean>>();
    other.execute(() -> inLoop.complete(List.of(other.inLoop(), loop.inLoop())));
    assertThat(group.await(inLoop)).containsExactly(true, false);
  }

  // ---- a turn

  @Test
  void theEndOfATurnComesBehindItsTasksAndBeforeLaterOnes() {
    List<String> order = new ArrayList<>();
    inLoop(
        () -> {
          loop.atTurnEnd(
              () -> {
                order.add("end");
                loop.execute(() -> order.add("later"));
                loop.atTurnEnd(() -> order.add("end of the end"));
              });
          loop.atTurnEnd(() -> order.add("second end"));
          loop.execute(() -> order.add("next"));
          order.add("first");
        });
    assertThat(order)
        .containsExactly("first", "next", "end", "second end", "end of the end", "later");
  }

  @Test
  void whatIsLeftOverTakesTurns() {
    List<String> order = new ArrayList<>();
    inLoop(
        () -> {
          continueThrice("a", order);
          continueThrice("b", order);
          loop.execute(() -> order.add("task"));
        });
    assertThat(order).containsExactly("task", "a", "b", "a", "b", "a", "b");
  }

  private void continueThrice(String name, List<String> order) {
    var left = new AtomicInteger(3);
    loop.continueLater(
        new Runnable() {
          @Override
          public void run() {
            order.add(name);
            if (left.decrementAndGet() > 0) {
              loop.continueLater(this);
            }
          }
        });
  }

  private void workEnough() {
    for (int i = 0; i < 1_000_000 && !loop.workedEnough(); i++) {
      loop.worked(1);
    }
  }

  @Test
  void aTurnThatHasDoneItsShareLeavesTheRestToTheNext() {
    List<String> order = new ArrayList<>();
    inLoop(
        () -> {
          loop.schedule(0, () -> order.add("timer"));
          for (String name : List.of("first", "second")) {
            loop.execute(
                () -> {
                  order.add(name + " " + loop.workedEnough());
                  workEnough();
                  order.add(name + " " + loop.workedEnough());
                  loop.atTurnEnd(() -> order.add("end"));
                });
          }
          workEnough();
          loop.atTurnEnd(() -> order.add("end"));
        });
    pass(1);
    order.remove("timer"); // it has its share with the mailbox, behind it
    assertThat(order)
        .containsExactly(
            "end", "first false", "first true", "end", "second false", "second true", "end");
  }

  @Test
  void dueTimersHaveNoMoreThanTheShareEither() {
    List<String> order = new ArrayList<>();
    inLoop(
        () -> {
          for (String name : List.of("first", "second")) {
            loop.schedule(
                5,
                () -> {
                  order.add(name);
                  workEnough();
                  loop.atTurnEnd(() -> order.add("end"));
                });
          }
        });
    pass(20);
    assertThat(order).containsExactly("first", "end", "second", "end");
  }

  // ---- timers

  @Test
  void timersRunInOrderOfTimeThenOfScheduling() {
    List<String> order = new ArrayList<>();
    inLoop(
        () -> {
          loop.schedule(30, () -> order.add("30"));
          loop.schedule(20, () -> order.add("20"));
          loop.schedule(20, () -> order.add("20 again"));
          loop.schedule(-1, () -> order.add("now"));
          loop.schedule(Long.MAX_VALUE, () -> order.add("never"));
        });
    pass(50);
    assertThat(order).containsExactly("now", "20", "20 again", "30");
  }

  @Test
  void aTimerIsNeverEarly() {
    var waited = new CompletableFuture<Long>();
    inLoop(
        () -> {
          long start = loop.nanoTime();
          loop.schedule(7, () -> waited.complete(loop.nanoTime() - start));
        });
    pass(20);
    assertThat(group.await(waited)).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(7));
  }

  @Test
  void aTimerOfNowRunsInTheNextTurnSoThatTheMailboxGetsItsOwn() {
    List<String> order = new ArrayList<>();
    var again = new AtomicInteger(3);
    var done = new CompletableFuture<Boolean>();
    loop.execute(
        () ->
            loop.schedule(
                0,
                new Runnable() {
                  @Override
                  public void run() {
                    order.add("timer");
                    loop.execute(() -> order.add("task"));
                    if (again.decrementAndGet() > 0) {
                      loop.schedule(0, this);
                    } else {
                      loop.execute(() -> done.complete(true));
                    }
                  }
                }));
    pass(1);
    group.await(done);
    assertThat(order).containsExactly("timer", "task", "timer", "task", "timer", "task");
  }

  @Test
  void aTimerThatIsCancelledDoesNotRun() {
    List<String> order = new ArrayList<>();
    loop.schedule(200, () -> order.add("from outside")).cancel();
    Loop.Timer later = loop.schedule(3_000, () -> order.add("from outside, later"));
    inLoop(
        () -> {
          Loop.Timer fromInside = loop.schedule(200, () -> order.add("from inside"));
          fromInside.cancel();
          fromInside.cancel();
          loop.schedule(200, () -> order.add("stays"));
        });
    later.cancel();
    pass(300);
    assertThat(order).containsExactly("stays");
  }

  @Test
  void timersThatAreCancelledAreGoneFromMemoryToo() {
    List<WeakReference<Loop.Timer>> cancelled = new ArrayList<>();
    inLoop(
        () -> {
          for (int i = 0; i < 1_000; i++) {
            loop.schedule(3_600_000, () -> {});
            Loop.Timer timer = loop.schedule(3_600_000, () -> {});
            cancelled.add(new WeakReference<>(timer));
            timer.cancel();
          }
          loop.schedule(3_600_000, () -> {}).cancel();
        });
    inLoop(() -> cancelAll(3_000));
    System.gc();
    assertThat(cancelled.stream().filter(timer -> timer.get() != null).count())
        .as("timers that are kept, of 1,000 that are cancelled")
        .isZero();
  }

  /** As a connection's deadlines are: begun and cancelled over and over. */
  private void cancelAll(int count) {
    List<Loop.Timer> timers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      timers.add(loop.schedule(3_600_000, () -> {}));
    }
    timers.forEach(Loop.Timer::cancel);
  }

  // ---- what fails

  private static void fail(int how) {
    switch (how) {
      case 0 -> throw new IllegalArgumentException("on purpose");
      case 1 -> throw new AssertionError("on purpose");
      case 2 -> throw new StackOverflowError("on purpose");
      default -> throw new NoClassDefFoundError("on purpose");
    }
  }

  @Test
  void whatFailsHarmsNothingElse() {
    List<String> order = new ArrayList<>();
    inLoop(
        () -> {
          for (int i = 0; i < 4; i++) {
            int how = i;
            loop.execute(() -> fail(how));
            loop.schedule(1, () -> fail(how));
            loop.atTurnEnd(() -> fail(how));
            loop.continueLater(() -> fail(how));
          }
          loop.execute(() -> order.add("task"));
          loop.schedule(1, () -> order.add("timer"));
          loop.atTurnEnd(() -> order.add("end"));
          loop.continueLater(() -> order.add("left over"));
        });
    pass(10);
    assertThat(order).containsExactlyInAnyOrder("task", "timer", "end", "left over");
  }

  @Test
  void whatIsFatalIsToldAndEndsTheLoop() {
    var told = new CompletableFuture<Throwable>();
    var ran = new AtomicInteger();
    group.onFailure(told::complete);
    loop.execute(
        () -> {
          loop.execute(ran::incrementAndGet);
          loop.atTurnEnd(ran::incrementAndGet);
          throw new OutOfMemoryError("on purpose");
        });
    while (!told.isDone()) {
      var turn = new CompletableFuture<Boolean>();
      group.loops().get(1).execute(() -> turn.complete(true));
      group.await(turn);
    }
    assertThat(told.join()).isInstanceOf(OutOfMemoryError.class);
    group.close();
    assertThat(ran).hasValue(0);
  }

  // ---- the end

  @Test
  void whatIsInTheMailboxRunsBeforeTheEndAndNothingIsTakenAfterIt() {
    var ran = new AtomicInteger();
    for (int i = 0; i < 10_000; i++) {
      loop.execute(ran::incrementAndGet);
    }
    group.close();
    assertThat(ran).hasValue(10_000);
    assertThatThrownBy(() -> loop.execute(ran::incrementAndGet))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> loop.schedule(1, ran::incrementAndGet))
        .isInstanceOf(RejectedExecutionException.class);
    group.close(); // twice is harmless
  }

  @Test
  void aLoopDoesNotWaitForLoops() {
    for (Loop one : group.loops()) {
      var failure = new CompletableFuture<Throwable>();
      one.execute(
          () -> {
            try {
              group.await(new CompletableFuture<Void>());
            } catch (IllegalStateException e) {
              failure.complete(e);
            }
          });
      assertThat(group.await(failure)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void whoWaitsHearsOfARefusal() {
    var refused = new CompletableFuture<Void>();
    loop.execute(() -> refused.completeExceptionally(new NotFoundException("no such thing")));
    assertThatThrownBy(() -> group.await(refused)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void nobodyWaitsForLoopsThatHaveEnded() {
    group.close();
    assertThatThrownBy(() -> group.await(new CompletableFuture<Void>()))
        .isInstanceOf(IllegalStateException.class);
  }
}
