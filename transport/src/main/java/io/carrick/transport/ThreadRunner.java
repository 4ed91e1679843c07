package io.carrick.transport;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A thread for each loop, from the group's start to its close. Thread-safe. */
final class ThreadRunner implements LoopRunner {

  /** How often somebody who waits for a result looks whether the loops are still there. */
  private static final long LOOK_MS = 50;

  private final List<NettyLoop> loops;
  private final List<Thread> threads;

  private ThreadRunner(List<NettyLoop> loops, List<Thread> threads) {
    this.loops = List.copyOf(loops);
    this.threads = List.copyOf(threads);
  }

  static ThreadRunner start(List<NettyLoop> loops, String threadPrefix) {
    List<Thread> threads = new ArrayList<>(loops.size());
    for (NettyLoop loop : loops) {
      var thread = new FastThreadLocalThread(loop::run, threadPrefix + "-" + (threads.size() + 1));
      thread.setDaemon(false);
      loop.runBy(thread);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    return new ThreadRunner(loops, threads);
  }

  @Override
  public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
    while (!result.isDone()) {
      boolean ended = loops.stream().allMatch(NettyLoop::ended);
      try {
        result.get(LOOK_MS, TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        break; // is told below
      } catch (TimeoutException e) {
        if (ended) {
          throw new IllegalStateException("the loops have ended", e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for the loops", e);
      }
    }
    return LoopRunner.resultOf(result);
  }

  @Override
  public void close() {
    loops.forEach(NettyLoop::beginClose);
    if (threads.contains(Thread.currentThread())) {
      return; // it cannot wait for itself, and two that wait for each other never end
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      interrupted |= !joined(thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a thread's end; returns false if the caller was interrupted meanwhile. */
  private static boolean joined(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return !interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }
}
