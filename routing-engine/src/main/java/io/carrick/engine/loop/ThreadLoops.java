package io.carrick.engine.loop;

import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Plain threads as loops, for a broker whose adapters bring none. Thread-safe. */
public final class ThreadLoops implements LoopGroup {

  private final List<Loop> loops;
  private final List<ThreadLoop> threads;
  private final AtomicInteger next = new AtomicInteger();

  private ThreadLoops(List<ThreadLoop> threads) {
    this.threads = threads;
    this.loops = List.copyOf(threads);
  }

  /** Starts as many loops as is usual. */
  public static LoopGroup start(String threadPrefix) {
    return start(LoopGroup.defaultSize(), threadPrefix);
  }

  /** Starts that many loops. */
  public static LoopGroup start(int count, String threadPrefix) {
    var threads = new ArrayList<ThreadLoop>();
    for (int i = 1; i <= count; i++) {
      threads.add(ThreadLoop.start(threadPrefix + "-" + i));
    }
    return new ThreadLoops(threads);
  }

  @Override
  public List<Loop> loops() {
    return loops;
  }

  @Override
  public Loop next() {
    return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
  }

  @Override
  public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
    for (ThreadLoop loop : threads) {
      if (loop.inLoop()) {
        throw new IllegalStateException("a loop must not wait for itself");
      }
    }
    return ResultWait.forResult(result, () -> threads.stream().noneMatch(ThreadLoop::alive));
  }

  @Override
  public void onFailure(Consumer<Throwable> listener) {
    threads.forEach(loop -> loop.onFailure(listener));
  }

  @Override
  public void close() {
    threads.forEach(ThreadLoop::end);
    if (threads.stream().noneMatch(ThreadLoop::inLoop)) { // one that waits for itself never ends
      threads.forEach(ThreadLoop::join);
    }
  }
}
