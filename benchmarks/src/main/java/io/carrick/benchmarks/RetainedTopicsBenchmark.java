package io.carrick.benchmarks;

import io.carrick.RoutingKey;
import io.carrick.engine.matching.TopicValues;
import io.carrick.engine.matching.ValueCursor;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
 * One retained topic found, out of a million: walks by random filters, one after the other, each to
 * its end. What starting a walk costs is shared by its matches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
public class RetainedTopicsBenchmark {

  private static final int[] GROUP_SIZES = {1, 10, 1_000};
  private static final int WALKS = 1 << 14;

  /** What the filters are. */
  public enum Filter {
    /** A topic; it has one match. */
    EXACT,
    /** {@code +} for the level in which the matches differ. */
    PLUS,
    /** {@code #} for it and what is behind it. */
    HASH
  }

  /** How many retained topics there are. */
  @Param({"10000", "1000000"})
  int topics = 1_000_000;

  @Param Filter filter = Filter.EXACT;

  /** How many topics a filter matches; an exact one is asked as often. */
  @Param({"1", "10", "1000"})
  int matches = 1;

  private final TopicValues<RoutingKey> values = new TopicValues<>();
  private RoutingKey[] filters = new RoutingKey[0];
  private int expected;
  private int next;
  private int found;
  private @Nullable ValueCursor<RoutingKey> cursor;

  /** Retains the topics, a third of them in groups of each size. */
  @Setup
  public void retain() {
    for (int size : GROUP_SIZES) {
      for (int member = 0; member < groups(size) * size; member++) {
        RoutingKey topic = topic(size, member / size, "device" + member % size);
        values.put(topic, topic);
      }
    }
    expected = filter == Filter.EXACT ? 1 : matches;
    var random = new SplittableRandom(1);
    filters = new RoutingKey[WALKS];
    for (int i = 0; i < WALKS; i++) {
      filters[i] = filter(random.nextInt(groups(matches)), random.nextInt(matches));
    }
  }

  private int groups(int size) {
    return topics / GROUP_SIZES.length / size;
  }

  private RoutingKey filter(int group, int member) {
    return switch (filter) {
      case EXACT -> topic(matches, group, "device" + member);
      case PLUS -> topic(matches, group, "+");
      case HASH -> RoutingKey.ofTopic(place(matches, group) + "/#");
    };
  }

  private static RoutingKey topic(int size, int group, String member) {
    return RoutingKey.ofTopic(place(size, group) + "/" + member + "/state");
  }

  private static String place(int size, int group) {
    return "groups-of-" + size + "/group" + group;
  }

  /** One more match of the walk that is under way, or of the next. */
  @Benchmark
  public RoutingKey match() {
    ValueCursor<RoutingKey> walk = cursor;
    Optional<RoutingKey> match = walk == null ? Optional.empty() : walk.next();
    if (match.isEmpty()) {
      if (walk != null && found != expected) {
        throw new IllegalStateException("found " + found + " topics");
      }
      found = 0;
      walk = values.find(filters[next++ & (WALKS - 1)]);
      cursor = walk;
      match = walk.next();
    }
    found++;
    return match.orElseThrow();
  }
}
