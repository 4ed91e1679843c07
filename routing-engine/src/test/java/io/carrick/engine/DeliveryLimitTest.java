package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.HeaderNames;
import io.carrick.QueueOptions;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that come back from their consumers again and again. */
class DeliveryLimitTest {

  private final RestartableBroker run = new RestartableBroker();
  private TestClient client = run.client("client");

  @BeforeEach
  void declare() {
    declare("q", QueueOptions.none().deliveryLimit(2));
  }

  private void declare(String queue, QueueOptions options) {
    run.declare(client, new QueueDeclaration(queue, true, false, false, options.arguments(), null));
  }

  private Optional<Object> count(Fetched fetched) {
    return Optional.ofNullable(
        fetched.message().properties().headers().get(HeaderNames.DELIVERY_COUNT));
  }

  private Fetched get() {
    return run.get(client, "q").orElseThrow();
  }

  private void settle(Fetched fetched, Settlement how) {
    client.act(p -> fetched.consumption().settle(fetched.deliveryId(), how));
  }

  @Test
  void aMessageMayComeBackSoOftenAndThenGoes() {
    run.publish(client, "", "q", "1");
    Fetched first = get();
    assertThat(count(first)).isEmpty();
    settle(first, Settlement.REQUEUE);
    Fetched second = get();
    assertThat(count(second)).contains(1L);
    settle(second, Settlement.REQUEUE);
    Fetched third = get();
    assertThat(count(third)).contains(2L);
    settle(third, Settlement.REQUEUE);
    assertThat(run.get(client, "q")).isEmpty();
    assertThat(run.broker.metrics().dropped("delivery-limit")).isEqualTo(1);
    assertThat(run.broker.metrics().value("messages.requeued")).isEqualTo(2);
  }

  @Test
  void aConsumerThatLeavesReturnsWhatItHas() {
    run.publish(client, "", "q", "1");
    for (int i = 0; i < 3; i++) {
      var consumer = client.consume(RestartableBroker.shared("q"));
      client.act(p -> consumer.consumption.detach());
    }
    assertThat(run.queues()).contains("q:0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theCountIsThereAfterARestart(boolean orderly) {
    run.publish(client, "", "q", "1", "2", "3", "4", "5", "6");
    settle(get(), Settlement.REQUEUE);
    for (long expected = 1; expected <= 2; expected++) {
      if (orderly) {
        run.restart();
      } else {
        run.crash();
      }
      client = run.client("again");
      Fetched fetched = get();
      assertThat(fetched.message().text()).isEqualTo("1");
      assertThat(count(fetched)).contains(expected);
      settle(fetched, Settlement.REQUEUE);
    }
    assertThat(run.drain(client, "q")).hasSize(5).first().asString().startsWith("2");
  }

  @Test
  void nothingStaysInTheStoreOfAMessageThatIsGone() {
    run.publish(client, "", "q", "1", "2");
    settle(get(), Settlement.REQUEUE);
    assertThat(run.disk.keys("returned")).hasSize(1);
    settle(get(), Settlement.ACCEPT);
    assertThat(run.disk.keys("returned")).isEmpty();

    settle(get(), Settlement.REQUEUE);
    run.crash();
    client = run.client("again");
    client.ask((Attachment a, Completion<Long> done) -> a.purgeQueue("q", done));
    assertThat(run.disk.keys("returned")).isEmpty();
  }

  @Test
  void aQueueWithoutALimitCountsNothing() {
    declare("plain", QueueOptions.none());
    run.publish(client, "", "plain", "1");
    for (int i = 0; i < 5; i++) {
      Fetched fetched = run.get(client, "plain").orElseThrow();
      assertThat(count(fetched)).isEmpty();
      settle(fetched, Settlement.REQUEUE);
    }
    assertThat(run.disk.keys("returned")).isEmpty();
  }
}
