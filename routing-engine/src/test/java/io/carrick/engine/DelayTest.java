package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.durable;
import static io.carrick.engine.RestartableBroker.exchange;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.HeaderNames;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.QueueInfo;
import io.carrick.QueueOptions;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.Definitions;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.Disk;
import io.carrick.storage.MessageStore.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of an exchange that has them wait: when they come, and that they do. */
class DelayTest {

  private static final long HOUR_MS = 3_600_000;

  private RestartableBroker run = new RestartableBroker();
  private TestClient near = run.client("near");
  private TestClient far = run.farClient("far");

  private void declare() {
    run.declare(near, exchange("later", "late", true));
    run.declare(near, durable("q"));
    near.bind(Binding.of("later", "q", ""));
  }

  private static MessageProperties late(long ms) {
    return Message.builder("").persistent().header("late", ms).build().properties();
  }

  private void publish(TestClient by, String text, MessageProperties properties) {
    publish(by, "later", text, properties);
  }

  private void publish(TestClient by, String to, String text, MessageProperties properties) {
    Message message =
        by.message(to, "", properties, text)
            .addressed(to, RoutingKey.EMPTY, by.port.identity(), run.loops.first.wallTimeMs());
    by.act(a -> a.publishConfirmed(message));
  }

  private List<String> come() {
    return run.drain(near, "q");
  }

  private List<String> comeAfter(long ms) {
    run.loops.advance(ms);
    return come();
  }

  private void again() {
    near = run.client("near");
    far = run.farClient("far");
  }

  private long counted(String counter) {
    return run.broker.metrics().value(counter);
  }

  // ---- when they come

  @Test
  void messagesComeWhenTheyAreDueToTheMillisecondInTheOrderOfTheirTimes() {
    declare();
    publish(near, "five seconds", late(5_000));
    publish(far, "an hour", late(HOUR_MS));
    publish(far, "one second", late(1_000));
    publish(near, "a hundredth", late(10));
    publish(near, "at once", late(0));
    publish(near, "at once, too", late(-5));

    assertThat(come()).containsExactly("at once", "at once, too");
    assertThat(comeAfter(9)).isEmpty();
    assertThat(comeAfter(1)).containsExactly("a hundredth");
    assertThat(comeAfter(989)).isEmpty();
    assertThat(comeAfter(1)).containsExactly("one second");
    assertThat(comeAfter(3_999)).isEmpty();
    assertThat(comeAfter(1)).containsExactly("five seconds");
    for (int i = 1; i < 3_595; i++) {
      assertThat(comeAfter(1_000)).isEmpty();
    }
    assertThat(comeAfter(999)).isEmpty();
    assertThat(comeAfter(1)).containsExactly("an hour");
    assertThat(counted("messages.delayed")).isEqualTo(4);
    assertThat(counted("messages.released")).isEqualTo(4);
  }

  @Test
  void manyThatAreDueOutOfOrderComeInOrder() {
    run = new RestartableBroker(new Disk(), Limits.defaults());
    again();
    declare();
    for (int i = 0; i < 2_000; i++) {
      int due = i * 7_919 % 2_000;
      publish(near, "%05d".formatted(due), late(60_000 + due * 10L));
    }
    var came = new ArrayList<String>();
    for (int i = 0; i < 90; i++) {
      List<String> now = comeAfter(1_000);
      int second = i + 1;
      assertThat(now)
          .allSatisfy(
              text ->
                  assertThat(60_000 + Integer.parseInt(text) * 10)
                      .isBetween(second * 1_000 - 999, second * 1_000));
      came.addAll(now);
    }
    assertThat(came).hasSize(2_000).isSorted();
    assertThat(counted("messages.delivered")).as("to consumers alone").isEqualTo(2_000);
  }

  @Test
  void aMessageIsRoutedByTheBindingsThatThereAreWhenItIsDue() {
    declare();
    publish(near, "one", late(1_000));
    run.declare(near, durable("new"));
    near.bind(Binding.of("later", "new", ""));
    near.ask(
        (Attachment a, Completion<Integer> done) ->
            a.unbind(List.of(Binding.of("later", "q", "")), done));

    run.loops.advance(1_000);

    assertThat(come()).isEmpty();
    assertThat(run.drain(near, "new")).containsExactly("one");
  }

