package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Alarm;
import io.carrick.Binding;
import io.carrick.Binding.Target;
import io.carrick.Broker;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.engine.loop.ManualLoops;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a queue gets that is bound with the argument {@code x-mqtt-retained} (MAP-31). */
class LastValueReplayTest {

  private static final Map<String, Object> ASKS = Map.of("x-mqtt-retained", true);

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient client = run.client("c");

  @AfterEach
  void close() {
    run.broker.close();
  }

  private void retain(TestClient by, String key, String text) {
    retain(by, key, text, RestartableBroker.RETAINED);
  }

  private void retain(TestClient by, String key, String text, MessageProperties properties) {
    by.act(
        a -> {
          Message message = by.message("amq.topic", key, properties, text);
          a.publish(message.arriving(a.loop().wallTimeMs()));
        });
  }

  private static Binding asking(String queue, String key) {
    return Binding.of("amq.topic", queue, key, ASKS);
  }

  /** Takes everything; what had been kept is marked. */
  private List<String> drain(TestClient by, String queue) {
    var all = new ArrayList<String>();
    Optional<Attachment.Fetched> next = fetch(by, queue);
    while (next.isPresent()) {
      Message m = next.get().message();
      Object marked = m.properties().headers().get("x-mqtt-retained");
      assertThat(m.annotations().keptMs().isPresent()).isEqualTo(Boolean.TRUE.equals(marked));
      all.add(m.text() + (marked == null ? "" : " kept"));
      next = fetch(by, queue);
    }
    return all;
  }

  private static Optional<Attachment.Fetched> fetch(TestClient by, String queue) {
    return by.ask(
        (Attachment a, Completion<Optional<Attachment.Fetched>> done) -> a.get(queue, true, done));
  }

