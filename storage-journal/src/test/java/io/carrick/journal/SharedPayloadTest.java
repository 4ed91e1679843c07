package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.MessageStore.State;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beyond memory a payload is on the disk once, however many queues have it. */
class SharedPayloadTest {

  private static final int QUEUES = 300;
  private static final long[] ALL = LongStream.rangeClosed(1, QUEUES).toArray();
  private static final long[] TWO = {1, 2};

  private static final Journal.Settings MIDDLING =
      new Journal.Settings(Journal.Sync.OS, 1 << 20, false);

  private MemoryFiles files = new MemoryFiles();

  /** Stores messages for queues that have nothing in memory. */
  private static void spill(StoreProbe probe, long[] queues, int from, int to, int bytes) {
    for (int i = from; i < to; i++) {
      Message message = Message.of(text(i, bytes));
      long sequence = probe.appender.append(message, queues, queues.length);
      for (long queue : queues) {
        probe.log(queue).add(new StoredMessage(sequence, message, null));
      }
      if (i % 10 == 9) {
        probe.commit();
      }
    }
    probe.commit();
  }

  private static String text(int number, int bytes) {
    return "m" + number + "-".repeat(bytes);
  }

  private static List<String> texts(int from, int to, int bytes) {
    var texts = new ArrayList<String>();
    for (int i = from; i < to; i++) {
      texts.add(text(i, bytes));
    }
    return texts;
  }

  private static void settleAll(StoreProbe probe, long queue) {
    for (StoredMessage m : probe.readAll(queue)) {
      probe.appender.settle(queue, m.sequence());
    }
    probe.commit();
  }

  private long count(String prefix) {
    return files.list().stream().filter(name -> name.startsWith(prefix)).count();
  }

  private static void snapshot(StoreProbe probe) throws IOException {
    ((JournalStore) probe.store).snapshot(new MemoryFiles());
  }

  @Test
  void aPayloadForThreeHundredQueuesIsWrittenToTheLogAndOnceMore() throws IOException {
    int messages = 500;
    int bytes = 4_000;
    long payload = (long) messages * bytes;
    try (var probe = new StoreProbe(files, MIDDLING)) {
      spill(probe, ALL, 0, messages, bytes);
      snapshot(probe);

      assertThat(files.written("shared-")).isBetween(payload * 8 / 10, payload * 12 / 10);
      assertThat(files.written("wal-")).isLessThan(payload * 13 / 10);
      assertThat(files.written("queue-")).as("references").isLessThan(8L * QUEUES * messages);
      assertThat(files.written("image-")).isLessThan(payload / 2);
      for (long queue : new long[] {1, 150, 300}) {
        assertThat(probe.texts(queue)).isEqualTo(texts(0, messages, bytes));
      }
    }
    long written =
        files.written("shared-")
            + files.written("wal-")
            + files.written("queue-")
            + files.written("image-");
    assertThat(written).isLessThan(3 * payload);
  }

  @Test
  void whenAllQueuesHaveSettledTheFilesAreGone() throws IOException {
    try (var probe = new StoreProbe(files, MIDDLING)) {
      spill(probe, ALL, 0, 60, 4_000);
      snapshot(probe);
      assertThat(count("shared-")).isPositive();
      for (long queue : ALL) {
        settleAll(probe, queue);
        if (queue == QUEUES - 1) {
          snapshot(probe);
          assertThat(count("shared-")).as("one queue still has them").isPositive();
        }
      }
      snapshot(probe);
      assertThat(count("shared-") + count("queue-")).isZero();
    }
    try (var probe = new StoreProbe(files, MIDDLING)) {
      assertThat(probe.counts).isEmpty();
    }
  }

