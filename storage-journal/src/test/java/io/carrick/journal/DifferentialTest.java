package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The same random use of the store in memory and of the journal shows the same. */
class DifferentialTest {

  private static final int QUEUES = 3;

  private static final Journal.Settings TINY =
      new Journal.Settings(Journal.Sync.FSYNC, 8 << 10, false);

  @Property(tries = 25)
  void bothGiveTheSameHistory(@ForAll long seed) throws IOException {
    List<String> memory;
    try (var probe = new StoreProbe(MessageStore.inMemory().open(StoreProbe.CONTEXT))) {
      memory = history(probe, seed);
    }
    List<String> journal;
    try (var probe = new StoreProbe(new MemoryFiles(), TINY)) {
      journal = history(probe, seed);
    }

    assertThat(journal).isEqualTo(memory);
  }

  private static List<String> history(StoreProbe probe, long seed) {
    var random = new Random(seed);
    var history = new ArrayList<String>();
    for (int i = 0; i < 600; i++) {
      long queue = 1 + random.nextInt(QUEUES);
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3, 4, 5 ->
            add(probe, queue, "m" + i + "-".repeat(random.nextInt(300)), random);
        case 6, 7, 8 -> {
          probe.appender.submit();
          if (probe.log(queue).size() > 0) {
            read(probe, queue, 1 + random.nextInt(60), history);
          }
        }
        default -> {
          if (random.nextInt(10) == 0) {
            probe.appender.submit();
            history.add("cleared " + probe.log(queue).clear(probe.appender));
          }
        }
      }
      history.add(queue + " has " + probe.log(queue).size());
    }
    probe.appender.submit();
    for (long queue = 1; queue <= QUEUES; queue++) {
      while (probe.log(queue).size() > 0) {
        read(probe, queue, 50, history);
      }
    }
    return history;
  }

  private static void add(StoreProbe probe, long queue, String text, Random random) {
    boolean stored = random.nextBoolean();
    Object tag = random.nextBoolean() ? "t" + text.length() : null;
    long sequence = stored ? probe.append(text, queue) : 0;
    probe.log(queue).add(new StoredMessage(sequence, Message.of(text), tag));
  }

  /** A read may bring fewer than there are: reads on until it has as many. */
  private static void read(StoreProbe probe, long queue, int most, List<String> history) {
    long wanted = Math.min(most, probe.log(queue).size());
    for (long got = 0; got < wanted; ) {
      List<StoredMessage> read = probe.read(queue, (int) (wanted - got));
      got += read.size();
      for (StoredMessage m : read) {
        history.add(queue + " gave " + m.message().text() + " " + m.tag());
        if (m.sequence() != 0) {
          probe.appender.settle(queue, m.sequence());
        }
      }
    }
  }
}
