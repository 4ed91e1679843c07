package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.exchange;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Annotations;
import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.Receipt;
import io.carrick.RoutingKey;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receipts of messages that wait in exchanges: that they are answered, and not too early. */
class DelayedReceiptsTest {

  private final RestartableBroker run =
      new RestartableBroker(new Disk(), Limits.defaults().with(Limit.DELAYED_MESSAGES, 2));

  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");

  @BeforeEach
  void declare() {
    run.declare(near, durable("answers"));
    run.declare(near, durable("q1"));
    run.declare(far, durable("q2"));
    run.declare(near, exchange("later", "late", true));
    near.bind(Binding.of("later", "q1", ""));
  }

  private void publish(String exchange, String receipt, long delayMs) {
    Message built =
        Message.builder("hello").persistent().replyTo("answers").header("late", delayMs).build();
    Message message =
        Message.published(
                exchange,
                RoutingKey.EMPTY,
                built.properties(),
                built.payload(),
                near.port.identity(),
                near.port.loop().wallTimeMs())
            .annotated(Annotations.NONE.withReceipt(Receipt.of(receipt)));
    near.act(a -> a.publishConfirmed(message));
  }

  private void accept(String queue) {
    Fetched got = run.get(near, queue).orElseThrow();
    near.act(a -> got.consumption().settle(got.deliveryId(), Settlement.ACCEPT));
  }

  private List<String> answers() {
    return run.drain(near, "answers").stream()
        .map(a -> a.replaceAll(",\"rejected.*", "}"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"later", "behind"})
  void whatWaitsInTwoExchangesIsToldOfWhenBothHaveLetItGo(String leadsToQueue) {
    run.declare(far, exchange("behind", "late", true));
    near.ask(
        (Attachment a, Completion<Integer> done) ->
            a.unbind(List.of(Binding.of("later", "q1", "")), done));
    near.bind(Binding.of(leadsToQueue, "q1", ""));
    for (String each : List.of("later", "behind")) {
      near.bind(
          new Binding(
              "amq.fanout", Binding.Target.EXCHANGE, each, RoutingKey.EMPTY, Map.of(), null));
    }
    publish("amq.fanout", "all;timeout=1h", 1_000);
    run.loops.advance(1_500);
    assertThat(answers()).isEmpty();
    accept("q1");
    assertThat(answers())
        .containsExactly("{\"result\":\"fulfilled\",\"targets\":1,\"acknowledged\":1}");
  }

  @Test
  void whatGoesWithTheExchangeThatItWaitsInIsToldAtOnce() {
    publish("later", "all", 60_000);
    assertThat(answers()).isEmpty();
    near.ask((Attachment a, Completion<Done> done) -> a.deleteExchange("later", false, done));
    assertThat(answers())
        .containsExactly("{\"result\":\"unroutable\",\"targets\":0,\"acknowledged\":0}");
  }

  @Test
  void whatFindsNoRoomToWaitIsToldAtOnce() {
    publish("later", "all", 60_000);
    publish("later", "all", 60_000);
    publish("later", "all", 60_000);
    assertThat(near.told).last().asString().startsWith("refused");
    assertThat(answers())
        .containsExactly("{\"result\":\"unroutable\",\"targets\":0,\"acknowledged\":0}");
  }
}
