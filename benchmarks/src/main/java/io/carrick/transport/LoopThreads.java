package io.carrick.transport;

import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * JMH's threads, of the kind that loops have: Netty recycles its objects in no other. A benchmark
 * of something that Netty does names it by {@code -Djmh.executor}. Thread-safe.
 */
public final class LoopThreads extends ThreadPoolExecutor {

  /** The arguments of a JVM whose benchmarks run in such threads. */
  public static final String CUSTOM = "-Djmh.executor=CUSTOM";

  /** Names this class. */
  public static final String CLASS = "-Djmh.executor.class=io.carrick.transport.LoopThreads";

  /** Made by JMH. */
  public LoopThreads(int threads, String prefix) {
    super(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> new FastThreadLocalThread(task, prefix + "-jmh-worker"));
  }
}
