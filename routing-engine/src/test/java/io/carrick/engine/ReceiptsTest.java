package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.exchange;
import static io.carrick.engine.RestartableBroker.lease;
import static io.carrick.engine.RestartableBroker.session;
import static io.carrick.engine.RestartableBroker.shared;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Annotations;
import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import io.carrick.PublishRejectedException;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.Receipt;
import io.carrick.RoutingKey;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts for a receipt, on two loops, turn by turn (MAP-18). */
class ReceiptsTest {

  private RestartableBroker run =
      new RestartableBroker(new Disk(), Limits.defaults().with(Limit.RECEIPTS, 3));

  private TestClient near;
  private TestClient far;

  @BeforeEach
  void connect() {
    near = run.client("near");
    far = run.farClient("far");
    run.declare(near, durable("answers"));
    near.ask((Attachment a, Completion<Long> done) -> a.purgeQueue("answers", done));
  }

  private static void declare(TestClient by, String queue, QueueOptions options) {
    by.ask(
        (Attachment p, Completion<QueueInfo> done) ->
            p.declareQueue(
                new QueueDeclaration(queue, true, false, false, options.arguments(), null), done));
  }

  private void queues(String... names) {
    for (String name : names) {
      run.declare(name.startsWith("far") ? far : near, durable(name));
      near.bind(Binding.of("amq.fanout", name, ""));
    }
  }

  private static Message.Builder request() {
    return Message.builder("hello").persistent().replyTo("answers").correlationId("c");
  }

  private static Message asking(
      TestClient by, String exchange, String key, String receipt, Message.Builder what) {
    Message built = what.build();
    return Message.published(
            exchange,
            RoutingKey.ofKey(key),
            built.properties(),
            built.payload(),
            by.port.identity(),
            by.port.loop().wallTimeMs())
        .annotated(Annotations.NONE.withReceipt(Receipt.of(receipt)));
  }

  private void publish(String receipt) {
    publish(near, "amq.fanout", "", receipt);
  }

  private static void publish(TestClient by, String exchange, String key, String receipt) {
    Message message = asking(by, exchange, key, receipt, request());
    by.act(a -> a.publishConfirmed(message));
  }

  private void settle(String queue, Settlement how) {
    TestClient by = queue.endsWith("2") ? near : far;
    Fetched got = run.get(by, queue).orElseThrow();
    by.act(a -> got.consumption().settle(got.deliveryId(), how));
  }

  /** The one answer that there is, without when it was given. */
  private String answer() {
    List<String> all = run.drain(near, "answers");
    assertThat(all).hasSize(1);
    return all.get(0).replaceAll(",\"waitedMs\":[0-9]+", "");
  }

  private void noAnswer() {
    assertThat(run.queues()).contains("answers:0");
  }

