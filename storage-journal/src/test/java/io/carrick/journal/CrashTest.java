package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A recorded run is cut off behind every single operation on its files, with whatever survives of
 * what was not yet safe: everything that was confirmed is there, nothing that was settled, and of
 * what was under way all or nothing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashTest {

  private static final int COMMITS = 220;
  private static final int QUEUES = 3;

  /** So small that the run goes through many segments, images and files of queues. */
  private static final Journal.Settings TINY =
      new Journal.Settings(Journal.Sync.FSYNC, 8 << 10, false);

  private final MemoryFiles files = new MemoryFiles();
  private final List<Confirmed> confirmed = new ArrayList<>();

  /** What the store held when so many operations had happened. */
  private record Confirmed(int operations, State state) {}

  /** What is in the store: definitions, and messages by queue and sequence. */
  private record State(Map<String, String> definitions, Map<Long, Map<Long, String>> queues) {

    State copy() {
      var copies = new TreeMap<Long, Map<Long, String>>();
      queues.forEach(
          (id, messages) -> {
            if (!messages.isEmpty()) {
              copies.put(id, new TreeMap<>(messages));
            }
          });
      return new State(new TreeMap<>(definitions), copies);
    }
  }

  /** Does random things in batches, each of which is confirmed before the next one. */
  private static final class Workload {
    private final Random random = new Random(42);
    private final StoreProbe probe;
    private final State state = new State(new TreeMap<>(), new TreeMap<>());
    private final Map<Long, List<StoredMessage>> delivered = new TreeMap<>();
    private int texts;

    Workload(StoreProbe probe) {
      this.probe = probe;
      for (long queue = 1; queue <= QUEUES; queue++) {
        state.queues.put(queue, new TreeMap<>());
        delivered.put(queue, new ArrayList<>());
      }
    }

    void batch() {
      probe.appender.begin();
      for (int i = random.nextInt(12); i >= 0; i--) {
        switch (random.nextInt(8)) {
          case 0, 1, 2, 3 -> publish();
          case 4, 5 -> settleSome();
          case 6 -> define();
          default -> readSome();
        }
      }
      probe.appender.end();
    }

    private void publish() {
      long queue = 1 + random.nextInt(QUEUES);
      long[] queues = random.nextInt(4) == 0 ? new long[] {1, 2, 3} : new long[] {queue};
      String text = ++texts + "-".repeat(random.nextInt(200));
      Message message = Message.of(text);
      long sequence = probe.appender.append(message, queues, queues.length);
      for (long each : queues) {
        state.queues.get(each).put(sequence, text);
        var stored = new StoredMessage(sequence, message, null);
        if (each == 1 && probe.log(1).size() == 0 && random.nextInt(10) != 0) {
          delivered.get(each).add(stored);
        } else {
          probe.log(each).add(stored);
        }
      }
    }

    private void settleSome() {
      long queue = 1 + random.nextInt(QUEUES);
      List<StoredMessage> unsettled = delivered.get(queue);
      for (int i = random.nextInt(6); i >= 0 && !unsettled.isEmpty(); i--) {
        int which = random.nextBoolean() ? 0 : random.nextInt(unsettled.size());
        StoredMessage settled = unsettled.remove(which);
        probe.appender.settle(queue, settled.sequence());
        state.queues.get(queue).remove(settled.sequence());
      }
    }

    private void define() {
      String key = "k" + random.nextInt(6);
      if (random.nextInt(3) == 0) {
        probe.appender.delete("t", key);
        state.definitions.remove("t/" + key);
      } else {
        String record = "r" + ++texts;
        probe.appender.put("t", key, record.getBytes());
        state.definitions.put("t/" + key, record);
      }
    }

    private void readSome() {
      // Reading waits for what was submitted before.
      readNext = 1 + random.nextInt(QUEUES);
    }

    private long readNext;

    void readBetweenBatches() {
      if (readNext != 0 && probe.log(readNext).size() > 0) {
        delivered.get(readNext).addAll(probe.read(readNext, 30));
      }
      readNext = 0;
    }
  }

  @BeforeAll
  void recordARun() throws IOException {
    try (var probe = new StoreProbe(files, TINY)) {
      var workload = new Workload(probe);
      confirmed.add(new Confirmed(0, workload.state.copy()));
      for (int i = 0; i < COMMITS; i++) {
        workload.batch();
        probe.commit();
        confirmed.add(new Confirmed(files.operations(), workload.state.copy()));
        workload.readBetweenBatches();
      }
    }
  }

  private static State stateOf(MemoryFiles crashed) throws IOException {
    try (var probe = new StoreProbe(crashed, TINY)) {
      var queues = new TreeMap<Long, Map<Long, String>>();
      for (long queue : probe.counts.keySet()) {
        var messages = new TreeMap<Long, String>();
        long before = 0;
        for (StoredMessage m : probe.readAll(queue)) {
          assertThat(m.sequence()).as("in order").isGreaterThan(before);
          before = m.sequence();
          messages.put(m.sequence(), m.message().text());
        }
        assertThat(probe.counts)
            .as("as many as was said")
            .containsEntry(queue, (long) messages.size());
        queues.put(queue, messages);
      }
      return new State(probe.definitions, queues);
    }
  }

  /** Returns what was confirmed last, and what was under way then. */
  private List<State> possible(int operations) {
    int last = 0;
    while (last + 1 < confirmed.size() && confirmed.get(last + 1).operations <= operations) {
      last++;
    }
    int next = Math.min(last + 1, confirmed.size() - 1);
    return List.of(confirmed.get(last).state, confirmed.get(next).state);
  }

  private void check(int operations, Survival survival) {
    try {
      State found = stateOf(files.crashedAfter(operations, survival));
      assertThat(found).isIn(possible(operations));
    } catch (IOException | AssertionError e) {
      throw new AssertionError(
          "after " + operations + " of " + files.operations() + " operations", e);
    }
  }

  @Test
  void theRunWentThroughSegmentsImagesAndFilesOfQueues() {
    List<String> names = files.list();

    assertThat(names).anyMatch(name -> name.startsWith("image-"));
    assertThat(names).anyMatch(LogFileNames::isCold);
    assertThat(LogFileNames.wals(names).last()).isGreaterThan(10);
  }

  @Test
  void afterEveryOperationWithNothingElseSurviving() {
    for (int i = 1; i <= files.operations(); i++) {
      check(i, Survival.NONE);
    }
  }

  @Test
  void afterEveryOperationWithEverythingSurviving() {
    for (int i = 1; i <= files.operations(); i++) {
      check(i, Survival.ALL);
    }
  }

  @Test
  void afterEveryOperationWithSomeSurviving() {
    for (int i = 1; i <= files.operations(); i++) {
      check(i, Survival.random(i));
    }
  }

  @Test
  void withTheLastWriteTornAtEveryByte() {
    int torn = 0;
    for (int i = files.operations() / 3; i < files.operations() && torn < 4; i++) {
      int bytes = files.writtenBy(i);
      if (bytes > 0 && bytes < 700) {
        torn++;
        for (int at = 0; at < bytes; at++) {
          check(i + 1, Survival.torn(i, at));
        }
      }
    }
    assertThat(torn).isEqualTo(4);
  }
}