  @Test
  void aTimeToLiveCountsFromWhenTheMessageHasWaited() {
    declare();
    var properties =
        Message.builder("")
            .persistent()
            .header("late", 1_000L)
            .expiration(Duration.ofMillis(100))
            .build()
            .properties();
    publish(near, "lives", properties);
    publish(near, "dies", properties);

    run.loops.advance(1_000);
    run.loops.advance(50);
    Fetched first = run.get(near, "q").orElseThrow();
    assertThat(first.message().text()).isEqualTo("lives");
    assertThat(first.message().annotations().waitedMs()).isEqualTo(1_000);
    assertThat(first.message().properties().headers()).containsEntry(HeaderNames.DELAY, -1_000);
    near.act(a -> first.consumption().settle(first.deliveryId(), Settlement.ACCEPT));

    assertThat(comeAfter(51)).isEmpty();
    assertThat(counted("messages.dropped{reason=expired}")).isEqualTo(1);
  }

  @Test
  void messagesThatComeByAnotherExchangeOrAsDeadLettersWaitAsWell() {
    declare();
    near.bind(Binding.toExchange("amq.fanout", "later", ""));
    var source =
        new QueueDeclaration(
            "source",
            true,
            false,
            false,
            QueueOptions.none().maxLength(0).deadLetterTo("later", "k").arguments(),
            null);
    near.ask((Attachment a, Completion<QueueInfo> done) -> a.declareQueue(source, done));
    near.bind(Binding.of("amq.direct", "source", ""));

    publish(far, "amq.fanout", "by an exchange", late(1_000));
    publish(far, "amq.direct", "a dead letter", late(2_000));

    assertThat(comeAfter(999)).isEmpty();
    assertThat(comeAfter(1)).containsExactly("by an exchange");
    assertThat(comeAfter(999)).isEmpty();
    assertThat(comeAfter(1)).containsExactly("a dead letter");
  }

  @Test
  void whatHasWaitedDoesNotWaitAgain() {
    declare();
    run.declare(near, exchange("again", "late", true));
    near.bind(Binding.toExchange("later", "again", ""));
    run.declare(near, durable("behind"));
    near.bind(Binding.of("again", "behind", ""));
    publish(near, "once", late(1_000));

    run.loops.advance(1_000);

    assertThat(run.drain(near, "behind")).containsExactly("once");
  }

  // ---- what is answered, and what outlives the broker

