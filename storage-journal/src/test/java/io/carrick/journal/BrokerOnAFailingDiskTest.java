package io.carrick.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.MemoryFiles.Survival;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What clients of a whole broker see of a disk that fills up, or fails. */
class BrokerOnAFailingDiskTest {

  private static final String QUEUE = "orders";
  private static final int MOST = 5_000;
  private static final int PATIENCE_SECONDS = 20;

  private final MemoryFiles files = new MemoryFiles();
  private final List<String> confirmed = new ArrayList<>();
  private int last;

  /** Starts a broker that goes on until the disk is full, and does not wait before it is. */
  private static Broker start(MemoryFiles on) {
    return EmbeddedBroker.builder()
        .limits(Limits.defaults().with(Limit.DISK_FREE_BYTES, 1))
        .store(context -> JournalStore.open(on, StoreProbe.SMALL, context))
        .start();
  }

  /** Publishes the next message; returns whether it was confirmed. */
  private boolean publish(Client client) throws Exception {
    String text = ++last + "-".repeat(1_000);
    Message message = Message.builder(text).persistent().build();
    try {
      client
          .publisher("")
          .publish(QUEUE, message)
          .toCompletableFuture()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      confirmed.add(text);
      return true;
    } catch (ExecutionException refused) {
      return false;
    }
  }

  private static List<String> drain(MemoryFiles on) {
    try (Broker broker = start(on);
        Client client = broker.connect()) {
      var texts = new ArrayList<String>();
      Optional<Delivery> next = client.poll(QUEUE);
      while (next.isPresent()) {
        texts.add(next.get().message().text());
        next.get().accept();
        next = client.poll(QUEUE);
      }
      return texts;
    }
  }

  @Test
  void aFullDiskRefusesLosesNothingConfirmedAndServiceResumes() throws Exception {
    try (Broker broker = start(files);
        Client client = broker.connect()) {
      client.topology().queue(QUEUE).durable().declare();
      files.roomFor(300_000);
      while (publish(client)) {
        assertThat(last).as("publishes on a full disk").isLessThan(MOST);
      }
      assertThat(confirmed).hasSizeGreaterThan(10);
      assertThat(broker.metrics().dropped("store")).isPositive();

      files.roomFor(Long.MAX_VALUE);
      var never = new CountDownLatch(1);
      while (!publish(client)) {
        assertThat(last).as("publishes with room again").isLessThan(MOST);
        assertThat(never.await(20, TimeUnit.MILLISECONDS)).isFalse();
      }
      assertThat(publish(client)).isTrue();
    }
    assertThat(drain(files)).containsExactlyElementsOf(confirmed);
  }

  @Test
  void behindAFailedSyncNothingIsConfirmedAndWhatWasConfirmedIsThere() throws Exception {
    try (Broker broker = start(files);
        Client client = broker.connect()) {
      client.topology().queue(QUEUE).durable().declare();
      for (int i = 0; i < 3; i++) {
        assertThat(publish(client)).isTrue();
      }
      files.failForce();

      assertThat(publish(client)).isFalse();
      assertThat(publish(client)).isFalse();
      assertThatThrownBy(() -> client.topology().queue("new").durable().declare())
          .isInstanceOf(PreconditionFailedException.class);
    }
    MemoryFiles left = files.crashedAfter(files.operations(), Survival.NONE);
    assertThat(drain(left)).containsExactlyElementsOf(confirmed);
  }
}