  private static String numbers(String result, int... numbers) {
    return """
        {"result":"%s","targets":%d,"acknowledged":%d,"rejected":%d,"expired":%d,"dropped":%d,\
        "timedOut":%d,"""
        .formatted(result, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
  }

  @Test
  void allAreToldOfWhenTheLastHasAcknowledged() {
    queues("q1", "far1", "far2");
    publish("all");
    settle("q1", Settlement.ACCEPT);
    settle("far1", Settlement.ACCEPT);
    noAnswer();
    settle("far2", Settlement.ACCEPT);
    assertThat(answer())
        .isEqualTo(
            numbers("fulfilled", 3, 3, 0, 0, 0, 0)
                + """
                "queues":[\
                {"queue":"q1","outcome":"acknowledged","protocol":"test","name":"far","user":""},\
                {"queue":"far1","outcome":"acknowledged","protocol":"test","name":"far","user":""},\
                {"queue":"far2","outcome":"acknowledged","protocol":"test","name":"near","user":""}]}\
                """);
  }

  @Test
  void anAnswerHasItsNumbersInHeadersAndItsCorrelationAndIsStoredIfItsMessageWas() {
    queues("q1");
    publish("all");
    settle("q1", Settlement.ACCEPT);
    MessageProperties answer = run.get(near, "answers").orElseThrow().message().properties();
    assertThat(answer.headers())
        .containsEntry("x-receipt-result", "fulfilled")
        .containsEntry("x-receipt-targets", 1)
        .containsEntry("x-receipt-acknowledged", 1)
        .containsEntry("x-receipt-timed-out", 0);
    assertThat(answer.correlationId())
        .hasValue("c".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(answer.contentType()).hasValue("application/json");
    assertThat(answer.persistent()).isTrue();
  }

  @Test
  void whoAsksForOneIsToldWhenOneHasAcknowledged() {
    queues("q1", "far1");
    publish("count=1");
    settle("far1", Settlement.ACCEPT);
    assertThat(answer()).startsWith(numbers("fulfilled", 2, 1, 0, 0, 0, 0));
    settle("q1", Settlement.ACCEPT);
    noAnswer();
  }

  @Test
  void whatCannotComeTrueIsToldAtOnce() {
    queues("q1", "far1");
    publish("count=2");
    settle("q1", Settlement.REJECT);
    assertThat(answer()).startsWith(numbers("failed", 2, 0, 1, 0, 0, 0));
  }

  @Test
  void moreThanThereAreQueuesCannotComeTrue() {
    queues("q1");
    publish("count=2");
    assertThat(answer()).startsWith(numbers("failed", 1, 0, 0, 0, 0, 0));
  }

  @Test
  void whatGoesNowhereIsToldAtOnce() {
    publish("all;timeout=1d");
    assertThat(answer()).isEqualTo(numbers("unroutable", 0, 0, 0, 0, 0, 0) + "\"queues\":[]}");
  }

  @Test
  void whatHasNotBecomeClearIsToldWhenTheTimeIsOver() {
    queues("q1", "far1");
    publish("all;timeout=5s");
    settle("q1", Settlement.ACCEPT);
    run.loops.advance(4_999);
    noAnswer();
    run.loops.advance(1);
    assertThat(answer())
        .startsWith(numbers("timeout", 2, 1, 0, 0, 0, 1))
        .endsWith("{\"queue\":\"far1\",\"outcome\":\"timed-out\"}]}");
    settle("far1", Settlement.ACCEPT);
    noAnswer();
  }

  @Test
  void withoutATimeItIsHalfAMinute() {
    queues("q1");
    publish("all");
    run.loops.advance(29_999);
    noAnswer();
    run.loops.advance(1);
    assertThat(answer()).startsWith(numbers("timeout", 1, 0, 0, 0, 0, 1));
  }

  @Test
  void whatComesBackCountsWhenItIsSettled() {
    queues("far1");
    publish("all");
    settle("far1", Settlement.REQUEUE);
    noAnswer();
    settle("far1", Settlement.ACCEPT);
    assertThat(answer()).startsWith(numbers("fulfilled", 1, 1, 0, 0, 0, 0));
  }

  @Test
  void everyReasonIsToldAndADeadLetterDoesNotCountOn() {
    run.declare(near, durable("dead"));
    QueueOptions toDead = QueueOptions.none().deadLetterTo("", "dead");
    declare(far, "farold", toDead.messageTtl(Duration.ofMillis(10)));
    declare(far, "farshort", toDead.maxLength(1));
    declare(near, "purged", QueueOptions.none());
    declare(far, "fargone", QueueOptions.none());
    declare(
        near,
        "full",
        QueueOptions.none().maxLength(0).overflow(io.carrick.Overflow.REJECT_PUBLISH));
    declare(far, "farreject", toDead);
    for (String each : List.of("farold", "farshort", "purged", "fargone", "full", "farreject")) {
      near.bind(Binding.of("amq.fanout", each, ""));
    }
    publish("all;timeout=1h");
    run.publish(far, "", "farshort", "another");
    near.ask((Attachment a, Completion<Long> done) -> a.purgeQueue("purged", done));
    near.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("fargone", false, false, done));
    settle("farreject", Settlement.REJECT);
    noAnswer();
    run.loops.advance(11);
    String answer = answer();
    assertThat(answer).startsWith(numbers("failed", 6, 0, 1, 1, 4, 0));
    assertThat(answer)
        .contains("{\"queue\":\"farold\",\"outcome\":\"expired\"}")
        .contains("{\"queue\":\"farshort\",\"outcome\":\"dropped\",\"reason\":\"max-length\"}")
        .contains("{\"queue\":\"purged\",\"outcome\":\"dropped\",\"reason\":\"purged\"}")
        .contains("{\"queue\":\"fargone\",\"outcome\":\"dropped\",\"reason\":\"queue-deleted\"}")
        .contains("{\"queue\":\"full\",\"outcome\":\"dropped\",\"reason\":\"queue-full\"}")
        .contains("{\"queue\":\"farreject\",\"outcome\":\"rejected\",\"protocol\"");
    assertThat(run.drain(near, "dead")).hasSize(3);
    noAnswer();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatNeedsNoAcknowledgementCountsWhenItIsWritten(boolean here) {
    queues("q1");
    (here ? near : far).consume(new ConsumeRequest("q1", true, Mode.SHARED, 0, 0));
    publish("all");
    assertThat(answer()).startsWith(numbers("fulfilled", 1, 1, 0, 0, 0, 0));
  }

  @Test
  void aSessionThatIsAwayCountsWhenItHasAcknowledged() {
    TestClient device = run.farClient("device");
    run.declare(device, session("device"));
    device.bind(Binding.of("amq.fanout", "mqtt.session.device", ""));
    publish("all;timeout=1d");
    run.loops.advance(3_600_000);
    noAnswer();
    TestClient.Consuming got = device.consume(lease("device"));
    got.settle(0, Settlement.ACCEPT);
    assertThat(answer())
        .startsWith(numbers("fulfilled", 1, 1, 0, 0, 0, 0))
        .contains("\"name\":\"device\"");
  }

  @Test
  void inATransactionItCountsFromTheCommit() {
    queues("q1");
    var transaction = far.openTransaction(returned -> {});
    Message message = asking(far, "amq.fanout", "", "all;timeout=5s", request());
    far.act(a -> transaction.publish(message, false));
    run.loops.advance(10_000);
    noAnswer();
    far.ask((Attachment a, Completion<io.carrick.spi.Done> done) -> transaction.commit(done));
    run.loops.advance(4_999);
    noAnswer();
    settle("q1", Settlement.ACCEPT);
    assertThat(answer()).startsWith(numbers("fulfilled", 1, 1, 0, 0, 0, 0));
  }

  @Test
  void whatIsAcknowledgedInATransactionCountsFromTheCommit() {
    queues("far1");
    publish("all");
    var transaction = near.openTransaction(returned -> {});
    Fetched got = run.get(near, "far1").orElseThrow();
    near.act(a -> transaction.settle(got.consumption(), got.deliveryId(), Settlement.ACCEPT));
    noAnswer();
    near.ask((Attachment a, Completion<io.carrick.spi.Done> done) -> transaction.commit(done));
    assertThat(answer()).startsWith(numbers("fulfilled", 1, 1, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWaitsInAnExchangeCountsFromItsRelease(boolean restart) {
    run.declare(far, exchange("later", "late", true));
    run.declare(far, durable("far1"));
    near.bind(Binding.of("later", "far1", ""));
    Message message =
        asking(near, "later", "", "all;timeout=5s", request().header("late", 60_000L));
    near.act(a -> a.publishConfirmed(message));
    run.loops.advance(30_000);
    if (restart) {
      run.restart();
      connectAgain();
    }
    noAnswer();
    run.loops.advance(30_500);
    noAnswer();
    run.loops.advance(4_000);
    settle("far1", Settlement.ACCEPT);
    assertThat(answer()).startsWith(numbers("fulfilled", 1, 1, 0, 0, 0, 0));
    Message another = asking(near, "later", "", "all;timeout=5s", request().header("late", 1_000L));
    near.act(a -> a.publishConfirmed(another));
    run.loops.advance(1_500);
    run.loops.advance(4_900);
    noAnswer();
    run.loops.advance(100);
    assertThat(answer()).startsWith(numbers("timeout", 1, 0, 0, 0, 0, 1));
  }

  private void connectAgain() {
    near = run.client("near again");
    far = run.farClient("far again");
  }

  // ---- restarts

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void itGoesOnAfterARestartWithWhatWasCountedBefore(boolean orderly) {
    queues("q1", "far1", "far2");
    run.declare(near, TestClient.plain("transient"));
    near.bind(Binding.of("amq.fanout", "transient", ""));
    publish("all;timeout=1h");
    settle("far2", Settlement.REJECT);
    if (orderly) {
      run.restart();
    } else {
      run.crash();
    }
    connectAgain();
    settle("q1", Settlement.ACCEPT);
    noAnswer();
    settle("far1", Settlement.ACCEPT);
    assertThat(answer())
        .startsWith(numbers("failed", 4, 2, 1, 0, 1, 0))
        .contains("{\"queue\":\"transient\",\"outcome\":\"dropped\",\"reason\":\"queue-deleted\"}")
        .contains(
            "{\"queue\":\"far2\",\"outcome\":\"rejected\",\"protocol\":\"test\",\"name\":\"near\"");
  }

  @Test
  void itsTimeGoesOnWhileTheBrokerIsDown() {
    queues("q1");
    publish("all;timeout=1h");
    publish("all;timeout=1m");
    run.crash(120_000);
    connectAgain();
    run.loops.run();
    assertThat(answer()).startsWith(numbers("timeout", 1, 0, 0, 0, 0, 1));
    run.loops.advance(3_478_000);
    noAnswer();
    run.loops.advance(2_000);
    assertThat(answer()).startsWith(numbers("timeout", 1, 0, 0, 0, 0, 1));
  }

  @Test
  void anAnswerThatIsThereDoesNotComeAgainAfterARestart() {
    queues("q1");
    publish("all");
    settle("q1", Settlement.ACCEPT);
    run.crash();
    connectAgain();
    assertThat(answer()).startsWith(numbers("fulfilled", 1, 1, 0, 0, 0, 0));
    run.crash();
    connectAgain();
    run.loops.advance(60_000);
    noAnswer();
  }

  @Test
  void whatCannotBeStoredNowKeepsNobodyElseWaiting() {
    queues("q1");
    Message stored = asking(near, "amq.fanout", "", "all;timeout=1s", request());
    Message transientOne =
        asking(near, "amq.fanout", "", "all;timeout=2s", Message.builder("x").replyTo("answers"));
    near.act(a -> a.publishConfirmed(stored));
    near.act(a -> a.publishConfirmed(transientOne));
    run.disk.state(MessageStore.State.FULL);
    run.loops.advance(2_000);
    assertThat(answer()).startsWith(numbers("timeout", 1, 0, 0, 0, 0, 1));
    run.disk.state(MessageStore.State.OPEN);
    run.loops.advance(1_000);
    assertThat(answer()).startsWith(numbers("timeout", 1, 0, 0, 0, 0, 1));
  }

  // ---- what is refused

  @Test
  void whoNamesNoAddressIsRefused() {
    queues("q1");
    Message message = asking(near, "amq.fanout", "", "all", Message.builder("x"));
    near.act(
        a ->
            assertThatThrownBy(() -> a.publish(message))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("address"));
    assertThat(run.queues()).contains("q1:0");
  }

  @Test
  void beyondTheBoundThereAreNoMoreUntilOneIsAnswered() {
    queues("q1");
    publish("all;timeout=1h");
    publish("all;timeout=1h");
    publish("all;timeout=1h");
    Message more = asking(far, "amq.fanout", "", "all", request());
    far.act(
        a ->
            assertThatThrownBy(() -> a.publishConfirmed(more))
                .isInstanceOf(PublishRejectedException.class));
    settle("q1", Settlement.ACCEPT);
    far.act(a -> a.publishConfirmed(more));
    assertThat(run.queues()).contains("q1:3", "answers:1");
  }

  @Test
  void noTimeIsLongerThanTheBound() {
    queues("q1");
    publish("all;timeout=PT9999H");
    run.loops.advance(Duration.ofDays(7).toMillis() - 1);
    noAnswer();
    run.loops.advance(1);
    assertThat(answer()).startsWith(numbers("timeout", 1, 0, 0, 0, 0, 1));
  }

  // ---- what does not count

  @Test
  void aLastValueThatComesLaterDoesNotCount() {
    queues("q1");
    Message message = asking(near, "amq.fanout", "topic", "count=2;timeout=1h", request().retain());
    Optional<Message> kept = Optional.of(message);
    near.act(a -> a.publishConfirmed(kept.orElseThrow()));
    assertThat(answer()).startsWith(numbers("failed", 1, 0, 0, 0, 0, 0));
  }

  @Test
  void anAnswerNeverAsksForOne() {
    queues("q1");
    Message message =
        asking(near, "", "q1", "all", request().header("x-receipt", "all").replyTo("q1"));
    near.act(a -> a.publishConfirmed(message));
    TestClient.Consuming all = far.consume(shared("q1"));
    all.settle(0, Settlement.ACCEPT);
    assertThat(all.got).hasSize(2);
    all.settle(1, Settlement.ACCEPT);
    assertThat(all.got).hasSize(2);
  }
}
