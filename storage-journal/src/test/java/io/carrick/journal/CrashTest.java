package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.journal.CrashWorkload.State;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  /** So small that the run goes through many segments, images and files of queues. */
  private static final Journal.Settings TINY =
      new Journal.Settings(Journal.Sync.FSYNC, 8 << 10, false);

  private final MemoryFiles files = new MemoryFiles();
  private final List<Confirmed> confirmed = new ArrayList<>();

  /** What the store held when so many operations had happened. */
  private record Confirmed(int operations, State state) {}

  @BeforeAll
  void recordARun() throws IOException {
    try (var probe = new StoreProbe(files, TINY)) {
      var workload = new CrashWorkload(probe);
      confirmed.add(new Confirmed(0, workload.state()));
      for (int i = 0; i < COMMITS; i++) {
        workload.batch();
        probe.commit();
        confirmed.add(new Confirmed(files.operations(), workload.state()));
        workload.betweenBatches();
        if (i % 60 == 40) {
          takeASnapshot(probe, workload.state());
        }
      }
    }
  }

  private static void takeASnapshot(StoreProbe probe, State state) throws IOException {
    var copy = new MemoryFiles();
    ((JournalStore) probe.store).snapshot(copy);
    check(stateOf(copy), state, state, "a snapshot");
  }

  /** What is found after a start. Immutable. */
  private record Found(Map<String, String> definitions, Map<Long, Map<Long, String>> queues) {}

  private static Found stateOf(MemoryFiles crashed) throws IOException {
    try (var probe = new StoreProbe(crashed, TINY)) {
      var queues = new TreeMap<Long, Map<Long, String>>();
      for (long queue : probe.counts.keySet()) {
        var messages = new TreeMap<Long, String>();
        long before = 0;
        for (StoredMessage m : probe.readAll(queue)) {
          assertThat(m.sequence()).as("in order").isGreaterThan(before);
          before = m.sequence();
          messages.put(m.sequence(), CrashWorkload.brief(StoreProbe.shown(m.message())));
        }
        assertThat(probe.counts)
            .as("as many as was said")
            .containsEntry(queue, (long) messages.size());
        queues.put(queue, messages);
      }
      return new Found(probe.definitions, queues);
    }
  }

  /** Checks against what was confirmed last, and what was under way then. */
  private static void check(Found found, State confirmed, State underWay, String when) {
    boolean fine =
        confirmed.admits(found.definitions, found.queues, underWay.purged())
            || underWay.admits(found.definitions, found.queues, underWay.purged());
    assertThat(fine)
        .as("%s%nfound %s%nconfirmed %s%nunder way %s", when, found, confirmed, underWay)
        .isTrue();
  }

  private void check(int operations, MemoryFiles crashed) {
    int last = 0;
    while (last + 1 < confirmed.size() && confirmed.get(last + 1).operations <= operations) {
      last++;
    }
    int next = Math.min(last + 1, confirmed.size() - 1);
    String when = "after " + operations + " of " + files.operations() + " operations";
    try {
      check(stateOf(crashed), confirmed.get(last).state, confirmed.get(next).state, when);
    } catch (IOException e) {
      throw new AssertionError(when, e);
    }
  }

  private void check(int operations, Survival survival) {
    check(operations, files.crashedAfter(operations, survival));
  }

  @Test
  void theRunWentThroughSegmentsImagesAndFilesOfQueues() {
    List<String> names = files.list();

    assertThat(names).anyMatch(name -> name.startsWith("image-"));
    assertThat(names).anyMatch(name -> name.startsWith("queue-"));
    assertThat(files.written("shared-")).isGreaterThan(4_000);
    assertThat(LogFileNames.wals(names).last()).isGreaterThan(10);
    assertThat(files.renamed("wal-", "spare-")).as("segments used again").isGreaterThan(5);
  }

  @Test
  void afterTheLastImageNothingIsThereThatWasPurged() throws IOException {
    State last = confirmed.get(confirmed.size() - 1).state;

    Found found = stateOf(files.crashedAfter(files.operations(), Survival.NONE));

    assertThat(found.definitions).isEqualTo(last.definitions());
    assertThat(found.queues).isEqualTo(last.queues());
    assertThat(last.purged()).hasSizeGreaterThan(10);
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
  void afterEveryOperationWithPiecesSurviving() {
    for (int i = 1; i <= files.operations(); i++) {
      check(i, Survival.pieces(i));
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

  @Test
  void afterASecondCrashBehindEveryOperationOfTheStartAfterTheFirst() throws IOException {
    for (int i = 100; i <= files.operations(); i += files.operations() / 12) {
      MemoryFiles first = files.crashedAfter(i, Survival.random(i));
      stateOf(first);
      assertThat(first.operations()).isPositive();
      for (int j = 1; j <= first.operations(); j++) {
        check(i, first.crashedAfter(j, j % 2 == 0 ? Survival.NONE : Survival.random(j)));
      }
    }
  }
}
