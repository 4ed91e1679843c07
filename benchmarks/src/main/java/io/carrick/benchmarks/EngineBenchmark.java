package io.carrick.benchmarks;

import io.carrick.Binding;
import io.carrick.RoutingKey;
import java.util.List;
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
 * A message's way through the engine without socket or protocol: made, published to {@code
 * amq.topic}, routed, queued, delivered, accepted and confirmed, all on one loop, 64 messages a
 * turn. Run with {@code -prof gc}: of the bytes, 40 are the message itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EngineBenchmark {

  private static final int MESSAGES = 64;
  private static final RoutingKey KEY = RoutingKey.ofTopic("sensors/kitchen/temperature");

  /** How many queues each message goes to. */
  @Param({"1", "10"})
  int queues = 1;

  /** What the two clients promise each other. */
  @Param Promise promise = Promise.CONFIRM_AND_ACCEPT;

  private final EngineAlone engine = new EngineAlone();
  private final Runnable turn = this::publishTurn;

  /** The guarantees of the two sides. */
  public enum Promise {
    /** Published without a confirm, delivered without waiting for an answer. */
    NONE,
    /** Each publish is confirmed, each delivery accepted by itself. */
    CONFIRM_AND_ACCEPT
  }

  /** Declares the queues and consumes them. */
  @Setup
  public void consume() {
    for (int i = 0; i < queues; i++) {
      String name = "q" + i;
      engine.declare(name);
      engine.bind(List.of(Binding.of("amq.topic", name, "sensors.*.temperature")));
      if (promise == Promise.NONE) {
        engine.takeAll(name);
      } else {
        engine.acceptAll(name);
      }
    }
    engine.runFirst(turn, (long) MESSAGES * queues);
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
      if (promise == Promise.NONE) {
        engine.publishUnconfirmed("amq.topic", KEY);
      } else {
        engine.publish("amq.topic", KEY);
      }
    }
  }
}
