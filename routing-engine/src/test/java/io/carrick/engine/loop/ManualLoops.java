package io.carrick.engine.loop;

import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Two loops that the test's thread runs. */
public final class ManualLoops implements LoopGroup {

  public final ManualLoop first = new ManualLoop();
  public final ManualLoop second = new ManualLoop();
  private final AtomicInteger next = new AtomicInteger();

  @Override
  public List<Loop> loops() {
    return List.of(first, second);
  }

  @Override
  public Loop next() {
    return loops().get(next.getAndIncrement() % 2);
  }

  /** Runs both until there is nothing to do. */
  public void run() {
    while (first.run() || second.run()) {
      // Each may have given the other something to do.
    }
  }

  public void advance(long ms) {
    first.advance(ms);
    second.advance(ms);
    run();
  }

  @Override
  public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
    run();
    return ResultWait.forResult(result, () -> false);
  }

  /** What the loops' tasks throw is the test's. */
  @Override
  public void onFailure(Consumer<Throwable> listener) {}

  @Override
  public void close() {
    run();
  }
}
