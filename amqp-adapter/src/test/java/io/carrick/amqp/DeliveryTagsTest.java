package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.carrick.spi.Settlement;
import io.carrick.spi.Transaction;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DeliveryTagsTest {

  private static final int PREFETCH = 100;

  /** What a consumer may do next; the number chooses the tag. */
  private enum Step {
    DELIVER,
    DELIVER_MORE,
    DELIVER_UNACKED,
    ACK_ONE,
    ACK_UP_TO,
    TAKE_ONE,
    TAKE_UP_TO,
    PUT_BACK
  }

  /** Notes what is settled. */
  private record Settled(List<Long> ids) implements DeliveryTags.Holder {

    @Override
    public void settle(long deliveryId, Settlement how) {
      ids.add(deliveryId);
    }

    @Override
    public void settle(Transaction with, long deliveryId, Settlement how) {
      throw new AssertionError("nothing is committed here");
    }

    @Override
    public void committed() {
      throw new AssertionError("nothing is committed here");
    }
  }

  @Property(tries = 2_000)
  void settlesWhatASetOfTagsWouldHave(
      @ForAll @Size(max = 300) List<@IntRange(max = 9_999) Integer> steps) {
    var tags = new DeliveryTags();
    NavigableSet<Long> unsettled = new TreeSet<>();
    List<Long> settled = new ArrayList<>();
    var holder = new Settled(settled);
    var taken = new ArrayList<DeliveryTags.Taken>();
    DeliveryTags.Taker taker =
        t -> {
          taken.add(t);
          settled.add(t.deliveryId());
        };
    long last = 0;
    for (int step : steps) {
      long tag = last - step / 8 % 40;
      settled.clear();
      List<Long> expected = List.of();
      switch (Step.values()[step % 8]) {
        case DELIVER, DELIVER_MORE -> {
          assertThat(tags.add(holder, -(last + 1))).isEqualTo(++last);
          unsettled.add(last);
        }
        case DELIVER_UNACKED -> assertThat(tags.next()).isEqualTo(++last);
        case ACK_ONE -> {
          boolean known = unsettled.remove(tag);
          expected = known ? List.of(tag) : List.of();
          assertThat(tags.settle(tag, false, Settlement.ACCEPT)).isEqualTo(known);
        }
        case ACK_UP_TO -> {
          boolean known = tag == 0 || unsettled.contains(tag);
          NavigableSet<Long> upTo = unsettled.headSet(tag == 0 ? last : tag, true);
          expected = known ? List.copyOf(upTo) : List.of();
          assertThat(tags.settle(tag, true, Settlement.ACCEPT)).isEqualTo(known);
          unsettled.removeAll(expected);
        }
        case TAKE_ONE -> {
          boolean known = unsettled.remove(tag);
          expected = known ? List.of(tag) : List.of();
          assertThat(tags.take(tag, false, Settlement.REJECT, taker)).isEqualTo(known);
        }
        case TAKE_UP_TO -> {
          boolean known = tag == 0 || unsettled.contains(tag);
          NavigableSet<Long> upTo = unsettled.headSet(tag == 0 ? last : tag, true);
          expected = known ? List.copyOf(upTo) : List.of();
          assertThat(tags.take(tag, true, Settlement.REJECT, taker)).isEqualTo(known);
          unsettled.removeAll(expected);
        }
        case PUT_BACK -> {
          tags.putBack(taken);
          taken.forEach(t -> unsettled.add(t.tag()));
          taken.clear();
        }
      }
      assertThat(settled).isEqualTo(expected.stream().map(t -> -t).toList());
      assertThat(tags.size()).isEqualTo(unsettled.size());
    }
  }

  /** Notes nothing. */
  private record Ignoring() implements DeliveryTags.Holder {

    @Override
    public void settle(long deliveryId, Settlement how) {}

    @Override
    public void settle(Transaction with, long deliveryId, Settlement how) {}

    @Override
    public void committed() {}
  }

  @Test
  void acknowledgingOutOfOrderMakesNoGarbage() {
    var tags = new DeliveryTags();
    var holder = new Ignoring();
    long[] unsettled = new long[PREFETCH];
    for (int i = 0; i < PREFETCH; i++) {
      unsettled[i] = tags.add(holder, i);
    }
    var random = new SplittableRandom(1);
    settleAndDeliver(tags, holder, unsettled, random);
    long before = allocated();
    settleAndDeliver(tags, holder, unsettled, random);
    assertThat(allocated() - before).as("bytes for 100,000 deliveries").isLessThan(100_000);
    assertThat(tags.size()).isEqualTo(PREFETCH);
  }

  @Test
  void puttingOneBackMakesNoObjectForEachOfTheOthers() {
    var tags = new DeliveryTags();
    var holder = new Ignoring();
    for (int i = 0; i < 100_000; i++) {
      tags.add(holder, i);
    }
    var taken = new ArrayList<DeliveryTags.Taken>();
    tags.take(50_000, false, Settlement.ACCEPT, taken::add);
    long before = allocated();
    tags.putBack(taken);
    assertThat(allocated() - before).as("bytes for one of 100,000").isLessThan(100_000);
    assertThat(tags.size()).isEqualTo(100_000);
    assertThat(tags.settle(50_000, false, Settlement.ACCEPT)).isTrue();
  }

  private static void settleAndDeliver(
      DeliveryTags tags, DeliveryTags.Holder holder, long[] unsettled, SplittableRandom random) {
    for (int i = 0; i < 100_000; i++) {
      int place = random.nextInt(PREFETCH);
      tags.settle(unsettled[place], false, Settlement.ACCEPT);
      unsettled[place] = tags.add(holder, i);
    }
  }

  private static long allocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
  }
}
