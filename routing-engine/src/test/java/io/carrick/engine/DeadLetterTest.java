package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Death;
import io.carrick.Death.Reason;
import io.carrick.Message;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What queues give up, and where it comes to. */
class DeadLetterTest {

  private static final QueueOptions TO_DEAD = QueueOptions.none().deadLetterTo("", "dead");

  private final RestartableBroker run = new RestartableBroker();
  private TestClient near = run.client("near");
  private TestClient far = run.farClient("far");

  @BeforeEach
  void declareDead() {
    declare("dead", QueueOptions.none());
  }

  private void declare(String queue, QueueOptions options) {
    declare(near, queue, options);
  }

  private void declare(TestClient by, String queue, QueueOptions options) {
    run.declare(by, new QueueDeclaration(queue, true, false, false, options.arguments(), null));
  }

  private long dropped(String reason) {
    return run.broker.metrics().dropped(reason);
  }

  private List<String> dead() {
    return run.drain(near, "dead");
  }

  private Message oneDead() {
    Attachment.Fetched found = run.get(near, "dead").orElseThrow();
    near.act(p -> found.consumption().settle(found.deliveryId(), Settlement.ACCEPT));
    return found.message();
  }

  private void settleOne(String queue, Settlement how) {
    Attachment.Fetched found = run.get(near, queue).orElseThrow();
    near.act(p -> found.consumption().settle(found.deliveryId(), how));
  }

  /** Its time to live begins now. */
  private void publishNow(String... texts) {
    for (String text : texts) {
      Message made = near.message("", "q", RestartableBroker.PERSISTENT, text);
      Message now =
          made.addressed("", made.routingKey(), near.port.identity(), run.loops.first.wallTimeMs());
      near.act(p -> p.publishConfirmed(now));
    }
  }

