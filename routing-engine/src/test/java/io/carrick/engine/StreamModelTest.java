package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.StreamOffset;
import io.carrick.StreamOptions;
import io.carrick.engine.StreamClient.Reading;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Random histories of a stream on two loops, with retention, restarts and crashes, against a list:
 * whoever reads gets every message that is kept, once, in order, at its offset, from where it
 * began.
 */
class StreamModelTest {

  private static final int STEPS = 120;

  private Random random = new Random();
  private RestartableBroker run;
  private StreamClient near;
  private StreamClient far;
  private final List<Reader> readers = new ArrayList<>();

  /** Every message that was ever read or confirmed, by offset. */
  private final TreeMap<Long, String> log = new TreeMap<>();

  private int texts;

  /** A reader, and where it began. */
  private static final class Reader {
    final Reading reading;
    final long begins;
    final boolean gaps;

    Reader(Reading reading, long begins, boolean gaps) {
      this.reading = reading;
      this.begins = begins;
      this.gaps = gaps;
    }
  }

  @Property(tries = 60)
  void everyReaderGetsWhatIsKeptFromWhereItBegan(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int window) {
    random = new Random(seed);
    run = new RestartableBroker(new Disk(), window);
    readers.clear();
    log.clear();
    boolean bounded = random.nextBoolean();
    connect();
    StreamOptions options = StreamOptions.none().segmentBytes(700);
    run.declare(
        near.client, StreamClient.stream("s", bounded ? options.maxLengthBytes(3_000) : options));
    for (int i = 0; i < STEPS; i++) {
      step(bounded);
      readers.forEach(this::check);
    }
    Reading all = near.read("s", 1_000, StreamOffset.first());
    readers.forEach(r -> r.reading.all());
    readers.forEach(this::check);
    List<String> kept = List.copyOf(all.all());
    assertThat(kept).isNotEmpty();
    assertThat(kept).hasSize((int) (end() - offset(kept.get(0))));
    kept.forEach(this::note);
    for (Reader r : readers) {
      if (r.begins < end()) {
        assertThat(r.reading.got).as("it has read to the end").isNotEmpty();
        assertThat(last(r.reading.got)).isEqualTo(last(kept));
      }
    }
  }

  private static String last(List<String> all) {
    return all.get(all.size() - 1);
  }

  private void connect() {
    near = new StreamClient(run.client("near"));
    far = new StreamClient(run.farClient("far"));
  }

  private StreamClient any() {
    return random.nextBoolean() ? near : far;
  }

  private long end() {
    return log.isEmpty() ? 0 : log.lastKey() + 1;
  }

  private void step(boolean bounded) {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> publish(any());
      case 3 -> publishAtOnce();
      case 4 -> read(bounded);
      case 5, 6, 7 -> settle();
      case 8 -> stopReading();
      case 9 -> run.loops.advance(1_000);
      case 10 -> restart();
      default -> everythingIsRead();
    }
  }

  private String[] some() {
    String[] some = new String[1 + random.nextInt(12)];
    for (int i = 0; i < some.length; i++) {
      some[i] = "m" + ++texts;
    }
    return some;
  }

  private void publish(StreamClient by) {
    by.publish("s", some());
    everythingIsRead();
  }

  /** Both loops publish before either hears of the other. */
  private void publishAtOnce() {
    run.loops.second.turn(() -> far.publish(far.client.port, "s", some()));
    run.loops.first.turn(() -> near.publish(near.client.port, "s", some()));
    run.loops.run();
    everythingIsRead();
  }

  /** What was confirmed is there: its offsets are known from here on. */
  private void everythingIsRead() {
    Reading all = near.read("s", 60_000, StreamOffset.at(end()));
    all.got.forEach(this::note);
    near.client.act(p -> all.consumption().detach());
  }

  private static long offset(String got) {
    return Long.parseLong(got.substring(0, got.indexOf(':')));
  }

  /** An offset always names the same message. */
  private void note(String got) {
    String before = log.put(offset(got), got);
    assertThat(before == null || before.equals(got)).as("%s was %s", got, before).isTrue();
  }

  private void read(boolean bounded) {
    int prefetch = 1 + random.nextInt(30);
    switch (random.nextInt(4)) {
      case 0 -> start(any().read("s", prefetch, StreamOffset.first()), 0, bounded);
      case 1 -> start(any().read("s", prefetch, StreamOffset.next()), end(), bounded);
      case 2 -> start(any().read("s", prefetch, StreamOffset.last()), end() - 1, bounded);
      default -> {
        long from = random.nextInt((int) end() + 3);
        start(any().read("s", prefetch, StreamOffset.at(from)), from, bounded);
      }
    }
  }

  private void start(Reading reading, long begins, boolean bounded) {
    readers.add(new Reader(reading, Math.max(0, begins), bounded));
  }

  private void settle() {
    if (!readers.isEmpty()) {
      Settlement[] ways = {Settlement.ACCEPT, Settlement.REJECT, Settlement.REQUEUE};
      readers
          .get(random.nextInt(readers.size()))
          .reading
          .settle(1 + random.nextInt(20), ways[random.nextInt(ways.length)]);
    }
  }

  private void stopReading() {
    if (!readers.isEmpty()) {
      Reader r = readers.remove(random.nextInt(readers.size()));
      r.reading.cancel();
    }
  }

  private void restart() {
    readers.clear();
    if (random.nextBoolean()) {
      run.restart();
    } else {
      run.disk.hold();
      near.publish("s", "lost"); // never confirmed
      run.crash();
    }
    connect();
    everythingIsRead();
  }

  /**
   * What a reader has got so far follows on from where it began, with no gap but what is dropped.
   */
  private void check(Reader reader) {
    List<String> got = reader.reading.got;
    long next = reader.begins;
    for (String each : got) {
      long offset = offset(each);
      note(each);
      if (reader.gaps) {
        assertThat(offset).isGreaterThanOrEqualTo(next);
      } else {
        assertThat(offset).isEqualTo(next);
      }
      next = offset + 1;
    }
  }
}
