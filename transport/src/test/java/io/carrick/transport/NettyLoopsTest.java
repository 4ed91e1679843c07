package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.NotFoundException;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NettyLoopsTest {

  @Test
  void twoHundredStartsAndStopsLeaveNoThread() throws IOException {
    startAndStop();
    long start = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      startAndStop();
    }
    long eachMs = (System.nanoTime() - start) / 200 / 1_000_000;
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("left-"));
    assertThat(eachMs).isLessThan(50);
  }

  private static void startAndStop() throws IOException {
    try (var context = new TestContext(prefix -> NettyLoops.factory().start("left"))) {
      TransportEndpoint endpoint = context.bind(connection -> new EchoHandler(connection));
      context.loops().await(endpoint.close().toCompletableFuture());
    }
  }

  @Test
  void theThreadsHaveTheNameOfTheBroker() {
    try (var context = new TestContext(NettyLoops.factory())) {
      var name = new CompletableFuture<String>();
      context.loops().loops().get(0).execute(() -> name.complete(Thread.currentThread().getName()));
      assertThat(context.loops().await(name)).isEqualTo("test-1");
    }
  }

  @Test
  void loopsAreGivenInTurn() {
    try (var context = new TestContext(VirtualTime.inThisThread(2).loops())) {
      LoopGroup group = context.loops();
      List<Loop> given = List.of(group.next(), group.next(), group.next());
      assertThat(given)
          .containsExactly(group.loops().get(0), group.loops().get(1), group.loops().get(0));
    }
  }

  @Test
  void aLoopThatWaitsForLoopsFailsInsteadOfHanging() {
    for (LoopGroup.Factory factory :
        List.of(NettyLoops.factory(), VirtualTime.inThisThread(1).loops())) {
      try (var context = new TestContext(factory)) {
        var failure = new CompletableFuture<Throwable>();
        context
            .loops()
            .next()
            .execute(
                () -> {
                  try {
                    context.loops().await(new CompletableFuture<Void>());
                  } catch (IllegalStateException e) {
                    failure.complete(e);
                  }
                });
        assertThat(context.loops().await(failure)).hasMessageContaining("a loop cannot wait");
      }
    }
  }

  @Test
  void waitingForLoopsThatHaveEndedFails() {
    for (LoopGroup.Factory factory :
        List.of(NettyLoops.factory(), VirtualTime.inThisThread(1).loops())) {
      var context = new TestContext(factory);
      context.close();
      context.close();
      assertThatThrownBy(() -> context.loops().await(new CompletableFuture<Void>()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the loops have ended");
    }
  }

  @Test
  void aRefusalReachesWhoWaitsForIt() {
    try (var context = new TestContext(NettyLoops.factory())) {
      var refused = new CompletableFuture<Void>();
      context
          .loops()
          .next()
          .execute(() -> refused.completeExceptionally(new NotFoundException("no such thing")));
      assertThatThrownBy(() -> context.loops().await(refused))
          .isInstanceOf(NotFoundException.class);

      var failed = CompletableFuture.failedFuture(new IOException("broken"));
      assertThatThrownBy(() -> context.loops().await(failed))
          .isInstanceOf(IllegalStateException.class)
          .hasRootCauseMessage("broken");
    }
  }

  @Test
  void closingFromALoopDoesNotDeadlock() {
    var context = new TestContext(NettyLoops.factory());
    var together = new CyclicBarrier(context.loops().loops().size());
    for (Loop loop : context.loops().loops()) {
      loop.execute(
          () -> {
            try {
              together.await();
            } catch (InterruptedException | BrokenBarrierException e) {
              throw new IllegalStateException(e);
            }
            context.close();
          });
    }
    context.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("test-"));
  }

  @Test
  void virtualTimeWaitsForAnotherThreadThatWorksForTheBroker() {
    var time = VirtualTime.inThisThread(2);
    try (var context = new TestContext(time.loops())) {
      var result = new CompletableFuture<String>();
      Loop loop = context.loops().next();
      var worker = new Thread(() -> loop.execute(() -> result.complete("done")));
      loop.execute(worker::start);
      assertThat(context.loops().await(result)).isEqualTo("done");
    }
  }

  @Test
  void overSocketsThreadsRunTheLoopsAndTimeStandsStill() {
    var time = VirtualTime.overSockets(2);
    try (var context = new TestContext(time.loops())) {
      Loop one = context.loops().loops().get(0);
      Loop other = context.loops().loops().get(1);
      var times = new ConcurrentLinkedQueue<Long>();
      long start = one.wallTimeMs();
      one.schedule(
          1_000,
          () ->
              other.execute(
                  () -> {
                    times.add(other.wallTimeMs() - start);
                    other.schedule(500, () -> times.add(other.wallTimeMs() - start));
                  }));
      time.advance(Duration.ofMillis(999));
      assertThat(times).isEmpty();
      time.advance(Duration.ofMinutes(1));
      assertThat(times).containsExactly(1_000L, 1_500L);
      assertThat(time.now()).isEqualTo("2026-01-01T00:01:00.999Z");
    }
  }

  @Test
  void overSocketsSettlingWaitsForWhatTurnsLeaveToTheNext() {
    var time = VirtualTime.overSockets(1);
    try (var context = new TestContext(time.loops())) {
      Loop loop = context.loops().next();
      for (int i = 0; i < 500; i++) {
        var ran = new CompletableFuture<Void>();
        loop.execute(() -> loop.schedule(0, () -> loop.atTurnEnd(() -> ran.complete(null))));
        time.settle();
        assertThat(ran).as("round %d", i).isCompleted();
      }
    }
  }

  @Test
  void aThreadThatDoesNotOwnVirtualTimeIsTurnedAway() {
    var time = VirtualTime.inThisThread(1);
    try (var context = new TestContext(time.loops())) {
      var settled = CompletableFuture.runAsync(time::settle);
      assertThatThrownBy(settled::join).hasRootCauseInstanceOf(IllegalStateException.class);
      assertThat(context.loops().loops()).hasSize(1);
    }
  }
}