  private void declare(TestClient by, String queue, Map<String, Object> arguments) {
    run.declare(by, new QueueDeclaration(queue, true, false, false, arguments, null));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNewBindingBringsTheLastValuesThatMatchAndThenWhatComesLive(boolean far) {
    retain(client, "a.x", "old");
    retain(client, "a.x", "1");
    retain(client, "a.y.z", "2");
    retain(client, "b", "3");
    retain(client, "a.w", "gone");
    retain(client, "a.w", "");
    client.publish("amq.topic", "a.v", "never kept");
    TestClient binder = far ? run.farClient("far") : client;
    client.declare("q");

    binder.bind(asking("q", "a.#"));
    retain(client, "a.x", "4");

    List<String> all = drain(client, "q");
    assertThat(all.subList(0, 2)).containsExactlyInAnyOrder("1 kept", "2 kept");
    assertThat(all.subList(2, all.size())).containsExactly("4");
  }

  /** A session's admission is asked when a message has been routed, before it is kept. */
  @Test
  void whatWasRoutedBeforeTheBindingAndIsKeptBehindItIsNotLost() {
    TestClient binder = run.farClient("far");
    binder.declare("q");
    var bound = new TestClient.Answer<Integer>();
    var asked = new ArrayList<String>();
    Admission binds =
        (message, attachments, count) -> {
          if (asked.isEmpty()) {
            asked.add(message.text());
            run.loops.second.turn(() -> binder.port.bind(List.of(asking("q", "a")), bound));
          }
          return new Verdict(Kind.DROP, null);
        };
    run.declare(
        client,
        new QueueDeclaration("mqtt.c", false, false, false, Map.of(), SessionQueue.of("c", binds)));
    client.bind(Binding.of("amq.topic", "mqtt.c", "a"));

    retain(client, "a", "1");

    assertThat(asked).containsExactly("1");
    assertThat(bound.get()).isEqualTo(1);
    assertThat(drain(binder, "q")).containsExactly("1 kept");
  }

  @Test
  void theSameBindingAgainBringsNothingAndANewOneDoes() {
    retain(client, "a", "1");
    client.declare("q");
    client.bind(asking("q", "a"));
    client.bind(asking("q", "a"));
    assertThat(drain(client, "q")).containsExactly("1 kept");

    client.ask(
        (Attachment a, Completion<Integer> done) -> a.unbind(List.of(asking("q", "a")), done));
    client.bind(asking("q", "a"));
    client.bind(asking("q", "#"));
    assertThat(drain(client, "q")).containsExactly("1 kept", "1 kept");
  }

  @Test
  void whoDoesNotAskGetsNothing() {
    retain(client, "a", "1");
    client.declare("q");
    client.bind(Binding.of("amq.topic", "q", "a"));
    client.bind(Binding.of("amq.topic", "q", "a", Map.of("x-mqtt-retained", false)));
    client.bind(Binding.of("amq.topic", "q", "a", Map.of("x-other", true)));
    client.publish("amq.topic", "a", "live");
    assertThat(drain(client, "q")).containsExactly("live");
  }

  @Test
  void whatCannotBeAskedForIsRefusedAndNothingIsBound() {
    client.declare("q");
    for (Object wrong : List.of("true", 1, Map.of())) {
      assertRefused(Binding.of("amq.topic", "q", "a", Map.of("x-mqtt-retained", wrong)));
    }
    assertRefused(Binding.of("amq.fanout", "q", "a", ASKS));
    RoutingKey key = RoutingKey.ofKey("a");
    assertRefused(new Binding("amq.topic", Target.EXCHANGE, "amq.fanout", key, ASKS, null));
    retain(client, "a", "1");
    client.publish("amq.fanout", "a", "2");
    assertThat(drain(client, "q")).isEmpty();
  }

  private void assertRefused(Binding binding) {
    assertThatThrownBy(() -> client.bind(binding))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageStartingWith("binding argument 'x-mqtt-retained' is");
  }

  @Test
  void anAdministratorsBindingAndOneFromTheStoreBringNothing() {
    retain(client, "a", "1");
    declare(client, "q", Map.of());
    declare(client, "r", Map.of());
    run.broker.admin().bind("/", asking("q", "a"));
    run.loops.run();
    client.bind(asking("r", "a"));
    run.restart();
    TestClient later = run.client("later");
    later.publish("amq.topic", "a", "live");
    assertThat(drain(later, "q")).containsExactly("live");
    assertThat(drain(later, "r")).containsExactly("1 kept", "live");
  }

  @Test
  void whatWasBroughtIsStoredWhenTheBinderHearsOfIt() {
    retain(client, "a", "1");
    declare(client, "q", Map.of());
    run.farClient("far").bind(asking("q", "a"));
    run.crash();
    assertThat(drain(run.client("later"), "q")).containsExactly("1 kept");
  }

  @Test
  void theTimeToLiveGoesOnAndThatOfTheQueueBegins() {
    MessageProperties tenSeconds =
        Message.builder("").retain().expiration(Duration.ofSeconds(10)).build().properties();
    retain(client, "short", "short", tenSeconds);
    retain(client, "long", "long");
    run.loops.advance(8_000);
    declare(client, "q", Map.of("x-message-ttl", 5_000));
    client.bind(asking("q", "#"));
    Message first = fetch(client, "q").orElseThrow().message();
    assertThat(first.arrivedMs()).isEqualTo(run.loops.first.wallTimeMs());
    client.ask((Attachment a, Completion<Long> done) -> a.purgeQueue("q", done));

    client.declare("again");
    client.bind(Binding.of("amq.topic", "q", "other.#"));
    client.bind(asking("q", "*"));
    run.loops.advance(1_999);
    assertThat(run.queues()).contains("q:2");
    run.loops.advance(1);
    assertThat(run.queues()).contains("q:1");
    run.loops.advance(3_000);
    assertThat(run.queues()).contains("q:0");
    retain(client, "b", "gone", tenSeconds);
    run.loops.advance(10_000);
    client.bind(asking("again", "b"));
    assertThat(drain(client, "again")).isEmpty();
  }

  @Test
  void aFullQueueKeepsToItsBound() {
    for (int i = 0; i < 5; i++) {
      retain(client, "t." + i, "v");
    }
    declare(client, "drops", Map.of("x-max-length", 2));
    declare(client, "refuses", Map.of("x-max-length", 2, "x-overflow", "reject-publish"));
    client.bind(asking("drops", "t.*"));
    client.bind(asking("refuses", "t.*"));
    assertThat(run.queues()).contains("drops:2", "refuses:2");
    assertThat(run.broker.metrics().dropped("max-length")).isEqualTo(3);
    assertThat(run.broker.metrics().dropped("queue-full")).isEqualTo(3);
  }

  @Test
  void manyComeInManyTurnsAndOthersHaveTheirsBetween() {
    client.act(
        a -> {
          for (int i = 0; i < 3_000; i++) {
            a.publish(client.message("amq.topic", "t." + i, RestartableBroker.RETAINED, "v"));
          }
        });
    client.declare("q");
    run.loops.first.share(64);
    client.bind(asking("q", "#"));
    assertThat(run.loops.first.mostWorked()).isLessThan(3 * 64);
    assertThat(run.queues()).contains("q:3000");
  }

  @Test
  void duringAnAlarmTheRestWaitsAndTheBinderDoesNot() {
    retain(client, "a", "1");
    client.declare("q");
    run.broker.admin().holdAlarm(Alarm.MEMORY);
    run.loops.run();
    client.bind(asking("q", "a"));
    assertThat(run.queues()).contains("q:0");
    run.broker.admin().releaseAlarm(Alarm.MEMORY);
    run.loops.run();
    assertThat(drain(client, "q")).containsExactly("1 kept");
  }

  @Test
  void whatComesByAnotherExchangeIsNoLastValueNorIsWhatHasNoTopic() {
    client.act(
        a -> {
          a.publish(client.message("amq.direct", "a", RestartableBroker.RETAINED, "1"));
          a.publish(client.message("", "q", RestartableBroker.RETAINED, "2"));
          a.publish(client.message("amq.topic", "", RestartableBroker.RETAINED, "3"));
          a.publish(client.message("amq.topic", "a.\u0001", RestartableBroker.RETAINED, "4"));
        });
    client.declare("q");
    client.bind(asking("q", "#"));
    assertThat(drain(client, "q")).isEmpty();
    assertThat(run.broker.metrics().dropped("last-value-without-topic")).isEqualTo(2);
    assertThat(run.broker.metrics().value("memory.held{kind=last-values}")).isZero();
  }

  @Test
  void aDeadLetterOfWhatWasBroughtIsNotKeptAgain() {
    retain(client, "a", "1");
    client.declare("dead");
    client.bind(Binding.of("amq.topic", "dead", "b"));
    declare(
        client,
        "q",
        Map.of("x-dead-letter-exchange", "amq.topic", "x-dead-letter-routing-key", "b"));
    client.bind(asking("q", "a"));
    Attachment.Fetched got = run.get(client, "q").orElseThrow();
    client.act(a -> got.consumption().settle(got.deliveryId(), Settlement.REJECT));
    assertThat(drain(client, "dead")).containsExactly("1 kept");
    client.declare("asks");
    client.bind(asking("asks", "b"));
    assertThat(drain(client, "asks")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @SuppressWarnings("try") // the broker runs while the clients do
  void whatStartsWithADollarSignComesToWildcardsAsItDoesLive(boolean hidden) {
    var loops = new ManualLoops();
    var port = new PortAdapter();
    try (Broker broker =
        EmbeddedBroker.builder()
            .loops(prefix -> loops)
            .adapter(port)
            .mapping(Mapping.lossless().hideDollarTopics(hidden))
            .start()) {
      var asks = new TestClient(port.adapters(), loops, loops.first, "asks");
      retain(asks, "$own.a", "1");
      asks.declare("all");
      asks.declare("named");
      asks.bind(asking("all", "#"));
      asks.bind(asking("named", "$own.*"));
      asks.publish("amq.topic", "$own.a", "2");
      assertThat(drain(asks, "named")).containsExactly("1 kept", "2");
      assertThat(drain(asks, "all")).isEqualTo(hidden ? List.of() : List.of("1 kept", "2"));
    }
  }
}