  @Test
  void aQueueThatIsPurgedOrDroppedTakesNothingFromTheOthers() throws IOException {
    try (var probe = new StoreProbe(files)) {
      spill(probe, new long[] {1, 2, 3}, 0, 200, 500);
      probe.log(1).clear(probe.appender);
      probe.log(2).clear(probe.appender);
      probe.appender.drop(2);
      probe.commit();
      snapshot(probe);
      snapshot(probe);
      assertThat(count("shared-")).isPositive();
      assertThat(probe.texts(3)).isEqualTo(texts(0, 200, 500));
    }
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.counts).containsOnlyKeys(3L);
      assertThat(probe.texts(3)).isEqualTo(texts(0, 200, 500));
      probe.appender.drop(3);
      probe.commit();
    }
    assertThat(count("shared-") + count("queue-")).isZero();
  }

  @Test
  void afterARestartEachQueueReadsThemAndMoreOfThemInOrder() throws IOException {
    try (var probe = new StoreProbe(files)) {
      spill(probe, TWO, 0, 300, 400);
      spill(probe, new long[] {2}, 300, 350, 400);
      spill(probe, TWO, 350, 500, 400);
    }
    assertThat(count("shared-")).isPositive();
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.counts).containsEntry(1L, 450L).containsEntry(2L, 500L);
      spill(probe, TWO, 500, 700, 400);
      assertThat(probe.texts(2)).isEqualTo(texts(0, 700, 400));
      var expected = texts(0, 300, 400);
      expected.addAll(texts(350, 700, 400));
      assertThat(probe.texts(1)).isEqualTo(expected);
    }
  }

  @Test
  void afterAKillBehindAnImageEverythingIsThereAndIsSharedStill() throws IOException {
    try (var probe = new StoreProbe(files)) {
      spill(probe, TWO, 0, 300, 400);
      snapshot(probe);
      spill(probe, TWO, 300, 400, 400);
      files = files.crashedAfter(files.operations(), Survival.NONE);
    }
    long before = count("shared-");
    assertThat(before).isPositive();
    for (int start = 0; start < 3; start++) {
      try (var probe = new StoreProbe(files)) {
        assertThat(probe.texts(1)).isEqualTo(texts(0, 400, 400));
        assertThat(probe.texts(2)).isEqualTo(texts(0, 400, 400));
        assertThat(probe.store.state()).isEqualTo(State.OPEN);
        files = files.killed();
      }
    }
  }

  @Test
  void aSnapshotHasWhatQueuesShare() throws IOException {
    var copy = new MemoryFiles();
    try (var probe = new StoreProbe(files)) {
      spill(probe, TWO, 0, 300, 400);
      ((JournalStore) probe.store).snapshot(copy);
    }
    try (var probe = new StoreProbe(copy)) {
      assertThat(probe.texts(1)).isEqualTo(texts(0, 300, 400));
      assertThat(probe.texts(2)).isEqualTo(texts(0, 300, 400));
    }
  }

  @Test
  void threeHundredQueuesNeedNoHeapForWhatTheyHaveBeyondIt(@TempDir Path directory)
      throws Exception {
    String said = SmallHeapLoad.inOtherProcess(directory, "-Xmx64m", 800);

    assertThat(said).contains("filled: OPEN", "wrong: 0", "read: OPEN", "left: 0");
  }

  @Test
  void onAFullDiskNothingIsWrittenTwiceAndAllOfItLeavesMemoryLater() throws Exception {
    try (var probe = new StoreProbe(files)) {
      probe.append("first", 1);
      probe.commit();
      files.roomFor(10);
      for (int i = 0; i < 60; i++) {
        Message message = Message.of(text(i, 200));
        long sequence = probe.appender.append(message, TWO, 2);
        for (long queue : TWO) {
          probe.log(queue).add(new StoredMessage(sequence, message, null));
        }
      }
      probe.commit();
      FaultTest.awaitState(probe, State.FULL);
      files.roomFor(Long.MAX_VALUE);
      FaultTest.awaitState(probe, State.OPEN);

      assertThat(probe.texts(1)).isEqualTo(texts(0, 60, 200));
      assertThat(probe.texts(2)).isEqualTo(texts(0, 60, 200));
      assertThat(files.written("shared-")).isLessThan(60 * 260);
    }
  }
}
