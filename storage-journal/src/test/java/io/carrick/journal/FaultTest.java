package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.carrick.Message;
import io.carrick.journal.CheckpointPlan.QueuePlan;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.MessageStore.State;
import io.carrick.storage.PlainCodec;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What the journal does when the disk does what it should not. */
class FaultTest {

  private static final long QUEUE = 1;

  private final MemoryFiles files = new MemoryFiles();

  private static Journal.Settings skipping() {
    return new Journal.Settings(Journal.Sync.FSYNC, 64 << 10, true);
  }

  /** Leaves a log with some messages, as a broker that was killed does. */
  private MemoryFiles killedWith(int messages) throws IOException {
    return killedWith(messages, "");
  }

  private MemoryFiles killedWith(int messages, String filler) throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < messages; i++) {
        probe.append("m" + i + filler, QUEUE);
        probe.commit();
      }
      return files.crashedAfter(files.operations(), MemoryFiles.Survival.ALL);
    }
  }

  private static String lastWal(MemoryFiles of) {
    return LogFileNames.wal(LogFileNames.wals(of.list()).last());
  }

  @Test
  void aSecondBrokerIsKeptOut() throws IOException {
    try (var first = new StoreProbe(files)) {
      assertThatThrownBy(() -> new StoreProbe(files))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use by another broker");
      assertThat(first.store.state()).isEqualTo(State.OPEN);
    }
    new StoreProbe(files).close();
  }

  @Test
  void aLaterFormatIsRefusedAndLeftAlone() throws IOException {
    MemoryFiles killed = killedWith(1);
    String wal = lastWal(killed);
    var later = new FileHeader(FileHeader.Kind.WAL, 1, 1, 0).toBytes().array();
    ByteBuffer.wrap(later).putInt(8, FileHeader.VERSION + 1);
    var crc = new java.util.zip.CRC32C();
    crc.update(later, 0, 60);
    ByteBuffer.wrap(later).putInt(60, (int) crc.getValue());
    killed.overwrite(wal, 0, later);
    byte[] before = killed.bytes(wal);

    assertThatThrownBy(() -> new StoreProbe(killed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(wal)
        .hasMessageContaining("format version " + (FileHeader.VERSION + 1));
    assertThat(killed.bytes(wal)).isEqualTo(before);
  }

  @Test
  void aTornTailIsCutOffAndTheRestIsThere() throws IOException {
    MemoryFiles killed = killedWith(3);
    String wal = lastWal(killed);
    byte[] bytes = killed.bytes(wal);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    killed.flip(wal, end - 1);

    try (var probe = new StoreProbe(killed)) {
      assertThat(probe.texts(QUEUE)).containsExactly("m0", "m1");
    }
  }

  @Test
  void aFlippedBitInWhatWasSafeIsReportedWithFileAndOffset() throws IOException {
    MemoryFiles killed = killedWith(3);
    String wal = lastWal(killed);
    killed.flip(wal, FileHeader.BYTES + Block.HEADER_BYTES + 3);

    assertThatThrownBy(() -> new StoreProbe(killed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged")
        .hasMessageContaining(wal)
        .hasMessageContaining("offset " + FileHeader.BYTES);
    try (var probe = new StoreProbe(killed, skipping())) {
      assertThat(probe.texts(QUEUE)).containsExactly("m1", "m2");
    }
  }

  @Test
  void aFlippedBitInASealedSegmentIsReportedWithFileAndOffset() throws IOException {
    MemoryFiles killed = killedWith(1_000, "-".repeat(100));
    long first = LogFileNames.wals(killed.list()).first();
    String wal = LogFileNames.wal(first);
    assertThat(wal).isNotEqualTo(lastWal(killed));
    killed.flip(wal, 20_000);

    assertThatThrownBy(() -> new StoreProbe(killed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged: " + wal + " at offset ");
    try (var probe = new StoreProbe(killed, skipping())) {
      assertThat(probe.texts(QUEUE)).hasSize(999);
    }
  }

  @Test
  void aDamagedHeaderOfTheLastSegmentIsNotTakenForAnEmptyOne() throws IOException {
    MemoryFiles killed = killedWith(2);
    killed.flip(lastWal(killed), 20);

    assertThatThrownBy(() -> new StoreProbe(killed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void aMissingSegmentIsReported() throws IOException {
    MemoryFiles killed = killedWith(2_000, "-".repeat(100));
    long second = LogFileNames.wals(killed.list()).higher(LogFileNames.wals(killed.list()).first());
    killed.delete(LogFileNames.wal(second));

    assertThatThrownBy(() -> new StoreProbe(killed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(LogFileNames.wal(second) + " at offset 0: this segment");
  }

  @Test
  void nothingIsConfirmedAfterAFailedForce() throws IOException {
    try (var probe = new StoreProbe(files)) {
      probe.append("before", QUEUE);
      probe.commit();
      long durable = probe.store.durableSequence();
      files.failForce();

      probe.append("after", QUEUE);

      assertThat(probe.awaitDurable(probe.appender.submit())).isFalse();
      assertThat(probe.store.state()).isEqualTo(State.FAILED);
      probe.append("later", QUEUE);
      assertThat(probe.awaitDurable(probe.appender.submit())).isFalse();
      assertThat(probe.store.durableSequence()).isEqualTo(durable);
    }
  }

  @Test
  void nothingIsConfirmedWhileItIsBeingMadeSafe() throws Exception {
    try (var probe = new StoreProbe(files)) {
      probe.append("before", QUEUE);
      probe.commit();
      MemoryFiles.HeldForces forces = files.holdForces();

      probe.append("under way", QUEUE);
      long sequence = probe.appender.submit();
      try {
        forces.awaitOne();
        assertThat(probe.store.durableSequence()).isLessThan(sequence);
      } finally {
        forces.release();
      }

      assertThat(probe.awaitDurable(sequence)).isTrue();
    }
  }

  @Test
  void aSnapshotOfAFailedStoreIsRefusedAndNobodyWaits() throws IOException {
    try (var probe = new StoreProbe(files)) {
      files.failForce();
      probe.append("lost", QUEUE);
      assertThat(probe.awaitDurable(probe.appender.submit())).isFalse();

      assertThatThrownBy(() -> ((JournalStore) probe.store).snapshot(new MemoryFiles()))
          .isInstanceOf(IOException.class)
          .hasMessage("the journal is failed");
    }
  }

  @Test
  void aFailureWhileSomebodyWaitsForAnImageIsToldToHim() throws IOException {
    try (var probe = new StoreProbe(files)) {
      probe.append("stored", QUEUE);
      probe.commit();
      files.failForceOf("wal-");

      assertThatThrownBy(() -> ((JournalStore) probe.store).snapshot(new MemoryFiles()))
          .isInstanceOf(IOException.class);
      assertThat(probe.store.state()).isEqualTo(State.FAILED);
    }
  }

  @Test
  void aFailedForceOfAFileOfAQueueFailsTheStore() throws IOException {
    try (var probe = new StoreProbe(files)) {
      spill(probe, QUEUE, 300);
      files.failForceOf("queue-");

      assertThatThrownBy(() -> ((JournalStore) probe.store).snapshot(new MemoryFiles()))
          .isInstanceOf(IOException.class);
      assertThat(probe.store.state()).isEqualTo(State.FAILED);
    }
    files.failForceOf("nothing");
    try (var probe = new StoreProbe(files.crashedAfter(files.operations(), Survival.NONE))) {
      assertThat(probe.texts(QUEUE)).hasSize(300);
    }
  }

  @Test
  void filesOfQueuesAndTheirNamesAreSafeBeforeAnImageSpeaksOfThem() throws IOException {
    var message = new StoredMessage(1, Message.of("m"), null);
    ColdFile file = ColdFile.create(new OpenFiles(files), 1, QUEUE, 1);
    file.append(Chunk.of(List.of(message), new PlainCodec(), Chunk.Places.NONE));
    var queue =
        new QueuePlan(
            new long[] {}, null, new LogPlaces(), new Ranges(), null, List.of(file), null);
    var plan = new CheckpointPlan(2, 0, List.of(), 1, Map.of(QUEUE, queue), List.of(), List.of());

    new ImageWriter(files, 1, BlockScan.Damage.REFUSED, plan).makeFilesSafe();

    MemoryFiles crashed = files.crashedAfter(files.operations(), Survival.NONE);
    assertThat(crashed.list()).containsExactly(file.blocks.name);
    assertThat(crashed.bytes(file.blocks.name)).hasSize((int) file.end());
  }

  /** Stores messages and gives them to the queue, of which it keeps none in memory. */
  static void spill(StoreProbe probe, long queue, int messages) {
    for (int i = 0; i < messages; i++) {
      String text = "m" + i + "-".repeat(100);
      long sequence = probe.append(text, queue);
      probe.log(queue).add(new StoredMessage(sequence, Message.of(text), null));
    }
    probe.commit();
  }

  @Test
  void whatIsInAFileOfAQueueIsNotInTheImageAsWell() throws IOException {
    var copy = new MemoryFiles();
    try (var probe = new StoreProbe(files)) {
      spill(probe, QUEUE, 900);
      ((JournalStore) probe.store).snapshot(copy);
    }

    String image =
        copy.list().stream().filter(n -> n.startsWith("image-")).findFirst().orElseThrow();
    assertThat(copy.bytes(image).length).isLessThan(15_000);
  }

  @Test
  void aFileIsNotDeletedForAnEarlierOneOfItsQueueThatHadBeenSettled() throws Exception {
    try (var probe = new StoreProbe(files)) {
      spill(probe, QUEUE, 90);
      for (StoredMessage m : probe.readAll(QUEUE)) {
        probe.appender.settle(QUEUE, m.sequence());
      }
      probe.commit();
      MemoryFiles.HeldForces forces = files.holdForcesOf("image-");
      var snapshot =
          CompletableFuture.runAsync(
              () -> {
                try {
                  ((JournalStore) probe.store).snapshot(new MemoryFiles());
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      forces.awaitOne();
      spill(probe, QUEUE, 80);
      List<StoredMessage> first = probe.read(QUEUE, 10);
      forces.release();
      snapshot.get(20, TimeUnit.SECONDS);
      ((JournalStore) probe.store).snapshot(new MemoryFiles());

      assertThat(first).hasSize(10);
      assertThat(probe.readAll(QUEUE)).hasSize(70);
      assertThat(probe.store.state()).isEqualTo(State.OPEN);
    }
  }

  @Test
  void fewFilesAreOpenHoweverManyQueuesHaveSome() throws IOException {
    int queues = 4 * OpenFiles.MOST;
    try (var probe = new StoreProbe(files)) {
      for (long queue = 1; queue <= queues; queue++) {
        spill(probe, queue, 90);
      }
      for (long queue = 1; queue <= queues; queue++) {
        assertThat(probe.read(queue, 45)).hasSize(45);
        spill(probe, queue, 90);
      }
      for (long queue = 1; queue <= queues; queue++) {
        assertThat(probe.readAll(queue)).hasSize(135);
      }
      assertThat(files.list().stream().filter(LogFileNames::isCold).count())
          .isGreaterThanOrEqualTo(queues);
      assertThat(files.mostOpen()).isLessThan(OpenFiles.MOST + 20);
    }
    assertThat(files.open()).isZero();
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.counts).hasSize(queues);
      probe.readAll(7);
    }
    assertThat(files.open()).isZero();
  }

  @Test
  void writesInPiecesAreCompleted() throws IOException {
    files.writeInPieces();
    MemoryFiles killed = killedWith(50);

    try (var probe = new StoreProbe(killed)) {
      assertThat(probe.texts(QUEUE)).hasSize(50).startsWith("m0").endsWith("m49");
    }
  }

  @Test
  void aFullDiskRefusesNothingConfirmedIsLostAndServiceResumes() throws Exception {
    var stored = new ArrayList<Long>();
    try (var probe = new StoreProbe(files)) {
      probe.append("x".repeat(1_000), QUEUE);
      probe.commit();
      files.roomFor(300_000);
      while (probe.store.state() == State.OPEN) {
        stored.add(probe.append("x".repeat(1_000), QUEUE));
        probe.commit();
        awaitSparesOrFull(probe);
      }
      assertThat(probe.store.state()).isEqualTo(State.FULL);

      for (long sequence : stored) {
        probe.appender.settle(QUEUE, sequence);
      }
      probe.commit();
      files.roomFor(Long.MAX_VALUE);

      awaitOpen(probe);
      probe.append("again", QUEUE);
      probe.commit();
    }
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.texts(QUEUE)).containsExactly("x".repeat(1_000), "again");
    }
  }

  /** So that the maintenance thread is not left behind, however busy the machine is. */
  private void awaitSparesOrFull(StoreProbe probe) throws InterruptedException {
    awaitThat(
        "two spares, or no room for them",
        () ->
            probe.store.state() != State.OPEN
                || files.list().stream().filter(name -> name.startsWith("spare-")).count() >= 2);
  }

  @Test
  void theRoomThatIsLeftIsKnownASecondLaterAlsoToWhoStoresNothing() throws Exception {
    files.roomFor(1L << 30);
    try (var probe = new StoreProbe(files)) {
      long atFirst = probe.store.freeBytes();
      assertThat(atFirst).isBetween(1L << 29, 1L << 30);

      files.roomFor(5_000_000);

      awaitThat("less room", () -> probe.store.freeBytes() <= 5_000_000);
      files.roomFor(1L << 30);
      awaitThat("more room", () -> probe.store.freeBytes() == 1L << 30);
    }
  }

  @Test
  void whatIsUnderWayIsKnownAtOnce() throws Exception {
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.store.waitingBytes()).isZero();
      MemoryFiles.HeldForces forces = files.holdForces();
      try {
        probe.append("x".repeat(10_000), QUEUE);
        probe.appender.submit();
        assertThat(probe.store.waitingBytes()).isBetween(10_000L, 11_000L);
      } finally {
        forces.release();
      }
      awaitThat("all of it has arrived", () -> probe.store.waitingBytes() == 0);
    }
  }

  @Test
  void aMessageLargerThanASegmentWaitsForRoom() throws Exception {
    try (var probe = new StoreProbe(files)) {
      probe.append("first", QUEUE);
      probe.commit();
      files.roomFor(1_000);

      probe.append("x".repeat(100_000), QUEUE);
      long sequence = probe.appender.submit();
      awaitState(probe, State.FULL);
      files.roomFor(Long.MAX_VALUE);

      assertThat(probe.awaitDurable(sequence)).isTrue();
      awaitOpen(probe);
    }
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.texts(QUEUE)).containsExactly("first", "x".repeat(100_000));
    }
  }

  @Test
  void aStartOnAFullDiskFailsWithAMessage() throws IOException {
    MemoryFiles killed = killedWith(3);
    // Those would be deleted, and make room.
    killed.list().stream().filter(name -> name.startsWith("spare-")).forEach(killed::delete);
    killed.roomFor(100);

    assertThatThrownBy(() -> new StoreProbe(killed))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no room for the log in memory: no space left");
    killed.roomFor(Long.MAX_VALUE);
    try (var probe = new StoreProbe(killed)) {
      assertThat(probe.texts(QUEUE)).hasSize(3);
    }
  }

  @Test
  void settlingAloneIsNotHurried() throws IOException {
    try (var probe = new StoreProbe(files)) {
      var sequences = new ArrayList<Long>();
      for (int i = 0; i < 100; i++) {
        sequences.add(probe.append("m" + i, QUEUE));
      }
      probe.commit();
      int before = files.forces();
      long last = 0;
      for (long sequence : sequences) {
        probe.appender.settle(QUEUE, sequence);
        last = probe.appender.submit();
      }
      assertThat(probe.awaitDurable(last)).isTrue();

      assertThat(files.forces() - before).isLessThan(50);
    }
  }

  @Test
  void onAFullDiskNoFileOfAQueueIsMadeAgainAndAgain() throws Exception {
    try (var probe = new StoreProbe(files)) {
      probe.append("first", QUEUE);
      probe.commit();
      files.roomFor(10);
      spill(probe, QUEUE, 90);
      awaitState(probe, State.FULL);
      int before = files.operations();
      awaitThat("tried again", () -> files.operations() >= before + 6);

      files.roomFor(Long.MAX_VALUE);
      awaitOpen(probe);
      assertThat(files.list().stream().filter(LogFileNames::isCold)).hasSize(1);
    }
  }

  @Test
  void onAFullDiskItCanBeClosedAndNothingIsLost() throws Exception {
    var probe = new StoreProbe(files);
    probe.append("first", QUEUE);
    probe.commit();
    files.roomFor(10);
    spill(probe, QUEUE, 90);
    awaitState(probe, State.FULL);

    assertTimeoutPreemptively(Duration.ofSeconds(20), probe::close);

    files.roomFor(Long.MAX_VALUE);
    try (var again = new StoreProbe(files)) {
      assertThat(again.texts(QUEUE)).hasSize(91);
    }
  }

  private static void awaitOpen(StoreProbe probe) throws InterruptedException {
    awaitState(probe, State.OPEN);
  }

  static void awaitState(StoreProbe probe, State state) throws InterruptedException {
    awaitThat("the store is " + state, () -> probe.store.state() == state);
  }

  /** Waits for what other threads do, 20 s at most. */
  private static void awaitThat(String what, BooleanSupplier reached) throws InterruptedException {
    var never = new CountDownLatch(1);
    for (int i = 0; i < 10_000 && !reached.getAsBoolean(); i++) {
      assertThat(never.await(2, TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(reached.getAsBoolean()).as(what).isTrue();
  }

  @Test
  void aDamagedFileOfAQueueFailsTheStoreWhenItIsReadAndNotBefore() throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 1_000; i++) {
        String text = "m" + i + "-".repeat(100);
        long sequence = probe.append(text, QUEUE);
        probe.appender.submit();
        probe.log(QUEUE).add(new StoredMessage(sequence, Message.of(text), null));
      }
      probe.commit();
    }
    String cold = files.list().stream().filter(LogFileNames::isCold).findFirst().orElseThrow();
    files.flip(cold, 500);

    try (var probe = new StoreProbe(files)) {
      assertThat(probe.counts).containsEntry(QUEUE, 1_000L);
      assertThat(probe.log(QUEUE).size()).isEqualTo(1_000);
      List<StoredMessage> read = probe.read(QUEUE, 10);
      assertThat(read).isEmpty();
      assertThat(probe.store.state()).isEqualTo(State.FAILED);
    }
  }

  @Test
  void itCanBeClosedTwiceAndAskedForASnapshotAfterwards() throws IOException {
    var probe = new StoreProbe(files);
    probe.close();
    probe.close();

    assertThatThrownBy(() -> ((JournalStore) probe.store).snapshot(new MemoryFiles()))
        .isInstanceOf(IOException.class)
        .hasMessage("the journal is closed");
  }

  @Test
  void itsThreadsAreNamedAndGoneAfterClose() throws IOException {
    var probe = new StoreProbe(files);
    assertThat(journalThreads()).hasSize(3);
    probe.close();
    assertThat(journalThreads()).isEmpty();
  }

  static List<String> journalThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("carrick-journal-"))
        .toList();
  }
}
