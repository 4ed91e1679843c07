package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.Source;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Messages that wait on a real disk. */
@Tag("amqp091:x-delayed-message")
class DelayedOnAJournalTest {

  private static final int MESSAGES = 20_000;
  private static final long LONGEST_MS = 600_000;

  @TempDir static Path data;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder()
              .exchangeTypes(ExchangeTypes.all())
              .store(Journal.in(data).sync(Journal.Sync.OS)));

  private static Message waiting(int number) {
    long ms = 1 + number * 7_919L % LONGEST_MS;
    return Message.builder(Integer.toString(number)).persistent().header("x-delay", ms).build();
  }

  @Test
  void manyMessagesOutliveARestartAndEachComesOnce() {
    Client client = broker.client();
    client
        .topology()
        .exchange("later", "x-delayed-message")
        .durable()
        .argument("x-delayed-type", "fanout")
        .declare();
    client.topology().queue("q").durable().declare();
    client.topology().bind(Binding.of("later", "q", ""));
    Publisher publisher = client.publisher("later");
    List<CompletionStage<Publisher.Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i++) {
      outcomes.add(publisher.publish("", waiting(i)));
    }
    outcomes.forEach(
        outcome -> assertThat(broker.await(outcome)).isEqualTo(Publisher.Outcome.ROUTED));
    assertThat(broker.broker().metrics().value("memory.held{kind=messages}"))
        .as("what is in memory of %,d messages", MESSAGES)
        .isLessThan(MESSAGES * 100L);

    broker.restart();

    MessageProbe probe = broker.probe(Source.queue("q"));
    for (long ms = 0; ms <= LONGEST_MS; ms += LONGEST_MS / 60) {
      broker.advance(Duration.ofMillis(LONGEST_MS / 60));
    }
    Set<String> came = new HashSet<>();
    for (int i = 0; i < MESSAGES; i++) {
      assertThat(came.add(probe.take().message().text())).isTrue();
    }
    probe.expectNothing();
  }
}