  private void lose(Reason reason) {
    switch (reason) {
      case REJECTED -> {
        declare("q", TO_DEAD);
        run.publish(near, "", "q", "1");
        settleOne("q", Settlement.REJECT);
      }
      case EXPIRED -> {
        declare("q", TO_DEAD.messageTtl(Duration.ofMillis(10)));
        publishNow("1");
        run.loops.advance(10);
      }
      case MAXLEN -> {
        declare("q", TO_DEAD.maxLength(0));
        run.publish(near, "", "q", "1");
      }
      case DELIVERY_LIMIT -> {
        declare("q", TO_DEAD.deliveryLimit(1));
        run.publish(near, "", "q", "1");
        settleOne("q", Settlement.REQUEUE);
        settleOne("q", Settlement.REQUEUE);
      }
      case UNDELIVERABLE -> {
        declare("q", TO_DEAD);
        run.publish(near, "", "q", "1");
        settleOne("q", Settlement.UNDELIVERABLE);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void whatAQueueGivesUpSaysWhyAndIsNoMoreInTheQueue(Reason reason) {
    lose(reason);
    assertThat(run.queues()).contains("q:0");
    Message found = oneDead();
    assertThat(found.text()).isEqualTo("1");
    assertThat(found.exchange()).isEmpty();
    assertThat(found.routingKey().asKey()).isEqualTo("dead");
    assertThat(found.annotations().deaths())
        .singleElement()
        .satisfies(
            death -> {
              assertThat(death.queue()).isEqualTo("q");
              assertThat(death.reason()).isEqualTo(reason);
              assertThat(death.routingKeys()).containsExactly("q");
              assertThat(death.count()).isEqualTo(1);
            });
    assertThat(run.broker.metrics().value("messages.dead-lettered")).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void itIsThereOnceAfterACrash(Reason reason) {
    lose(reason);
    run.crash();
    near = run.client("again");
    assertThat(run.queues()).contains("q:0", "dead:1");
    assertThat(oneDead().annotations().deaths()).extracting(Death::reason).containsExactly(reason);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAFullQueueRefusesMayGoToo(boolean fromAfar) {
    declare("q", TO_DEAD.maxLength(0).overflow(Overflow.REJECT_PUBLISH_DLX));
    TestClient publisher = fromAfar ? far : near;
    run.publish(publisher, "", "q", "1");
    assertThat(publisher.told).containsExactly("refused 1-1");
    run.crash();
    near = run.client("again");
    assertThat(run.queues()).contains("q:0", "dead:1");
    assertThat(oneDead().annotations().deaths())
        .extracting(Death::reason)
        .containsExactly(Reason.MAXLEN);
  }

  @Test
  void rejectPublishAloneSendsNothingThere() {
    declare("q", TO_DEAD.maxLength(0).overflow(Overflow.REJECT_PUBLISH));
    run.publish(near, "", "q", "1");
    assertThat(dead()).isEmpty();
  }

  @Test
  void aMessageKeepsItsKeyUnlessTheQueueSaysAnother() {
    near.bind(Binding.of("amq.topic", "dead", "a.*"));
    declare("q", QueueOptions.none().deadLetterTo("amq.topic").maxLength(0));
    near.bind(Binding.of("amq.direct", "q", "a.b"));
    run.publish(near, "amq.direct", "a.b", "1");
    Message found = oneDead();
    assertThat(found.exchange()).isEqualTo("amq.topic");
    assertThat(found.routingKey().asKey()).isEqualTo("a.b");
    assertThat(found.annotations().deaths().get(0).exchange()).isEqualTo("amq.direct");
  }

  @Test
  void withoutAnExchangeToGoToItIsDroppedAndCounted() {
    declare("q", QueueOptions.none().deadLetterTo("nowhere").maxLength(0));
    run.publish(near, "", "q", "1", "2");
    assertThat(dropped("dead-letter-unroutable")).isEqualTo(2);
    run.crash();
    assertThat(run.queues()).contains("q:0");
  }

  @Test
  void whatNoQueueMatchesIsDroppedAndCountedUnlessThereIsAnAlternate() {
    declare("q", QueueOptions.none().deadLetterTo("x").maxLength(0));
    run.declare(
        near,
        new ExchangeDeclaration(
            "x", "direct", true, false, false, Map.of("alternate-exchange", "amq.fanout")));
    run.publish(near, "", "q", "1");
    assertThat(dropped("dead-letter-unroutable")).isEqualTo(1);

    near.bind(Binding.of("amq.fanout", "dead", ""));
    run.publish(near, "", "q", "2");
    assertThat(dead()).containsExactly("2");
  }

  @Test
  void whatIsPurgedOrDeletedIsNotGivenUp() {
    declare("q", TO_DEAD);
    run.publish(near, "", "q", "1");
    near.ask((Attachment a, Completion<Long> done) -> a.purgeQueue("q", done));
    run.publish(near, "", "q", "2");
    near.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("q", false, false, done));
    assertThat(dead()).isEmpty();
  }

  @Test
  void aMessageThatExpiresInACircleIsDroppedAndCounted() {
    declare("q", QueueOptions.none().deadLetterTo("", "q").messageTtl(Duration.ofMillis(10)));
    publishNow("1");
    run.loops.advance(9);
    assertThat(run.queues()).contains("q:1");
    run.loops.advance(1);
    assertThat(run.queues()).contains("q:0");
    assertThat(dropped("dead-letter-circle")).isEqualTo(1);
  }

  @Test
  void aMessageThatAConsumerRejectsGoesRoundAsOftenAsItLikes() {
    declare("q", QueueOptions.none().deadLetterTo("", "wait"));
    declare("wait", QueueOptions.none().deadLetterTo("", "q").messageTtl(Duration.ofMillis(100)));
    run.publish(near, "", "q", "1");
    for (int i = 0; i < 5; i++) {
      settleOne("q", Settlement.REJECT);
      run.loops.advance(100);
    }
    Message found = run.get(near, "q").orElseThrow().message();
    assertThat(found.annotations().deaths()).extracting(Death::count).containsExactly(5L, 5L);
    assertThat(dropped("dead-letter-circle")).isZero();
  }

  @Test
  void whatNoConsumerCanGetDoesNotGoRound() {
    declare("q", QueueOptions.none().deadLetterTo("", "q"));
    run.publish(near, "", "q", "1");
    settleOne("q", Settlement.UNDELIVERABLE);
    assertThat(run.queues()).contains("q:0");
    assertThat(dropped("dead-letter-circle")).isEqualTo(1);
  }

  @Test
  void aMessageWithATimeOfItsOwnGoesWhenThatComesAlsoAfterARestart() {
    declare("q", TO_DEAD);
    Message shortLived =
        Message.builder("1").persistent().expiration(Duration.ofMillis(50)).build();
    Message made = near.message("", "q", shortLived.properties(), "1");
    Message now =
        made.addressed("", made.routingKey(), near.port.identity(), run.loops.first.wallTimeMs());
    near.act(p -> p.publishConfirmed(now));
    run.crash(20);
    near = run.client("again");
    assertThat(run.queues()).contains("q:1", "dead:0");

    run.loops.advance(30);

    assertThat(run.queues()).contains("q:0", "dead:1");
  }

  @Test
  void aQueueKeepsItsBoundWhileItIsHandingOver() {
    declare("q", TO_DEAD.maxLength(2));
    var taking = near.consume(new ConsumeRequest("q", false, ConsumeRequest.Mode.SHARED, 1, 0));
    run.publish(near, "", "q", "1", "2", "3");
    run.loops.first.share(4);
    Message made = near.message("", "q", RestartableBroker.PERSISTENT, "m");
    near.act(
        p -> {
          p.loop().worked(4); // so that the queue goes on in another turn
          taking.consumption.settle(taking.ids.get(0), Settlement.ACCEPT);
          for (int i = 0; i < 100; i++) {
            p.publish(made);
          }
        });
    assertThat(dropped("max-length")).isGreaterThan(90);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void twoFullQueuesThatGiveUpToEachOtherComeToAnEnd(boolean onTwoLoops) {
    declare("a", QueueOptions.none().deadLetterTo("", "b").maxLength(1));
    declare(onTwoLoops ? far : near, "b", QueueOptions.none().deadLetterTo("", "a").maxLength(1));
    for (int i = 0; i < 100; i++) {
      run.publish(near, "", "a", Integer.toString(i));
    }
    assertThat(run.queues()).contains("a:1", "b:1");
    assertThat(dropped("dead-letter-circle")).isPositive();
  }

  @Test
  void theyComeFromOneLoopToAnotherOnesQueueInOrder() {
    declare(far, "elsewhere", QueueOptions.none());
    declare("q", QueueOptions.none().deadLetterTo("", "elsewhere").maxLength(0));
    run.publish(far, "", "q", "1", "2", "3");
    assertThat(run.drain(far, "elsewhere")).containsExactly("1", "2", "3");
    run.crash();
    assertThat(run.queues()).contains("q:0", "elsewhere:0");
  }

  @Test
  void aFullStoreHoldsThemUpAndNothingIsLost() {
    declare("q", TO_DEAD.messageTtl(Duration.ofMillis(10)));
    publishNow("1", "2");
    run.disk.state(State.FULL);
    run.loops.advance(10);
    assertThat(run.queues()).as("they wait where they are").contains("q:2", "dead:0");

    run.disk.state(State.OPEN);
    run.loops.advance(1_000);
    assertThat(run.queues()).contains("q:0", "dead:2");
    run.crash();
    near = run.client("again");
    assertThat(run.queues()).contains("q:0", "dead:2");
    assertThat(dead()).containsExactly("1", "2");
  }

  @Test
  void whatAFullStoreHeldUpIsInItsQueueAfterACrash() {
    declare("q", TO_DEAD.messageTtl(Duration.ofMillis(10)));
    publishNow("1");
    run.disk.state(State.FULL);
    run.loops.advance(10);
    run.crash();
    near = run.client("again");
    run.loops.advance(1);
    assertThat(dead()).containsExactly("1");
  }

  @Test
  void whatOnlyTheLogHoldsGoesWhenItsTimeComes() {
    declare("q", TO_DEAD.messageTtl(Duration.ofMillis(10)));
    publishNow("1", "2", "3", "4", "5", "6", "7", "8", "9"); // the window has four
    run.loops.advance(10);
    assertThat(run.queues()).contains("q:0", "dead:9");
  }

  @Test
  void moreThanATurnsShareOfThemTakesSeveralTurns() {
    declare("q", TO_DEAD.messageTtl(Duration.ofMillis(10)));
    var texts = new ArrayList<String>();
    for (int i = 0; i < 20_000; i++) {
      texts.add(Integer.toString(i));
    }
    run.publish(near, "", "q", texts.toArray(String[]::new));
    run.loops.advance(10);
    assertThat(run.queues()).contains("q:0", "dead:20000");
  }

  @Test
  void aTargetThatRefusesLosesThem() {
    declare("full", QueueOptions.none().maxLength(0).overflow(Overflow.REJECT_PUBLISH));
    declare("q", QueueOptions.none().deadLetterTo("", "full").maxLength(0));
    run.publish(near, "", "q", "1");
    assertThat(near.told).containsExactly("accepted 1-1");
    assertThat(dropped("queue-full")).isEqualTo(1);
    run.crash();
    assertThat(run.queues()).contains("q:0", "full:0");
  }

  @Test
  void aTransientMessageMovesWithoutTheStore() {
    declare("q", TO_DEAD.maxLength(0));
    run.disk.state(State.FULL);
    near.publish("", "q", "1");
    assertThat(dead()).containsExactly("1");
  }
}
