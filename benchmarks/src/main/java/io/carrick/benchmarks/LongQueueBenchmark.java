package io.carrick.benchmarks;

import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A queue in memory that stays as long as it is: a message in at its tail, one out at its head,
 * accepted. What that costs is to be the same for every length.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class LongQueueBenchmark {

  private static final int MESSAGES = 64;
  private static final RoutingKey QUEUE = RoutingKey.ofKey("long");

  /** How many messages wait. */
  @Param({"10", "1000", "100000", "10000000"})
  int length = 10;

  private final EngineAlone engine = new EngineAlone();
  private final Runnable turn = this::inAndOut;
  private final Window window = new Window();
  private @Nullable Consumption consumption;
  private long accepted;

  /** Fills the queue. */
  @Setup
  public void fill() {
    engine.declare("long");
    int turns = (length + MESSAGES - 1) / MESSAGES + 1;
    for (int i = 0; i < turns; i++) {
      engine.run(this::publish);
    }
    consumption = engine.consume("long", MESSAGES, window);
    messages();
    if (accepted != MESSAGES) {
      throw new IllegalStateException("accepted " + accepted);
    }
  }

  /** Ends the broker. */
  @TearDown
  public void close() {
    engine.close();
  }

  /** One message in and one out. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public long messages() {
    engine.run(turn);
    return accepted;
  }

  private void inAndOut() {
    publish();
    window.accept();
  }

  private void publish() {
    for (int i = 0; i < MESSAGES; i++) {
      engine.publish("", QUEUE);
    }
  }

  /** Has a full prefetch until the next turn. Confined to the loop. */
  private final class Window implements DeliverySink {

    private long[] ids = new long[MESSAGES];
    private long[] accepting = new long[MESSAGES];
    private int count;

    @Override
    public void deliver(long id, Message message, @Nullable Object tag, boolean redelivered) {
      ids[count++] = id;
    }

    /** Accepts what it has; what that brings is for the next turn. */
    void accept() {
      Consumption from = consumption;
      long[] now = ids;
      int n = count;
      ids = accepting;
      accepting = now;
      count = 0;
      for (int i = 0; from != null && i < n; i++) {
        from.settle(now[i], Settlement.ACCEPT);
        accepted++;
      }
    }

    @Override
    public void ended(End why) {
      throw new IllegalStateException("ended: " + why);
    }
  }
}
