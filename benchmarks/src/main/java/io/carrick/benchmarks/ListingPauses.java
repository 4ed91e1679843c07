package io.carrick.benchmarks;

import io.carrick.Admin;
import io.carrick.Broker;
import io.carrick.Page;
import io.carrick.QueueDefinition;
import io.carrick.QueueDetails;
import io.carrick.Selection;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import io.carrick.transport.NettyLoops;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lists very many queues and prints for how long that holds a loop at a time: the CPU time of the
 * longest tasks of the loops, so that it does not count who else wants the processor.
 */
final class ListingPauses {

  private static final int LOOPS = 2;
  private static final int ROUNDS = 20;
  private static final double NANOS_PER_MS = 1e6;

  private ListingPauses() {}

  /** Prints the figures of docs/embedding.md. */
  public static void main(String[] args) {
    int queues = args.length == 0 ? 100_000 : Integer.parseInt(args[0]);
    for (int limit : new int[] {100, 1_000}) {
      long[] held = measure(queues, limit);
      System.out.printf(
          "%,d queues in pages of %,d: %,d tasks, median %.3f ms, 99.9 %% %.3f ms, longest %.3f ms%n",
          queues,
          limit,
          held.length,
          held[held.length / 2] / NANOS_PER_MS,
          held[(int) (held.length * 0.999)] / NANOS_PER_MS,
          held[held.length - 1] / NANOS_PER_MS);
    }
  }

  /** Returns the CPU nanoseconds of each task of the loops while everything is listed, sorted. */
  static long[] measure(int queues, int limit) {
    var loops = new TimedLoops(NettyLoops.factory(LOOPS).start("listing"));
    try (Broker broker = EmbeddedBroker.builder().loops(prefix -> loops).start()) {
      Admin admin = broker.admin();
      CompletableFuture<?>[] declared = new CompletableFuture<?>[queues];
      for (int i = 0; i < queues; i++) {
        var settings = new QueueDefinition("/", "queue-" + i, false, false, Map.of());
        declared[i] = admin.declare(settings).toCompletableFuture();
      }
      CompletableFuture.allOf(declared).join();
      for (int round = 0; round < ROUNDS; round++) {
        loops.forget();
        if (list(admin, limit) != queues) {
          throw new IllegalStateException("a queue was not listed, or twice");
        }
      }
      return loops.held();
    }
  }

  private static int list(Admin admin, int limit) {
    int listed = 0;
    Selection which = Selection.everything().limit(limit);
    while (true) {
      Page<QueueDetails> page = admin.queues(which).toCompletableFuture().join();
      listed += page.items().size();
      if (page.next().isEmpty()) {
        return listed;
      }
      which = which.from(page.next().get());
    }
  }

  /** Loops that note how long each of their tasks took. Thread-safe. */
  private static final class TimedLoops implements LoopGroup {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final LoopGroup loops;
    private final List<Loop> timed;
    private final AtomicInteger next = new AtomicInteger();

    /** Guarded by {@code this}. */
    private long[] nanos = new long[1 << 16];

    private int tasks;

    TimedLoops(LoopGroup loops) {
      this.loops = loops;
      this.timed = loops.loops().stream().map(loop -> (Loop) new TimedLoop(loop)).toList();
    }

    private void run(Runnable task) {
      long before = THREADS.getCurrentThreadCpuTime();
      try {
        task.run();
      } finally {
        note(THREADS.getCurrentThreadCpuTime() - before);
      }
    }

    private synchronized void note(long took) {
      if (tasks == nanos.length) {
        nanos = Arrays.copyOf(nanos, tasks * 2);
      }
      nanos[tasks++] = took;
    }

    /** Forgets the first rounds, in which nothing is compiled yet: the last one counts. */
    synchronized void forget() {
      tasks = 0;
    }

    synchronized long[] held() {
      long[] all = Arrays.copyOf(nanos, tasks);
      Arrays.sort(all);
      return all;
    }

    @Override
    public List<Loop> loops() {
      return timed;
    }

    @Override
    public Loop next() {
      return timed.get(Math.floorMod(next.getAndIncrement(), timed.size()));
    }

    @Override
    public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
      return loops.await(result);
    }

    @Override
    public void onFailure(Consumer<Throwable> listener) {
      loops.onFailure(listener);
    }

    @Override
    public void close() {
      loops.close();
    }

    /** One of them. */
    private final class TimedLoop implements Loop {

      private final Loop loop;

      TimedLoop(Loop loop) {
        this.loop = loop;
      }

      @Override
      public boolean inLoop() {
        return loop.inLoop();
      }

      @Override
      public void execute(Runnable task) {
        loop.execute(() -> run(task));
      }

      @Override
      public void atTurnEnd(Runnable task) {
        loop.atTurnEnd(() -> run(task));
      }

      @Override
      public void worked(int amount) {
        loop.worked(amount);
      }

      @Override
      public boolean workedEnough() {
        return loop.workedEnough();
      }

      @Override
      public void continueLater(Runnable task) {
        loop.continueLater(() -> run(task));
      }

      @Override
      public long nanoTime() {
        return loop.nanoTime();
      }

      @Override
      public long wallTimeMs() {
        return loop.wallTimeMs();
      }

      @Override
      public Timer schedule(long delayMs, Runnable task) {
        return loop.schedule(delayMs, () -> run(task));
      }
    }
  }
}
