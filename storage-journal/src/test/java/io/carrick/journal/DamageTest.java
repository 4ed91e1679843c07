package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.MessageStore.State;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files are reported, and passed over only when the user asks. */
class DamageTest {

  private static final long QUEUE = 1;

  private static final Journal.Settings SKIPPING =
      new Journal.Settings(Journal.Sync.FSYNC, 64 << 10, true);

  private MemoryFiles files = new MemoryFiles();

  private static void store(StoreProbe probe, String text) {
    long sequence = probe.append(text, QUEUE);
    probe.log(QUEUE).add(new StoredMessage(sequence, Message.of(text), null));
    probe.commit();
  }

  /** Leaves an image, files of a queue with 1,000 messages, and one more message in the log. */
  private void aBrokerWasKilled() throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 1_000; i++) {
        store(probe, "m" + i + "-".repeat(100));
      }
    }
    try (var probe = new StoreProbe(files)) {
      probe.append("last", QUEUE);
      probe.commit();
      files = files.crashedAfter(files.operations(), Survival.ALL);
    }
  }

  private String first(String prefix) {
    return files.list().stream().filter(name -> name.startsWith(prefix)).findFirst().orElseThrow();
  }

  private String newest(String prefix) {
    return files.list().stream()
        .filter(n -> n.startsWith(prefix))
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  private void refused(String message) {
    assertThatThrownBy(() -> new StoreProbe(files))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  // ---- the log

  @Test
  void aFlippedBitIsReportedThoughItsBatchHadMoreBlocks() throws IOException {
    var large = new Journal.Settings(Journal.Sync.FSYNC, 1 << 20, false);
    try (var probe = new StoreProbe(files, large)) {
      probe.append("a".repeat(100_000), QUEUE);
      probe.append("b".repeat(100_000), QUEUE);
      probe.commit();
      probe.append("c", QUEUE);
      probe.commit();
      files = files.crashedAfter(files.operations(), Survival.ALL);
    }
    files.flip(first("wal-"), 1_000);

    refused(first("wal-") + " at offset 64: the checksum is wrong");
    try (var probe = new StoreProbe(files, SKIPPING)) {
      assertThat(probe.texts(QUEUE)).containsExactly("b".repeat(100_000), "c");
    }
  }

  @Test
  void aFlippedBitInTheLastBlockOfASealedSegmentIsNoTornTail() throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 700; i++) {
        probe.append("m" + i + "-".repeat(100), QUEUE);
        probe.commit();
      }
      files = files.crashedAfter(files.operations(), Survival.ALL);
    }
    String sealed = first("wal-");
    assertThat(sealed).isNotEqualTo(newest("wal-"));
    byte[] bytes = files.bytes(sealed);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    files.flip(sealed, end - 1);

    refused("damaged: " + sealed + " at offset ");
    try (var probe = new StoreProbe(files, SKIPPING)) {
      assertThat(probe.texts(QUEUE)).hasSize(699);
    }
  }

  @Test
  void aTornTailIsLoggedWithItsPosition() throws IOException {
    try (var probe = new StoreProbe(files)) {
      probe.append("whole", QUEUE);
      probe.commit();
      probe.append("torn", QUEUE);
      probe.commit();
      files = files.crashedAfter(files.operations(), Survival.ALL);
    }
    String wal = newest("wal-");
    byte[] bytes = files.bytes(wal);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    files.flip(wal, end - 1);
    int secondBlock = FileHeader.BYTES + (end - FileHeader.BYTES) / 2;

    try (var log = new LogLines();
        var probe = new StoreProbe(files)) {
      assertThat(probe.texts(QUEUE)).containsExactly("whole");
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains(wal + " was being written when the broker ended: cut off at ")
          .containsPattern("cut off at " + (secondBlock - 1) + "|cut off at " + (secondBlock + 1));
    }
  }

  @Test
  void aLongReadingIsLoggedInTenSteps() {
    try (var log = new LogLines()) {
      var progress = new JournalStore.LoggedProgress();
      for (int percent = 0; percent <= 100; percent++) {
        progress.read((long) percent << 20, 100 << 20);
      }
      assertThat(log.lines()).as("of little").isEmpty();

      for (int permille = 0; permille <= 1_000; permille++) {
        progress.read((long) permille << 20, 1_000L << 20);
      }
      assertThat(log.lines()).hasSize(10);
      assertThat(log.lines().get(3)).endsWith("reading the journal: 40 % of 1000 MiB");
    }
  }

  @Test
  void aDamagedStartOfASegmentIsReportedAndWhatFollowsIsThere() throws IOException {
    aBrokerWasKilled();
    files.flip(newest("wal-"), 20);

    refused(newest("wal-") + " at offset 0: the file does not start as it should");
    try (var probe = new StoreProbe(files, SKIPPING)) {
      assertThat(probe.texts(QUEUE)).hasSize(1_001).endsWith("last");
    }
  }

  @Test
  void whatIsPassedOverIsLoggedWithFileOffsetAndBytes() throws IOException {
    aBrokerWasKilled();
    String wal = newest("wal-");
    files.flip(wal, 20);

    try (var log = new LogLines();
        var probe = new StoreProbe(files, SKIPPING)) {
      assertThat(probe.store.state()).isEqualTo(State.OPEN);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("ERROR")
          .contains("damaged, 64 bytes passed over: " + wal + " at offset 0: the file does not");
    }
  }

  @Test
  void aLogWithoutItsBeginningIsReported() throws IOException {
    aBrokerWasKilled();
    String image = first("image-");
    files.delete(image);

    refused(first("wal-") + " at offset 0: there is no image of what was before");
  }

  private void deleteTheLog() {
    files.list().stream().filter(name -> name.startsWith("wal-")).forEach(files::delete);
  }

  @Test
  void anImageWithoutTheLogIsReported() throws IOException {
    aBrokerWasKilled();
    String wal = first("wal-");
    deleteTheLog();

    refused(wal + " at offset 0: this segment of the log is missing");
    try (var probe = new StoreProbe(files, SKIPPING)) {
      assertThat(probe.texts(QUEUE)).hasSize(1_000);
    }
  }

  @Test
  void filesOfQueuesWithoutTheLogAreReportedAndLeftAlone() throws IOException {
    aBrokerWasKilled();
    deleteTheLog();
    files.delete(first("image-"));
    List<String> before = files.list();

    refused("there are files of queues, and the log is missing");
    assertThat(files.list()).isEqualTo(before);
  }

  // ---- the image

  @Test
  void aFlippedBitInTheImageIsReportedAndSkippingItLosesNoFile() throws IOException {
    aBrokerWasKilled();
    String image = first("image-");
    files.flip(image, FileHeader.BYTES + Block.HEADER_BYTES + 1);
    String file = first("queue-");

    refused(image + " at offset 64: the checksum is wrong");
    try (var log = new LogLines();
        var probe = new StoreProbe(files, SKIPPING)) {
      assertThat(probe.texts(QUEUE)).containsExactly("last");
      assertThat(log.lines())
          .anyMatch(line -> line.contains("passed over: " + image + " at offset 64"))
          .anyMatch(line -> line.contains("left aside") && line.endsWith(file));
    }
    assertThat(files.list()).contains(file + ".aside").doesNotContain(file);
  }

  @Test
  void sequencesGoOnAboveThoseOfAnImageWithoutItsEnd() throws IOException {
    long before;
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 700; i++) {
        probe.append("m" + i + "-".repeat(100), QUEUE);
        probe.commit();
      }
      before = probe.store.durableSequence();
    }
    String image = first("image-");
    files.flip(image, files.bytes(image).length - 1);
    files.flip(newest("wal-"), 20);

    try (var probe = new StoreProbe(files, SKIPPING)) {
      List<StoredMessage> left = probe.readAll(QUEUE);
      assertThat(left).isNotEmpty();
      long highest = left.get(left.size() - 1).sequence();
      assertThat(highest).isLessThanOrEqualTo(before);
      assertThat(probe.append("next", QUEUE)).isGreaterThan(highest);
    }
  }

  // ---- files of queues

  @Test
  void aFileOfAQueueThatIsMissingIsReported() throws IOException {
    aBrokerWasKilled();
    String file = first("queue-");
    files.delete(file);

    refused(file + " at offset 0: the file is missing");
    try (var probe = new StoreProbe(files, SKIPPING)) {
      assertThat(probe.texts(QUEUE)).hasSizeBetween(2, 1_000).endsWith("last");
      assertThat(probe.log(QUEUE).size()).isZero();
    }
  }

  @Test
  void aFileOfAQueueThatIsTooShortIsReported() throws IOException {
    aBrokerWasKilled();
    String file = first("queue-");
    files.cut(file, 20_000);

    refused(file + " at offset 20000: the file should have ");
    try (var probe = new StoreProbe(files, SKIPPING)) {
      assertThat(probe.texts(QUEUE)).hasSizeBetween(2, 1_000).endsWith("last");
    }
  }

  @Test
  void aFileOfAQueueGoesAlsoIfPartOfItWasPassedOver() throws IOException {
    aBrokerWasKilled();
    String file = first("queue-");
    files.flip(file, 500);

    try (var probe = new StoreProbe(files, SKIPPING)) {
      List<StoredMessage> left = probe.readAll(QUEUE);
      assertThat(left).hasSizeBetween(2, 1_000);
      left.forEach(m -> probe.appender.settle(QUEUE, m.sequence()));
      probe.commit();
    }

    assertThat(files.list()).noneMatch(LogFileNames::isCold);
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.counts).isEmpty();
    }
  }

  @Test
  void everyFlippedBitOfAFileOfAQueueIsNoticedWhenItIsRead() throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 100; i++) {
        store(probe, "m" + i + "-".repeat(100));
      }
    }
    String file = first("queue-");
    for (int at = FileHeader.BYTES; at < files.bytes(file).length; at += 97) {
      files.flip(file, at);
      try (var probe = new StoreProbe(files)) {
        assertThat(probe.read(QUEUE, 1_000)).as("flipped at %d", at).isEmpty();
        assertThat(probe.store.state()).isEqualTo(State.FAILED);
      }
      files.flip(file, at);
    }
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.texts(QUEUE)).hasSize(100);
    }
  }

  // ---- files that queues share

  /** Leaves an image, and files that two queues share, with 400 messages. */
  private void aBrokerWithTwoQueuesWasKilled() throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 400; i++) {
        Message message = Message.of("m" + i + "-".repeat(300));
        long sequence = probe.appender.append(message, new long[] {QUEUE, 2}, 2);
        probe.log(QUEUE).add(new StoredMessage(sequence, message, null));
        probe.log(2).add(new StoredMessage(sequence, message, null));
        probe.commit();
      }
    }
    try (var probe = new StoreProbe(files)) {
      probe.appender.append(Message.of("last"), new long[] {QUEUE, 2}, 2);
      probe.commit();
      files = files.crashedAfter(files.operations(), Survival.ALL);
    }
  }

  private void eachQueueHas(int fewest, int most) throws IOException {
    try (var probe = new StoreProbe(files, SKIPPING)) {
      for (long queue = 1; queue <= 2; queue++) {
        assertThat(probe.texts(queue)).hasSizeBetween(fewest, most).endsWith("last");
        assertThat(probe.log(queue).size()).isZero();
      }
      assertThat(probe.store.state()).isEqualTo(State.OPEN);
    }
  }

  @Test
  void aSharedFileThatIsMissingIsReported() throws IOException {
    aBrokerWithTwoQueuesWasKilled();
    String file = first("shared-");
    files.delete(file);

    refused(file + " at offset 0: the file is missing");
    eachQueueHas(2, 300);
  }

  @Test
  void aSharedFileThatIsTooShortIsReported() throws IOException {
    aBrokerWithTwoQueuesWasKilled();
    String file = first("shared-");
    files.cut(file, 20_000);

    refused(file + " at offset 20000: the file should have ");
    eachQueueHas(50, 390);
  }

  @Test
  void everyFlippedBitOfASharedFileIsNoticedWhenItIsRead() throws IOException {
    aBrokerWithTwoQueuesWasKilled();
    String file = first("shared-");
    for (int at = FileHeader.BYTES; at < files.bytes(file).length; at += 4_999) {
      files.flip(file, at);
      try (var probe = new StoreProbe(files.killed())) {
        assertThat(probe.read(2, 1_000)).as("flipped at %d", at).isEmpty();
        assertThat(probe.store.state()).isEqualTo(State.FAILED);
      }
      files.flip(file, at);
    }
    eachQueueHas(401, 401);
    files.flip(file, 10_000);
    eachQueueHas(300, 400);
  }

  @Test
  void aDamagedImageLosesNoSharedFile() throws IOException {
    aBrokerWithTwoQueuesWasKilled();
    files.flip(first("image-"), FileHeader.BYTES + Block.HEADER_BYTES + 1);
    String file = first("shared-");

    eachQueueHas(1, 1);
    assertThat(files.list()).contains(file + ".aside").doesNotContain(file);
  }

  // ---- earlier and later versions

  /** Returns what version 1 has left behind: an image, a segment, files of two queues. */
  private static MemoryFiles ofVersion1() throws IOException {
    var files = new MemoryFiles();
    try (var zip =
        new ZipInputStream(DamageTest.class.getResourceAsStream("journal-of-version-1.zip"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        byte[] bytes = zip.readAllBytes();
        files.create(entry.getName()).writeFully(ByteBuffer.wrap(bytes), 0);
      }
    }
    return files;
  }

  @Test
  void aJournalOfVersion1IsReadAndGoneOnWith() throws IOException {
    files = ofVersion1();
    var expected = new ArrayList<String>();
    for (int i = 0; i < 70; i++) {
      expected.add("m" + i + "-".repeat(100));
    }

    for (int start = 0; start < 3; start++) {
      try (var probe = new StoreProbe(files)) {
        assertThat(probe.definitions).hasSize(5).containsEntry("t/k4", "v59");
        assertThat(probe.texts(1)).isEqualTo(expected.subList(10, expected.size()));
        assertThat(probe.texts(2)).isEqualTo(expected);
        String text = "n" + start + "-".repeat(100);
        expected.add(text);
        Message message = Message.of(text);
        long sequence = probe.appender.append(message, new long[] {1, 2}, 2);
        probe.log(1).add(new StoredMessage(sequence, message, null));
        probe.log(2).add(new StoredMessage(sequence, message, null));
        probe.commit();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"journal.id", "image-", "wal-", "queue-", "shared-"})
  void aLaterFormatOfAnyFileIsRefusedAndLeftAlone(String prefix) throws IOException {
    aBrokerWithTwoQueuesWasKilled();
    String name = first(prefix);
    byte[] header = java.util.Arrays.copyOf(files.bytes(name), FileHeader.BYTES);
    ByteBuffer.wrap(header).putInt(8, FileHeader.VERSION + 1);
    var crc = new CRC32C();
    crc.update(header, 0, 60);
    ByteBuffer.wrap(header).putInt(60, (int) crc.getValue());
    files.overwrite(name, 0, header);
    List<String> before = files.list();

    refused(name + " has format version 4; this Carrick reads versions up to 3");
    assertThat(files.list()).isEqualTo(before);
    assertThatThrownBy(() -> new StoreProbe(files, SKIPPING)).hasMessageContaining("version 4");
  }
}
