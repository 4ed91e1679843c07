package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.journal.JournalTool.Naming;
import io.carrick.journal.MemoryFiles.Survival;
import io.carrick.storage.MessageStore;
import io.carrick.storage.StoredMessage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tool says of a journal. */
class JournalToolTest {

  private static final long ORDERS = 7;
  private static final long BACKLOG = 8;

  private static final Naming NAMING =
      new Naming(
          new MessageStore.Recovery() {
            @Override
            public void definition(String table, String key, byte[] record) {}

            @Override
            public void queue(long queueId, long messages) {}
          },
          id -> id == ORDERS ? Optional.of("orders") : Optional.empty());

  private MemoryFiles files = new MemoryFiles();
  private final StringWriter printed = new StringWriter();

  /** Leaves a journal with an image, segments behind it, and files of a queue. */
  @BeforeEach
  void aBrokerWasKilled() throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 2_000; i++) {
        String text = "m" + i + "-".repeat(100);
        probe
            .log(BACKLOG)
            .add(new StoredMessage(probe.append(text, BACKLOG), Message.of(text), null));
        probe.commit();
      }
    }
    try (var probe = new StoreProbe(files)) {
      probe.appender.put("queue", "7", "orders".getBytes());
      probe.appender.put("exchange", "e", "e".getBytes());
      probe.commit();
      for (int i = 0; i < 10; i++) {
        probe.append("order " + i, ORDERS);
      }
      probe.commit();
      files = files.crashedAfter(files.operations(), Survival.ALL);
    }
  }

  private JournalTool tool(boolean bar) {
    return new JournalTool(files, new PrintWriter(printed), bar);
  }

  private String newest(String prefix) {
    return files.list().stream()
        .filter(n -> n.startsWith(prefix))
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  @Test
  void inspectPrintsSegmentsDefinitionsAndQueues() throws IOException {
    assertThat(tool(false).inspect(NAMING)).isTrue();

    assertThat(printed.toString())
        .contains("the journal in memory")
        .contains("  " + newest("image-"))
        .contains("  " + newest("wal-"))
        .contains("definitions: 2", "  exchange: 1", "  queue: 1")
        .contains("messages: 2,010 in 2 queues")
        .contains("  queue 8: 2,000 messages, about ")
        .contains("  orders: 10 messages, about 70 bytes, 0 files of its own");
  }

  @Test
  void verifyIsContentWithWhatWasWritten() throws IOException {
    assertThat(tool(false).verify()).isTrue();

    assertThat(printed.toString())
        .contains("read: 1 image, ")
        .endsWith("all is as it was written" + System.lineSeparator())
        .doesNotContain("\r[");
  }

  @Test
  void verifyFindsAFlippedBitInASegmentAndInAFileOfAQueue() throws IOException {
    String cold = newest("queue-8-");
    String wal = newest("wal-");
    files.flip(cold, FileHeader.BYTES + Block.HEADER_BYTES + 1);
    files.flip(wal, FileHeader.BYTES + Block.HEADER_BYTES + 1);

    assertThat(tool(false).verify()).isFalse();

    assertThat(printed.toString())
        .contains("damaged: " + cold + " at offset 64 to ")
        .contains("damaged: " + wal + " at offset 64 to ")
        .doesNotContain("as it was written");
  }

  @Test
  void verifySaysWhichFilesItNeedNotRead() throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 200; i++) {
        String text = "n" + i + "-".repeat(100);
        probe
            .log(ORDERS)
            .add(new StoredMessage(probe.append(text, ORDERS), Message.of(text), null));
        probe.commit();
      }
      files = files.crashedAfter(files.operations(), Survival.ALL);
    }

    assertThat(tool(true).verify()).isTrue();

    assertThat(printed.toString())
        .contains("not read: 1 files of queues, as the log has all of it; a start deletes them")
        .contains("] 100 %");
  }

  @Test
  void verifyFindsAFlippedBitInTheImage() throws IOException {
    String image = newest("image-");
    files.flip(image, FileHeader.BYTES + Block.HEADER_BYTES + 1);

    assertThat(tool(false).verify()).isFalse();

    assertThat(printed.toString()).contains("damaged: " + image + " at offset 64 to ");
  }

  @Test
  void theBarShowsHowFarTheReadingOfAllFilesIs() throws IOException {
    tool(true).verify();

    List<Integer> percents = new ArrayList<>();
    var matcher = Pattern.compile("([0-9]+) %").matcher(printed.toString());
    matcher.results().map(MatchResult::group).forEach(p -> percents.add(number(p)));
    assertThat(percents).isSorted().hasSizeGreaterThan(4).endsWith(100);
    // The segments and the image are not all there is.
    assertThat(percents.get(1)).isLessThan(90);
  }

  private static int number(String percent) {
    return Integer.parseInt(percent.substring(0, percent.indexOf(' ')));
  }

  @Test
  void compactKeepsWhatIsLiveInFewerBytes() throws IOException {
    assertThat(tool(false).compact()).isTrue();

    assertThat(printed.toString()).containsPattern("[0-9,]+ bytes before, [0-9,]+ bytes now");
    assertThat(LogFileNames.wals(files.list())).hasSize(1);
    assertThat(files.list()).noneMatch(name -> name.startsWith(LogFileNames.SPARE));
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.definitions).hasSize(2);
      assertThat(probe.texts(ORDERS)).hasSize(10).startsWith("order 0").endsWith("order 9");
      assertThat(probe.texts(BACKLOG)).hasSize(2_000);
    }
  }

  @Test
  void compactLeavesADamagedJournalAlone() throws IOException {
    String image = newest("image-");
    files.flip(image, FileHeader.BYTES + Block.HEADER_BYTES + 1);
    List<String> before = files.list();

    assertThat(tool(false).compact()).isFalse();

    assertThat(printed.toString()).contains("the journal is damaged: " + image + " at offset 64");
    assertThat(files.list()).isEqualTo(before);
  }

  /** Adds messages that two queues have beyond memory. */
  private void twoQueuesShare() throws IOException {
    try (var probe = new StoreProbe(files)) {
      for (int i = 0; i < 200; i++) {
        Message message = Message.of("n" + i + "-".repeat(100));
        long sequence = probe.appender.append(message, new long[] {9, 10}, 2);
        probe.log(9).add(new StoredMessage(sequence, message, null));
        probe.log(10).add(new StoredMessage(sequence, message, null));
        probe.commit();
      }
    }
  }

  @Test
  void whatQueuesShareIsShownAndChecked() throws IOException {
    twoQueuesShare();

    tool(false).inspect(NAMING);
    assertThat(tool(false).verify()).isTrue();

    assertThat(printed.toString())
        .contains("  queue 9: 200 messages, about 20,", "files that queues share: 1, ")
        .contains(" files of queues, 1 shared ones, ")
        .doesNotContain("not read");
    files.flip(newest("shared-"), 500);
    assertThat(tool(false).verify()).isFalse();
    assertThat(printed.toString()).contains("damaged: " + newest("shared-") + " at offset 64 to ");
  }

  @Test
  void compactKeepsWhatQueuesShareForAsLongAsOneHasIt() throws IOException {
    twoQueuesShare();

    assertThat(tool(false).compact()).isTrue();
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.texts(9)).hasSize(200);
      probe.appender.drop(9);
      probe.commit();
    }
    assertThat(tool(false).compact()).isTrue();
    assertThat(files.list()).anyMatch(name -> name.startsWith("shared-"));
    try (var probe = new StoreProbe(files)) {
      assertThat(probe.texts(10)).hasSize(200);
      probe.appender.drop(10);
      probe.commit();
    }
    assertThat(tool(false).compact()).isTrue();
    assertThat(files.list()).noneMatch(name -> name.startsWith("shared-"));
  }

  @Test
  void itIsKeptOutWhileABrokerWorks() throws IOException {
    try (var broker = new StoreProbe(files)) {
      assertThatThrownBy(() -> tool(false).verify())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in use by another broker");
      assertThat(broker.store.state()).isEqualTo(MessageStore.State.OPEN);
    }
  }

  @Test
  void thereHasToBeAJournal(@TempDir Path empty) {
    assertThatThrownBy(() -> JournalTool.in(empty, new PrintWriter(printed), false))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no journal in " + empty);
    assertThat(empty).isEmptyDirectory();
  }
}
