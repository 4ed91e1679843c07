package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.journal.StreamCrashWorkload.State;
import io.carrick.storage.StreamLog.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A recorded run of a stream, a queue and two loops is cut off behind every operation on its files:
 * every confirmed message is there, at the offset at which it could be read, with no gap and none
 * twice, and what was for both is in both or in none.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamCrashTest {

  private static final int COMMITS = 70;

  /** So small that the run goes through many segments, images and files. */
  private static final Journal.Settings TINY =
      new Journal.Settings(Journal.Sync.FSYNC, 8 << 10, false);

  private final MemoryFiles files = new MemoryFiles();
  private final List<Confirmed> confirmed = new ArrayList<>();

  /** What the store held when so many operations had happened. */
  private record Confirmed(int operations, State state) {}

  @BeforeAll
  void recordARun() throws IOException {
    try (var probe = new StoreProbe(files, TINY)) {
      var workload = new StreamCrashWorkload(probe);
      confirmed.add(new Confirmed(0, workload.state()));
      for (int i = 0; i < COMMITS; i++) {
        workload.batch();
        confirmed.add(new Confirmed(files.operations(), workload.state()));
        workload.readSome();
      }
    }
  }

  /** What is found after a start. Immutable. */
  private record Found(Map<Long, String> stream, Set<String> queue) {

    long first() {
      return stream.keySet().iterator().next();
    }
  }

  private static Found found(StoreProbe probe) {
    var log = probe.store.streamLog(StreamCrashWorkload.STREAM, Runnable::run);
    return found(probe, log);
  }

  private static Found found(StoreProbe probe, io.carrick.storage.StreamLog log) {
    List<Segment> segments = log.segments();
    TreeMap<Long, String> stream = StreamCrashWorkload.readAll(log, 0);
    long end = segments.isEmpty() ? 0 : segments.get(segments.size() - 1).end();
    if (!stream.isEmpty()) {
      assertThat(stream.lastKey()).as("the last offset").isEqualTo(end - 1);
      assertThat(stream).as("no gap").hasSize((int) (end - stream.firstKey()));
    }
    assertThat(new HashSet<>(stream.values())).as("none twice").hasSameSizeAs(stream.keySet());
    return new Found(stream, new HashSet<>(probe.texts(StreamCrashWorkload.QUEUE)));
  }

  private static void check(Found found, State last, State next) {
    if (!last.placed().isEmpty()) {
      assertThat(found.first()).as("the first offset").isLessThanOrEqualTo(next.first());
    }
    last.placed()
        .forEach(
            (offset, text) -> {
              if (offset >= next.first()) {
                assertThat(found.stream).containsEntry(offset, text);
              }
            });
    assertThat(found.stream.values()).containsAll(last.unplaced());
    assertThat(next.appended()).containsAll(found.stream.values());
    for (String both : next.both()) {
      boolean dropped = next.placed().headMap(next.first()).containsValue(both);
      if (!dropped && !next.settled().contains(both)) {
        assertThat(found.queue.contains(both))
            .as("%s is in both or in none", both)
            .isEqualTo(found.stream.containsValue(both));
      }
    }
    for (String text : last.queued()) {
      if (!next.settled().contains(text)) {
        assertThat(found.queue).contains(text);
      }
    }
  }

  private int lastBefore(int operations) {
    int last = 0;
    while (last + 1 < confirmed.size() && confirmed.get(last + 1).operations <= operations) {
      last++;
    }
    return last;
  }

  private void check(int operations, Survival survival) {
    int last = lastBefore(operations);
    State next = confirmed.get(Math.min(last + 1, confirmed.size() - 1)).state;
    try (var probe = new StoreProbe(files.crashedAfter(operations, survival), TINY)) {
      check(found(probe), confirmed.get(last).state, next);
    } catch (IOException | AssertionError e) {
      throw new AssertionError("after " + operations + " of " + files.operations(), e);
    }
  }

  @Test
  void theRunWentThroughSegmentsImagesAndFilesThatWereDropped() throws IOException {
    State last = confirmed.get(confirmed.size() - 1).state;

    assertThat(files.written("stream-")).isGreaterThan(10_000);
    assertThat(files.list()).anyMatch(name -> name.startsWith("stream-"));
    assertThat(LogFileNames.wals(files.list()).last()).isGreaterThan(5);
    assertThat(last.first()).as("offsets that were dropped").isGreaterThan(50);
    try (var probe = new StoreProbe(files.crashedAfter(files.operations(), Survival.NONE), TINY)) {
      assertThat(found(probe).first()).as("and are gone").isGreaterThan(20);
    }
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
  void afterEveryOperationWithPiecesSurviving() {
    for (int i = 1; i <= files.operations(); i++) {
      check(i, Survival.pieces(i));
    }
  }

  @Test
  void offsetsAreTheSameAfterASecondCrashWhereverTheStartAfterTheFirstEnded() throws IOException {
    for (int i = 20; i <= files.operations(); i += files.operations() / 60) {
      MemoryFiles first = files.crashedAfter(i, Survival.random(i));
      Found before;
      try (var probe = new StoreProbe(first, TINY)) {
        var log = probe.store.streamLog(StreamCrashWorkload.STREAM, Runnable::run);
        before = found(probe, log);
        if (!before.stream.isEmpty()) {
          StreamCrashWorkload.add(probe, log, before.first() + before.stream.size(), "new " + i);
        }
      }
      int operations = first.operations();
      for (int j = 1; j <= operations; j += Math.max(1, operations / 25)) {
        checkAgain(first.crashedAfter(j, Survival.random(j)), before, i);
      }
      checkAgain(first.crashedAfter(operations, Survival.NONE), before, i);
    }
  }

  private static void checkAgain(MemoryFiles second, Found before, int when) throws IOException {
    try (var probe = new StoreProbe(second, TINY)) {
      var after = new TreeMap<>(found(probe).stream);
      after.values().remove("new " + when);
      after.keySet().removeIf(offset -> offset < before.first());
      assertThat(after).as("after a second crash, the first at %s", when).isEqualTo(before.stream);
    }
  }
}
