package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code carrick journal} as a user of the command line meets it. */
class JournalCommandTest {

  @TempDir Path data;

  private static Broker start(Path data) {
    return EmbeddedBroker.builder().store(Journal.in(data)).start();
  }

  private void threeOrdersAreKept() {
    try (Broker broker = start(data);
        Client client = broker.connect()) {
      client.topology().queue("orders").durable().declare();
      for (int i = 0; i < 3; i++) {
        Message order = Message.builder("order " + i).persistent().build();
        client.publisher("").publish("orders", order).toCompletableFuture().join();
      }
    }
  }

  private static List<String> says(int exitCode, String... arguments) throws Exception {
    try (Program journal = Program.carrick(arguments)) {
      assertThat(journal.exitCode()).isEqualTo(exitCode);
      return journal.errors().lines().toList();
    }
  }

  @Test
  void inspectPrintsTheQueuesByTheirNames() throws Exception {
    threeOrdersAreKept();

    try (Program journal = Program.carrick("journal", "inspect", data.toString())) {
      assertThat(journal.output())
          .contains("the journal in " + data)
          .contains("  image-0000000002.log")
          .contains("  queue: 1")
          .contains("messages: 3 in 1 queues")
          .contains("  orders: 3 messages, about 21 bytes, 0 files of its own")
          .doesNotContain("%");
      assertThat(journal.errors()).isEmpty();
    }
  }

  @Test
  void aFlippedBitIsFoundWithExitCode1() throws Exception {
    threeOrdersAreKept();
    assertThat(says(0, "journal", "verify", data.toString())).isEmpty();
    Path image = image();
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(100);
      int octet = file.read();
      file.seek(100);
      file.write(octet ^ 1);
    }

    try (Program journal = Program.carrick("journal", "verify", data.toString())) {
      assertThat(journal.exitCode()).isEqualTo(1);
      journal.awaitLine("damaged: " + image.getFileName() + " at offset 64 to ");
    }
  }

  private Path image() throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("image-"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void compactLeavesAJournalThatABrokerCanBeStartedOn() throws Exception {
    threeOrdersAreKept();

    try (Program journal = Program.carrick("journal", "compact", data.toString())) {
      assertThat(journal.output()).containsPattern("[0-9,]+ bytes before, [0-9,]+ bytes now");
    }

    try (Broker broker = start(data)) {
      assertThat(broker.queues())
          .anyMatch(queue -> queue.name().equals("orders") && queue.ready() == 3);
    }
  }

  @Test
  void whatCannotBeLookedAtIsOneLineAndExitCode2() throws Exception {
    Path nowhere = data.resolve("nowhere");
    assertThat(says(2, "journal", "verify", nowhere.toString()))
        .containsExactly("carrick: there is no journal in " + nowhere);
    assertThat(nowhere).doesNotExist();
    assertThat(says(2, "journal", "verify")).singleElement().asString().contains("'DIR'");
    assertThat(says(2, "journal")).singleElement().asString().startsWith("carrick: Missing");

    try (Broker broker = start(data)) {
      assertThat(broker.queues()).isEmpty();
      assertThat(says(2, "journal", "inspect", data.toString()))
          .containsExactly("carrick: the journal in " + data + " is in use by another broker");
    }
  }
}
