package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/journal.md shows. */
class JournalTest {

  @Test
  void whatIsDeclaredDurableIsThereAfterARestart(@TempDir Path data) {
    try (Broker broker = start(data);
        Client client = broker.connect()) {
      client.topology().queue("orders").durable().declare();
    }
    try (Broker broker = start(data)) {
      assertThat(broker.queues()).anyMatch(queue -> queue.name().equals("orders"));
    }
  }

  private static Broker start(Path data) {
    // snippet
    Broker broker =
        EmbeddedBroker.builder()
            .adapter(Mqtt.onAnyPort())
            .adapter(Amqp.onAnyPort())
            .store(Journal.in(data))
            .start();
    // end
    return broker;
  }
}
