package io.carrick.amqp;

import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
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
 * One delivery on an AMQP channel that has as many unsettled ones as its prefetch allows: it is
 * given a tag, and one is settled, or after every half prefetch that half by one {@code basic.ack}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DeliveryTagsBenchmark {

  /** How the consumer acknowledges. */
  public enum Acks {
    /** Each delivery, the oldest first. */
    OLDEST,
    /** Each delivery, in any order. */
    ANY,
    /** The older half at once. */
    MULTIPLE
  }

  /** How many deliveries are not settled. */
  @Param({"10", "100", "1000", "65535"})
  int prefetch = 10;

  @Param Acks acks = Acks.OLDEST;

  private final DeliveryTags tags = new DeliveryTags();
  private final Settled settled = new Settled();
  private final SplittableRandom random = new SplittableRandom(1);
  private long[] unsettled = {};
  private int next;
  private long delivered;

  /** Counts. Confined to the benchmark's thread. */
  private static final class Settled implements DeliveryTags.Holder {

    private long count;
    private long lastId;

    @Override
    public void settle(long deliveryId, Settlement how) {
      count++;
      lastId = deliveryId;
    }

    @Override
    public void settle(Transaction with, long deliveryId, Settlement how) {
      throw new IllegalStateException("there is no transaction");
    }

    @Override
    public void committed() {}
  }

  /** Delivers until the prefetch is used up. */
  @Setup
  public void fill() {
    unsettled = new long[prefetch];
    for (int i = 0; i < prefetch; i++) {
      deliver(i);
    }
  }

  /** The delivery's own number is the tag that it must get. */
  private void deliver(int place) {
    long tag = tags.add(settled, ++delivered);
    if (tag != delivered) {
      throw new IllegalStateException("tag " + tag + " of delivery " + delivered);
    }
    unsettled[place] = tag;
  }

  /** One settled, or its turn to be settled with others, and one delivered. */
  @Benchmark
  public long settleAndDeliver() {
    next = next + 1 < prefetch ? next + 1 : 0;
    int place = acks == Acks.ANY ? random.nextInt(prefetch) : next;
    if (acks != Acks.MULTIPLE) {
      settle(unsettled[place], false);
    } else if (tags.size() == prefetch) {
      settle(delivered - prefetch / 2, true);
    }
    deliver(place);
    return settled.count;
  }

  private void settle(long tag, boolean multiple) {
    boolean known = tags.settle(tag, multiple, Settlement.ACCEPT);
    if (!known || settled.lastId != tag || settled.count + tags.size() != delivered) {
      throw new IllegalStateException("tag " + tag + ", settled " + settled.count);
    }
  }
}
