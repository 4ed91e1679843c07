package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.Overflow;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueOptions;
import io.carrick.RoutingKey;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exchanges that route each message once, by the id that its publisher gives it (MAP-17). */
class DeduplicationTest {

  private static final String ID = "x-deduplication-header";
  private static final Binding TO_Q = Binding.of("once", "q", "k");

  private final RestartableBroker run = new RestartableBroker();
  private TestClient near = run.client("near");
  private TestClient far = run.farClient("far");

  @BeforeEach
  void declareQueue() {
    run.declare(near, durable("q"));
  }

  private void declare(String type, Map<String, Object> more) {
    Map<String, Object> arguments = new HashMap<>(more);
    if (!type.equals("x-message-deduplication")) {
      arguments.put("x-message-deduplication", true);
    }
    near.<Done>ask(
        (port, done) ->
            port.declareExchange(
                new ExchangeDeclaration("once", type, true, false, false, arguments), done));
    near.bind(TO_Q);
  }

  private static MessageProperties properties(Object... headers) {
    Message.Builder builder = Message.builder("").persistent();
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i].toString(), headers[i + 1]);
    }
    return builder.build().properties();
  }

  private void publish(TestClient by, String text, Object... headers) {
    Message message =
        by.message("once", "k", properties(headers), text)
            .addressed(
                "once", RoutingKey.ofKey("k"), by.port.identity(), run.loops.first.wallTimeMs());
    by.act(a -> a.publishConfirmed(message));
  }

  private long duplicates() {
    return run.broker.metrics().dropped("duplicate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"direct", "topic", "fanout", "x-message-deduplication"})
  void aMessageIsRoutedOnceWhoeverPublishesItAgain(String type) {
    declare(type, Map.of());
    publish(near, "1", ID, "one");
    publish(near, "1 again", ID, "one");
    publish(far, "1 from afar", ID, "one");
    publish(far, "2", ID, "two");
    publish(far, "without an id");
    publish(far, "without an id");

    assertThat(run.drain(near, "q")).containsExactly("1", "2", "without an id", "without an id");
    assertThat(duplicates()).isEqualTo(2);
    assertThat(near.told).containsExactly("accepted 1-1", "accepted 2-2");
    assertThat(String.join(",", far.told)).contains("accepted").doesNotContain("refused");
    assertThat(run.broker.metrics().value("messages.unroutable")).isZero();
  }

  @Test
  void withoutTheArgumentNothingIsADuplicate() {
    near.<Done>ask(
        (port, done) ->
            port.declareExchange(
                new ExchangeDeclaration("once", "direct", true, false, false, Map.of()), done));
    near.bind(Binding.of("once", "q", "k"));
    publish(near, "1", ID, "one");
    publish(near, "2", ID, "one");
    assertThat(run.drain(near, "q")).containsExactly("1", "2");
  }

  @Test
  void anIdIsTheSameAsTextAndAsNumber() {
    declare("direct", Map.of());
    publish(near, "1", ID, 17L);
    publish(near, "2", ID, "17");
    publish(near, "3", ID, "x".repeat(1_000));
    publish(near, "4", ID, "x".repeat(1_000));
    publish(near, "5", ID, "x".repeat(1_001));
    assertThat(run.drain(near, "q")).containsExactly("1", "3", "5");
  }

  @Test
  void anotherHeaderCanBeTheId() {
    declare("direct", Map.of(ID, "order"));
    publish(near, "1", "order", 5, ID, "a");
    publish(near, "2", "order", 5, ID, "b");
    publish(near, "3", "order", 6, ID, "b");
    assertThat(run.drain(near, "q")).containsExactly("1", "3");
  }

  @Test
  void onlySoManyIdsAreRememberedTheLatestOnes() {
    declare("direct", Map.of("x-cache-size", 2));
    publish(near, "1", ID, 1);
    publish(near, "2", ID, 2);
    publish(near, "3", ID, 3);
    publish(near, "2 again", ID, 2);
    publish(near, "1 again", ID, 1);
    assertThat(run.drain(near, "q")).containsExactly("1", "2", "3", "1 again");
  }

  @Test
  void anIdIsForgottenAfterItsTime() {
    declare("direct", Map.of("x-cache-ttl", 1_000));
    publish(near, "1", ID, 1);
    publish(near, "2", ID, 2, "x-cache-ttl", 5_000);
    run.loops.advance(999);
    publish(near, "1 too early", ID, 1);
    run.loops.advance(1);
    publish(near, "1 again", ID, 1);
    publish(near, "2 too early", ID, 2);
    run.loops.advance(4_000);
    publish(near, "2 again", ID, 2);
    assertThat(run.drain(near, "q")).containsExactly("1", "2", "1 again", "2 again");
  }

  @Test
  void whatHasGoneNowhereMayComeAgain() {
    declare("direct", Map.of());
    near.ask((Attachment a, Completion<Integer> done) -> a.unbind(List.of(TO_Q), done));
    publish(near, "1", ID, 1);
    assertThat(run.broker.metrics().value("messages.unroutable")).isEqualTo(1);
    near.bind(TO_Q);
    publish(near, "1 again", ID, 1);
    publish(near, "1 and again", ID, 1);
    assertThat(run.drain(near, "q")).containsExactly("1 again");
  }

  private void declareFull(Overflow overflow) {
    run.declare(
        near,
        new QueueDeclaration(
            "full",
            true,
            false,
            false,
            QueueOptions.none().maxLength(1).overflow(overflow).arguments(),
            null));
  }

  @ParameterizedTest(name = "publisher in the queue''s loop: {0}")
  @ValueSource(booleans = {true, false})
  void whatAQueueGivesUpWithoutAWordDoesNotComeAgain(boolean nearby) {
    declareFull(Overflow.DROP_NEWEST);
    declare("direct", Map.of());
    near.bind(Binding.of("once", "full", "k"));
    run.publish(near, "", "full", "fills it");
    TestClient by = nearby ? near : far;
    by.told.clear();

    publish(by, "1", ID, 1);
    publish(by, "1 again", ID, 1);
    assertThat(String.join(",", by.told)).contains("accepted").doesNotContain("refused");
    assertThat(run.drain(near, "q")).containsExactly("1");
  }

  @ParameterizedTest(name = "publisher in the queue''s loop: {0}")
  @ValueSource(booleans = {true, false})
  void whatAQueueHasRefusedMayComeAgain(boolean nearby) {
    declareFull(Overflow.REJECT_PUBLISH);
    declare("direct", Map.of());
    near.bind(Binding.of("once", "full", "k"));
    run.publish(near, "", "full", "fills it");
    TestClient by = nearby ? near : far;
    by.told.clear();

    publish(by, "1", ID, 1);
    assertThat(by.told).hasSize(1).allMatch(told -> told.startsWith("refused"));
    assertThat(run.drain(near, "q")).containsExactly("1");
    run.drain(near, "full");
    by.told.clear();
    publish(by, "1 again", ID, 1);
    publish(by, "1 and again", ID, 1);

    assertThat(String.join(",", by.told)).contains("accepted").doesNotContain("refused");
    assertThat(run.drain(near, "full")).containsExactly("1 again");
  }

  @Test
  void aDuplicateThatComesBeforeTheQueueHasAnsweredGetsTheAnswerOfTheFirst() {
    run.declare(
        near,
        new QueueDeclaration(
            "full",
            true,
            false,
            false,
            QueueOptions.none().maxLength(0).overflow(Overflow.REJECT_PUBLISH).arguments(),
            null));
    declare("direct", Map.of());
    near.bind(Binding.of("once", "full", "k"));
    Message message =
        far.message("once", "k", properties(ID, 1), "x")
            .addressed(
                "once", RoutingKey.ofKey("k"), far.port.identity(), run.loops.first.wallTimeMs());
    far.act(
        port -> {
          port.publishConfirmed(message);
          port.publishConfirmed(message);
        });
    assertThat(far.told).hasSize(2).allMatch(told -> told.startsWith("refused"));
  }

  @Test
  void aDuplicateGoesNowhereElseNorDoesItBecomeALastValue() {
    Map<String, Object> alternate = new LinkedHashMap<>();
    alternate.put("alternate-exchange", "amq.fanout");
    declare("direct", alternate);
    run.declare(near, durable("others"));
    near.bind(Binding.of("amq.fanout", "others", ""));
    publish(near, "1", ID, 1);
    publish(near, "1 again", ID, 1);
    Message unbound =
        near.message("once", "nowhere", properties(ID, 2), "2")
            .addressed("once", RoutingKey.ofKey("nowhere"), near.port.identity(), 0);
    near.act(a -> a.publishConfirmed(unbound));
    assertThat(run.drain(near, "others")).containsExactly("2");
  }

  @Test
  void aRestartForgets() {
    declare("direct", Map.of());
    publish(near, "1", ID, 1);
    run.crash();
    near = run.client("near");
    far = run.farClient("far");
    publish(near, "1 again", ID, 1);
    publish(near, "1 and again", ID, 1);
    assertThat(run.drain(near, "q")).containsExactly("1", "1 again");
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource({
    "x-cache-size, 0",
    "x-cache-size, -1",
    "x-cache-size, 1000001",
    "x-cache-ttl, 0",
    "x-cache-persistence, disk",
    "x-message-deduplication, 1",
  })
  void whatMakesNoSenseIsRefused(String argument, String value) {
    Object is = value.matches("-?\\d+") ? Long.valueOf(value) : value;
    Map<String, Object> arguments = new HashMap<>(Map.of("x-message-deduplication", true));
    arguments.put(argument, is);
    assertThatThrownBy(
            () ->
                near.<Done>ask(
                    (Attachment port, Completion<Done> done) ->
                        port.declareExchange(
                            new ExchangeDeclaration(
                                "never", "direct", true, false, false, arguments),
                            done)))
        .isInstanceOf(PreconditionFailedException.class)
        .hasMessageContaining(argument);
  }
}
