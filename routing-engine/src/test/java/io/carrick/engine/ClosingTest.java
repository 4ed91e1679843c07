package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.Source;
import io.carrick.engine.loop.ThreadLoops;
import io.carrick.storage.Disk;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nobody waits for ever for what has closed. */
@Timeout(60)
class ClosingTest {

  @Test
  void aReportIsGivenForAPublishThatWasOnItsWayWhenTheClientWasClosed() {
    var run = new RestartableBroker();
    Client client = run.broker.connect();
    String connection = run.broker.connections().get(0).id();

    run.broker.closeConnection(connection, "enough");
    CompletableFuture<Publisher.Outcome> report =
        client.publisher("amq.topic").publish("k", Message.of("x")).toCompletableFuture();
    run.loops.run();

    assertThat(report).isCompletedExceptionally();
  }

  @Test
  void whoWaitsForAnAnswerIsToldThatTheClientHasClosed() throws Exception {
    var disk = new Disk();
    try (Broker broker =
        EmbeddedBroker.builder()
            .loops(prefix -> ThreadLoops.start(3, prefix))
            .store(disk)
            .start()) {
      Client client = broker.connect();
      disk.hold();
      CompletableFuture<String> declaring =
          CompletableFuture.supplyAsync(() -> client.topology().queue("q").durable().declare());
      while (broker.queues().isEmpty()) {
        Thread.onSpinWait();
      }

      client.close();

      assertThatThrownBy(() -> declaring.get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseMessage("the client is closed");
      disk.release();
    }
  }

  @Test
  void aHandlerThatFailsAnAssertionGetsItsNextMessages() throws Exception {
    try (Broker broker =
            EmbeddedBroker.builder().loops(prefix -> ThreadLoops.start(3, prefix)).start();
        Client client = broker.connect()) {
      client.topology().queue("q").declare();
      var received = new Received();
      client.subscribe(
          Source.queue("q"),
          delivery -> {
            if (delivery.message().text().equals("bad")) {
              throw new AssertionError("not this one");
            }
            received.handle(delivery);
          });

      client.publisher("").send("q", Message.of("bad"));
      client.publisher("").send("q", Message.of("good"));

      assertThat(received.text()).isEqualTo("good");
    }
  }

  @Test
  void aSourceThatCannotBeBoundLeavesNoQueueBehind() {
    try (Broker broker =
            EmbeddedBroker.builder().loops(prefix -> ThreadLoops.start(3, prefix)).start();
        Client client = broker.connect()) {
      assertThatThrownBy(() -> client.subscribe(Source.bound("nowhere", "k"), d -> {}))
          .hasMessageContaining("nowhere");
      assertThat(broker.queues()).isEmpty();
    }
  }
}
