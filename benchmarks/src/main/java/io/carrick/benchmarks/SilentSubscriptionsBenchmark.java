package io.carrick.benchmarks;

import io.carrick.Binding;
import io.carrick.RoutingKey;
import java.util.ArrayList;
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
 * Messages to {@code amq.topic} that one subscription matches, among many that do not: what one
 * message costs is to be the same for every number of them.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 20, time = 1)
@Measurement(iterations = 5, time = 1)
public class SilentSubscriptionsBenchmark {

  private static final int MESSAGES = 64;
  private static final int BATCH = 1_000;
  private static final RoutingKey KEY = RoutingKey.ofTopic("site0/alarm/pump/state");

  /** How many subscriptions do not match: half of them with a wildcard, half without. */
  @Param({"10", "1000", "100000"})
  int silent = 10;

  private final EngineAlone engine = new EngineAlone();
  private final Runnable turn = this::publishTurn;

  /** Subscribes. */
  @Setup
  public void subscribe() {
    engine.declare("silent");
    var bindings = new ArrayList<Binding>();
    for (int i = 0; i < silent; i++) {
      String site = "site" + i / 100;
      bindings.add(
          Binding.of(
              "amq.topic",
              "silent",
              i % 2 == 0 ? site + ".*.device" + i + ".state" : site + ".alarm.device" + i + ".on"));
      if (bindings.size() == BATCH || i == silent - 1) {
        engine.bind(bindings);
        bindings = new ArrayList<>();
      }
    }
    engine.declare("heard");
    engine.bind(List.of(Binding.of("amq.topic", "heard", "site0.*.pump.state")));
    engine.acceptAll("heard");
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
      engine.publish("amq.topic", KEY);
    }
  }
}
