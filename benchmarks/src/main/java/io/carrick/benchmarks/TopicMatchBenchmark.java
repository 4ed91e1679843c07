package io.carrick.benchmarks;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.ExchangeType.MatchSink;
import io.carrick.spi.ExchangeType.RoutingTable;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to find the bindings of one publish among a million subscriptions. The topics are
 * random ones of those subscribed to, parsed beforehand, as an adapter hands them over. How many
 * different ones there are decides how much of what a match reads is in the processor's caches:
 * with as many as there are subscriptions, hardly anything is, and the match costs what memory
 * costs.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx6g")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class TopicMatchBenchmark {

  private static final Message MESSAGE = Message.of("");

  /** How many subscriptions there are. */
  @Param("1000000")
  int subscriptions = 1_000_000;

  /** Which subscriptions there are. */
  @Param Filters filters = Filters.EXACT;

  /** How many topics are published to, in turn; a power of two. */
  @Param({"1024", "16384", "1048576"})
  int topics = 1024;

  private RoutingTable table = new Subscribers(0, filters).table;
  private final Counter counter = new Counter();
  private RoutingKey[] published = new RoutingKey[0];
  private int next;

  /** Subscribes. */
  @Setup
  public void subscribe() {
    var subscribers = new Subscribers(subscriptions, filters);
    for (int device = 0; device < subscribers.devices; device++) {
      subscribers.subscribe(device);
    }
    table = subscribers.table;
    var random = new SplittableRandom(1);
    published = new RoutingKey[topics];
    for (int i = 0; i < topics; i++) {
      published[i] = RoutingKey.ofTopic(Subscribers.topic(random.nextInt(subscribers.devices)));
    }
    check();
  }

  private void check() {
    for (RoutingKey topic : published) {
      counter.hits = 0;
      table.route(topic, MESSAGE, counter);
      if (counter.hits != filters.subscriptions()) {
        throw new IllegalStateException(topic + " matched " + counter.hits + " times");
      }
    }
  }

  /** One match. */
  @Benchmark
  public long match() {
    table.route(published[next++ & (topics - 1)], MESSAGE, counter);
    return counter.hits;
  }

  /** Counts bindings and touches each. Confined to the benchmark's thread. */
  private static final class Counter implements MatchSink {

    private long hits;

    @Override
    public void matched(Binding binding) {
      if (binding.target() == Binding.Target.QUEUE) {
        hits++;
      }
    }
  }
}
