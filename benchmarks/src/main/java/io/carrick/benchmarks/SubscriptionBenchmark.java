package io.carrick.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How long it takes that a million subscriptions come, and that they come and go. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
@Warmup(iterations = 2)
@Measurement(iterations = 5)
public class SubscriptionBenchmark {

  @Param("1000000")
  int subscriptions = 1_000_000;

  @Param Filters filters = Filters.EXACT;

  /** All come, and all go in the same order. */
  @Benchmark
  public Object comeAndGo() {
    var subscribers = new Subscribers(subscriptions, filters);
    for (int device = 0; device < subscribers.devices; device++) {
      subscribers.subscribe(device);
    }
    for (int device = 0; device < subscribers.devices; device++) {
      subscribers.unsubscribe(device);
    }
    return subscribers.table;
  }
}
