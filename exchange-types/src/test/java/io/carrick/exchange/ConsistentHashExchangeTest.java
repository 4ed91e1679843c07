package io.carrick.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.carrick.Binding;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.Publisher;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("amqp091:x-consistent-hash")
class ConsistentHashExchangeTest {

  private static final int KEYS = 10_000;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(EmbeddedBroker.builder().exchangeTypes(ExchangeTypes.all()));

  private Client client;

  @BeforeEach
  void declare() {
    client = broker.client();
    client.topology().exchange("hashed", "x-consistent-hash").declare();
    bind("small", 1);
    bind("middle", 2);
    bind("large", 7);
  }

  private void bind(String queue, int weight) {
    client.topology().queue(queue).declare();
    client.topology().bind(Binding.of("hashed", queue, Integer.toString(weight)));
  }

  private void publishEveryKey() {
    Publisher publisher = client.publisher("hashed");
    List<CompletableFuture<Publisher.Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      outcomes.add(publisher.publish("key" + i, Message.of("x")).toCompletableFuture());
    }
    for (CompletableFuture<Publisher.Outcome> outcome : outcomes) {
      assertThat(outcome.orTimeout(30, TimeUnit.SECONDS).join())
          .isEqualTo(Publisher.Outcome.ROUTED);
    }
  }

  private Map<String, String> takeAll(String... queues) {
    Map<String, String> queueByKey = new HashMap<>();
    for (String queue : queues) {
      long ready = client.topology().find(queue).orElseThrow().ready();
      for (long i = 0; i < ready; i++) {
        Delivery delivery = client.poll(queue).orElseThrow();
        delivery.accept();
        assertThat(queueByKey.put(delivery.routingKey(), queue)).as("went to one queue").isNull();
      }
    }
    assertThat(queueByKey).hasSize(KEYS);
    return queueByKey;
  }

  private static long count(Map<String, String> queueByKey, String queue) {
    return queueByKey.values().stream().filter(queue::equals).count();
  }

  @Test
  void tenThousandKeysSpreadByWeightAndFewMoveWhenAQueueComes() {
    publishEveryKey();
    Map<String, String> before = takeAll("small", "middle", "large");
    assertThat(count(before, "small")).isCloseTo(1_000, within(200L));
    assertThat(count(before, "middle")).isCloseTo(2_000, within(200L));
    assertThat(count(before, "large")).isCloseTo(7_000, within(200L));

    bind("new", 2);
    publishEveryKey();
    Map<String, String> after = takeAll("small", "middle", "large", "new");

    assertThat(count(after, "new")).isCloseTo(KEYS * 2 / 12, within(200L));
    after.forEach(
        (key, queue) -> {
          if (!queue.equals("new")) {
            assertThat(queue).as(key).isEqualTo(before.get(key));
          }
        });
  }

  @Test
  void aBindingKeyThatIsNoWeightIsRefusedAndChangesNothing() {
    client.topology().queue("other").declare();
    assertThatThrownBy(() -> client.topology().bind(Binding.of("hashed", "other", "heavy")))
        .isInstanceOf(PreconditionFailedException.class);

    publishEveryKey();

    assertThat(client.topology().find("other").orElseThrow().ready()).isZero();
    takeAll("small", "middle", "large");
  }
}
