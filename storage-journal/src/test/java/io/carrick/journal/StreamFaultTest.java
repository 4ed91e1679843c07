package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.journal.JournalTool.Naming;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.MessageStore.State;
import io.carrick.storage.StreamLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams on disks that are full, fail, or have changed what was written. */
@Timeout(60)
class StreamFaultTest {

  private static final long STREAM = StreamCrashWorkload.STREAM;

  private final MemoryFiles files = new MemoryFiles();

  private static StreamLog log(StoreProbe probe) {
    return probe.store.streamLog(STREAM, Runnable::run);
  }

  /** Adds messages of a hundred bytes, in one turn each. */
  private static void add(StoreProbe probe, StreamLog log, int from, int to) {
    for (int i = from; i < to; i++) {
      StreamCrashWorkload.add(probe, log, i, "m" + i + "-".repeat(100));
    }
  }

  private static void assertHasAll(StreamLog log, int count) {
    var all = StreamCrashWorkload.readAll(log, 0);
    assertThat(all).hasSize(count);
    all.forEach((offset, text) -> assertThat(text).startsWith("m" + offset + "-"));
  }

  private static void awaitState(StoreProbe probe, State wanted) throws InterruptedException {
    var never = new CountDownLatch(1);
    for (int i = 0; probe.store.state() != wanted && i < 1_000; i++) {
      assertThat(never.await(10, TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(probe.store.state()).isEqualTo(wanted);
  }

  @Test
  void whatTheFilesHaveNoRoomForStaysInTheLogAndKeepsItsPlace() throws Exception {
    try (var probe = new StoreProbe(files)) {
      StreamLog log = log(probe);
      add(probe, log, 0, 100);
      files.roomFor(100);
      // The last one into the file needs more than there is.
      StreamCrashWorkload.add(probe, log, 100, "m100-".repeat(40));
      awaitState(probe, State.FULL);
      MemoryFiles crashed = files.crashedAfter(files.operations(), Survival.ALL);
      try (var next = new StoreProbe(crashed)) {
        assertHasAll(log(next), 101);
      }
      files.roomFor(Long.MAX_VALUE);
      awaitState(probe, State.OPEN);
      add(probe, log, 101, 120);
      assertHasAll(log, 120);
    }
  }

  @Test
  void aStartOnAFullDiskLeavesInTheLogWhatItCannotWriteAndReadersWait() throws Exception {
    try (var probe = new StoreProbe(files)) {
      add(probe, log(probe), 0, 300);
      MemoryFiles crashed = files.crashedAfter(files.operations(), Survival.ALL);
      crashed.roomFor(1 << 18);
      try (var next = new StoreProbe(crashed)) {
        crashed.roomFor(5_000);
        StreamLog log = log(next);
        awaitState(next, State.FULL);
        crashed.roomFor(Long.MAX_VALUE);
        assertHasAll(log, 300);
        add(next, log, 300, 310);
        assertHasAll(log, 310);
      }
    }
  }

  @Test
  void filesThatCannotBeMadeSafeFailTheJournal() throws Exception {
    try (var probe = new StoreProbe(files)) {
      add(probe, log(probe), 0, 10);
      files.failForceOf("stream-");
      assertThatThrownBy(() -> ((JournalStore) probe.store).snapshot(new MemoryFiles()))
          .isInstanceOf(IOException.class);
      awaitState(probe, State.FAILED);
    }
    MemoryFiles left = files.crashedAfter(files.operations(), Survival.NONE);
    left.failForceOf("nothing");
    try (var probe = new StoreProbe(left)) {
      assertHasAll(log(probe), 10);
    }
  }

  @Test
  void aSnapshotHasTheStream() throws Exception {
    var copy = new MemoryFiles();
    try (var probe = new StoreProbe(files)) {
      StreamLog log = log(probe);
      add(probe, log, 0, 50);
      log.startSegment();
      add(probe, log, 50, 80);
      ((JournalStore) probe.store).snapshot(copy);
    }
    try (var probe = new StoreProbe(copy)) {
      StreamLog log = log(probe);
      assertThat(log.segments()).hasSize(2);
      assertHasAll(log, 80);
    }
  }

  private String streamFile() {
    return files.list().stream().filter(n -> n.startsWith("stream-")).findFirst().orElseThrow();
  }

  @Test
  void damageEndsServiceUnlessItIsToBePassedOver() throws Exception {
    try (var probe = new StoreProbe(files)) {
      add(probe, log(probe), 0, 100);
    }
    String name = streamFile();
    files.flip(name, files.bytes(name).length / 2);

    try (var probe = new StoreProbe(files)) {
      StreamLog log = log(probe);
      assertThat(StreamCrashWorkload.readAll(log, 0)).hasSizeLessThan(100);
      awaitState(probe, State.FAILED);
    }
    var skipping = new Journal.Settings(Journal.Sync.FSYNC, 64 << 10, true);
    try (var probe = new StoreProbe(files, skipping)) {
      var all = StreamCrashWorkload.readAll(log(probe), 0);
      assertThat(all).hasSize(99);
      all.forEach((offset, text) -> assertThat(text).startsWith("m" + offset + "-"));
    }
  }

  @Test
  void theToolShowsAndChecksStreamsAndKeepsThem() throws Exception {
    try (var probe = new StoreProbe(files)) {
      add(probe, log(probe), 0, 100);
      MemoryFiles killed = files.crashedAfter(files.operations(), Survival.ALL);
      var printed = new StringWriter();
      var tool = new JournalTool(killed, new PrintWriter(printed), false);

      assertThat(tool.inspect(naming())).isTrue();
      assertThat(printed.toString()).contains("the stream: 100 messages");
      assertThat(tool.verify()).isTrue();
      assertThat(tool.compact()).isTrue();
      try (var next = new StoreProbe(killed)) {
        assertHasAll(log(next), 100);
      }
    }
    var printed = new StringWriter();
    assertThat(new JournalTool(files, new PrintWriter(printed), false).verify()).isTrue();
    assertThat(printed.toString()).contains("1 files of queues");
  }

  private static Naming naming() {
    return new Naming(
        new io.carrick.storage.MessageStore.Recovery() {
          @Override
          public void definition(String table, String key, byte[] record) {}

          @Override
          public void queue(long queueId, long messages) {}
        },
        id -> id == STREAM ? Optional.of("the stream") : Optional.empty());
  }

  @Test
  void aReaderOfAStreamKeepsNobodyFromWriting() throws Exception {
    try (var probe = new StoreProbe(files)) {
      StreamLog log = log(probe);
      add(probe, log, 0, 20);
      for (int i = 0; i < 50; i++) {
        log.read(0, 1 << 20, (first, messages) -> assertThat(messages).isNotEmpty());
      }
      add(probe, log, 20, 40);
      assertHasAll(log, 40);
      assertThat(probe.store.sizes().waitingBytes()).isLessThan(1 << 20);
    }
  }

  @Test
  void aMessageThatIsLargerThanAnyBlockIsReadWithItsNeighbours() throws Exception {
    try (var probe = new StoreProbe(files)) {
      StreamLog log = log(probe);
      add(probe, log, 0, 3);
      String large = "m3-" + "x".repeat(700_000);
      StreamCrashWorkload.add(probe, log, 3, large);
      add(probe, log, 4, 6);
      var all = StreamCrashWorkload.readAll(log, 0);
      assertThat(all).hasSize(6).containsEntry(3L, large);
      assertThat(List.copyOf(StreamCrashWorkload.readAll(log, 3).values())).startsWith(large);
    }
  }

  @Test
  void messagesOfOneTurnAreReadFromTheMiddle() throws Exception {
    try (var probe = new StoreProbe(files)) {
      StreamLog log = log(probe);
      for (int i = 0; i < 5_000; i++) {
        Message message = Message.of("m" + i + "-".repeat(100));
        long sequence = probe.appender.append(message, new long[] {STREAM}, 1);
        probe.appender.place(STREAM, i, sequence);
        log.add(sequence, message);
      }
      log.flush();
      probe.commit();
      for (int from : new int[] {0, 1, 2_345, 4_999}) {
        var all = StreamCrashWorkload.readAll(log, from);
        assertThat(all).hasSize(5_000 - from);
        assertThat(all.firstEntry().getValue()).startsWith("m" + from + "-");
      }
    }
  }
}