  @Test
  void aMessageIsConfirmedWhenItIsStoredAndNotWhenItIsDue() {
    declare();
    run.disk.hold();
    publish(near, "one", late(HOUR_MS));
    assertThat(near.told).isEmpty();

    run.disk.release();
    run.loops.run();

    assertThat(near.told).containsExactly("accepted 1-1");
    assertThat(come()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void messagesThatWaitOutliveTheBrokerAndComeOnce(boolean clean) {
    declare();
    for (int i = 0; i < 20; i++) {
      publish(i % 2 == 0 ? near : far, "soon " + i, late(3_000));
      publish(i % 2 == 0 ? near : far, "late " + i, late(HOUR_MS));
    }
    run.loops.advance(1_000);
    for (int stops = 0; stops < 3; stops++) {
      if (clean) {
        run.restart();
      } else {
        run.crash();
      }
      again();
      run.loops.run();
      assertThat(come()).isEmpty();
    }
    assertThat(comeAfter(2_000)).hasSize(20).allMatch(text -> text.startsWith("soon "));

    run.crash(HOUR_MS); // what was due while it was down comes at once
    again();
    run.loops.run();

    assertThat(comeAfter(1)).hasSize(20).allMatch(text -> text.startsWith("late "));
    run.restart();
    again();
    assertThat(comeAfter(HOUR_MS)).isEmpty();
  }

  @Test
  void queuesInWhichMessagesWaitAreNotSeenAndGoWhenTheyAreEmpty() {
    declare();
    for (long ms = 10; ms < 40 * 24 * HOUR_MS; ms *= 3) {
      publish(near, Long.toString(ms), late(ms));
    }
    assertThat(run.queues()).containsExactly("q:0");
    assertThat(run.disk.keys(Definitions.DELAYS)).hasSizeGreaterThan(10);

    var came = new ArrayList<String>();
    for (int i = 0; i < 41 * 24 * 60; i++) {
      came.addAll(comeAfter(HOUR_MS / 60));
    }
    run.loops.advance(HOUR_MS);

    assertThat(came).hasSize(18);
    assertThat(run.disk.keys(Definitions.DELAYS)).isEmpty();
  }

  @Test
  void whatWaitsGoesWithItsExchange() {
    declare();
    publish(near, "one", late(1_000));
    publish(far, "two", late(HOUR_MS));
    near.ask((Attachment a, Completion<Done> done) -> a.deleteExchange("later", false, done));
    assertThat(run.disk.keys(Definitions.DELAYS)).isEmpty();
    assertThat(counted("messages.dropped{reason=queue-deleted}")).isEqualTo(2);

    declare();
    publish(near, "three", late(HOUR_MS));

    assertThat(comeAfter(HOUR_MS)).containsExactly("three");
  }

  @Test
  void aMessageForAnExchangeThatIsDeletedMeanwhileIsUnroutable() {
    declare();
    var deleted = new TestClient.Answer<Done>();
    run.late.asked =
        message -> {
          run.late.asked = again -> {};
          near.port.deleteExchange("later", false, deleted);
        };
    publish(near, "one", late(HOUR_MS));

    assertThat(counted("messages.unroutable")).isEqualTo(1);
    assertThat(counted("messages.delayed")).isZero();
    assertThat(run.disk.keys(Definitions.DELAYS)).isEmpty();
  }

  @Test
  void aMessageWhoseRoutingFailsIsDroppedAndItsQueueGoes() {
    declare();
    publish(near, "fails", late(1_000));
    publish(near, "comes", late(1_001));
    run.late.routed =
        message -> {
          if (message.text().equals("fails")) {
            throw new IllegalStateException("a fault in the type");
          }
        };

    assertThat(comeAfter(1_001)).containsExactly("comes");
    assertThat(counted("messages.dropped{reason=not-released}")).isEqualTo(1);
    for (int i = 0; i < 10; i++) {
      assertThat(comeAfter(1_000)).isEmpty();
    }
    assertThat(run.disk.keys(Definitions.DELAYS)).isEmpty();
  }

  @Test
  void whatCannotBeStoredOnItsWayOutWaitsUntilItCan() {
    declare();
    publish(near, "one", late(1_000));
    run.disk.state(State.FULL);
    assertThat(comeAfter(5_000)).isEmpty();

    run.disk.state(State.OPEN);

    assertThat(comeAfter(1_000)).containsExactly("one");
  }

  @Test
  void whatNeedNotBeStoredComesWhileTheStoreTakesNothing() {
    declare();
    publish(near, "stored", late(1_000));
    var brief = Message.builder("").header("late", 1_001L).build().properties();
    publish(near, "not stored", brief);
    run.disk.state(State.FULL);

    assertThat(comeAfter(1_001)).containsExactly("not stored");
    run.disk.state(State.OPEN);
    assertThat(comeAfter(100)).containsExactly("stored");
  }

  @Test
  void whatIsConfirmedAfterTheStoreWasFullOutlivesTheBroker() {
    declare();
    run.disk.state(State.FULL);
    publish(near, "refused", late(HOUR_MS));
    run.disk.state(State.OPEN);
    publish(near, "confirmed", late(HOUR_MS));
    assertThat(near.told).containsExactly("refused 1-1", "accepted 2-2");

    run.crash();
    again();

    assertThat(comeAfter(HOUR_MS)).containsExactly("confirmed");
  }

  @Test
  void tooManyAreRefused() {
    run = new RestartableBroker(new Disk(), Limits.defaults().with(Limit.DELAYED_MESSAGES, 2));
    again();
    declare();
    publish(near, "one", late(HOUR_MS));
    publish(near, "two", late(HOUR_MS));
    publish(near, "three", late(HOUR_MS));
    publish(near, "four", late(10 * HOUR_MS));

    assertThat(near.told)
        .containsExactly("accepted 1-1", "accepted 2-2", "refused 3-3", "accepted 4-4");
    assertThat(counted("messages.dropped{reason=queue-full}")).isEqualTo(1);
    assertThat(comeAfter(HOUR_MS)).containsExactly("one", "two");
  }

  @Test
  void anExchangeThatDoesNotOutliveTheBrokerHasNothingStored() {
    run.declare(near, new ExchangeDeclaration("brief", "late", false, false, false, Map.of()));
    run.declare(near, durable("q"));
    near.bind(Binding.of("brief", "q", ""));
    publish(near, "brief", "one", late(1_000));
    publish(near, "brief", "two", late(5_000));
    assertThat(comeAfter(1_000)).containsExactly("one");

    run.crash();
    again();

    assertThat(run.disk.keys(Definitions.DELAYS)).isEmpty();
    assertThat(comeAfter(HOUR_MS)).isEmpty();
  }
}
