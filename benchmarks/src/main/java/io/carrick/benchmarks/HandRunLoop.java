package io.carrick.benchmarks;

import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One loop that runs when its thread says so, in a time that stands still: what is measured is the
 * engine and no thread's waking up. Confined to one thread.
 */
final class HandRunLoop implements Loop, LoopGroup {

  private final ArrayDeque<Runnable> mailbox = new ArrayDeque<>();
  private final ArrayDeque<Runnable> turnEnd = new ArrayDeque<>();

  /** Runs turns until there is nothing to do. */
  void run() {
    while (!mailbox.isEmpty() || !turnEnd.isEmpty()) {
      for (Runnable task = mailbox.poll(); task != null; task = mailbox.poll()) {
        task.run();
      }
      for (Runnable task = turnEnd.poll(); task != null; task = turnEnd.poll()) {
        task.run();
      }
    }
  }

  @Override
  public boolean inLoop() {
    return true;
  }

  @Override
  public void execute(Runnable task) {
    mailbox.add(task);
  }

  @Override
  public void atTurnEnd(Runnable task) {
    turnEnd.add(task);
  }

  @Override
  public long nanoTime() {
    return 0;
  }

  @Override
  public long wallTimeMs() {
    return 0;
  }

  @Override
  public Timer schedule(long delayMs, Runnable task) {
    return () -> {};
  }

  @Override
  public List<Loop> loops() {
    return List.of(this);
  }

  @Override
  public Loop next() {
    return this;
  }

  @Override
  public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
    run();
    return result.join();
  }

  @Override
  public void onFailure(Consumer<Throwable> listener) {}

  @Override
  public void close() {
    run();
  }
}
