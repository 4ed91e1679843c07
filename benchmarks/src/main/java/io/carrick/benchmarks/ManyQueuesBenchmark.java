package io.carrick.benchmarks;

import io.carrick.RoutingKey;
import java.util.concurrent.TimeUnit;
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
 * Messages to the default exchange, each to the next of many queues, confirmed and accepted: what
 * one costs is to be the same for every number of queues, but for the caches that they fill.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class ManyQueuesBenchmark {

  private static final int MESSAGES = 64;

  /** How many queues there are, with a consumer each. */
  @Param({"1", "10", "100", "1000"})
  int queues = 1;

  private final EngineAlone engine = new EngineAlone();
  private final Runnable turn = this::publishTurn;
  private RoutingKey[] names = {};
  private int next;

  /** Declares the queues and consumes them. */
  @Setup
  public void consume() {
    names = new RoutingKey[queues];
    for (int i = 0; i < queues; i++) {
      names[i] = RoutingKey.ofKey("queue-" + i);
      engine.declare("queue-" + i);
      engine.acceptAll("queue-" + i);
    }
    engine.runFirst(turn, MESSAGES);
  }

  /** Ends the broker. */
  @TearDown
  public void close() {
    engine.close();
  }

  /** One message. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public long messages() {
    return engine.run(turn);
  }

  private void publishTurn() {
    for (int i = 0; i < MESSAGES; i++) {
      next = next + 1 < queues ? next + 1 : 0;
      engine.publish("", names[next]);
    }
  }
}
