package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A queue in many runs, each of which reads and settles some of what the ones before have left:
 * every start knows exactly what is there, and in which order.
 */
class ManyRunsTest {

  private static final long QUEUE = 1;
  private static final int RUNS = 6;
  private static final int STEPS = 250;

  private static final Journal.Settings TINY =
      new Journal.Settings(Journal.Sync.FSYNC, 8 << 10, false);

  /** What is in the queue, by sequence. */
  private final TreeMap<Long, String> live = new TreeMap<>();

  @Property(tries = 25)
  void everyStartFindsWhatTheRunsBeforeHaveLeft(@ForAll long seed) throws IOException {
    live.clear();
    var random = new Random(seed);
    var files = new MemoryFiles();
    for (int run = 0; run < RUNS; run++) {
      MemoryFiles next;
      try (var probe = new StoreProbe(files, TINY)) {
        use(probe, random);
        probe.commit();
        next = random.nextBoolean() ? files.killed() : files;
      }
      files = next;
    }
    try (var probe = new StoreProbe(files, TINY)) {
      assertThat(probe.counts.getOrDefault(QUEUE, 0L)).isEqualTo(live.size());
      assertThat(probe.texts(QUEUE)).containsExactlyElementsOf(live.values());
    }
  }

  private void use(StoreProbe probe, Random random) {
    assertThat(probe.counts.getOrDefault(QUEUE, 0L)).isEqualTo(live.size());
    assertThat(probe.log(QUEUE).size()).isEqualTo(live.size());
    var unread = new ArrayDeque<>(live.values());
    var unsettled = new ArrayList<StoredMessage>();
    int reading = 1 + random.nextInt(6);
    for (int i = 0; i < STEPS; i++) {
      if (random.nextInt(8) < reading) {
        readSome(probe, random.nextInt(12), unread, unsettled);
      } else {
        publish(probe, random, unread);
      }
      for (int n = random.nextInt(3); n > 0 && !unsettled.isEmpty(); n--) {
        long settled = unsettled.remove(random.nextInt(unsettled.size())).sequence();
        probe.appender.settle(QUEUE, settled);
        live.remove(settled);
      }
    }
  }

  private void publish(StoreProbe probe, Random random, ArrayDeque<String> unread) {
    String text = random.nextInt() + "-".repeat(random.nextInt(300));
    boolean durable = random.nextInt(8) != 0;
    long sequence = durable ? probe.append(text, QUEUE) : 0;
    probe.appender.submit();
    probe.log(QUEUE).add(new StoredMessage(sequence, Message.of(text), null));
    unread.add(text);
    if (durable) {
      live.put(sequence, text);
    }
  }

  private static void readSome(
      StoreProbe probe, int most, ArrayDeque<String> unread, List<StoredMessage> unsettled) {
    if (most == 0 || probe.log(QUEUE).size() == 0) {
      return;
    }
    for (StoredMessage read : probe.read(QUEUE, most)) {
      assertThat(read.message().text()).isEqualTo(unread.poll());
      if (read.sequence() != 0) {
        unsettled.add(read);
      }
    }
  }
}
