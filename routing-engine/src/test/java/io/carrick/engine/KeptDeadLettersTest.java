package io.carrick.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.MessageStore.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues that keep what they give up until every target takes it. */
@Tag("amqp091:x-dead-letter-strategy")
class KeptDeadLettersTest {

  private static final QueueOptions TO_DEAD =
      QueueOptions.none().deadLetterTo("", "dead").deadLetterAtLeastOnce();

  private static final QueueOptions ONE =
      QueueOptions.none().maxLength(1).overflow(Overflow.REJECT_PUBLISH);

  private static final long AGAIN_MS = 1_000;

  private final RestartableBroker run = new RestartableBroker();
  private TestClient near = run.client("near");
  private TestClient far = run.farClient("far");

  /** How many of a consumer's deliveries have been rejected. */
  private int settled;

  private void declare(TestClient by, String queue, QueueOptions options) {
    run.declare(by, new QueueDeclaration(queue, true, false, false, options.arguments(), null));
  }

  private void reject(String... texts) {
    for (String text : texts) {
      Attachment.Fetched found = run.get(near, "q").orElseThrow();
      assertThat(found.message().text()).isEqualTo(text);
      near.act(p -> found.consumption().settle(found.deliveryId(), Settlement.REJECT));
    }
  }

  private List<String> takeDead() {
    return run.drain(near, "dead");
  }

  private void crash() {
    run.crash();
    near = run.client("near again");
    far = run.farClient("far again");
  }

  private long dropped(String reason) {
    return run.broker.metrics().dropped(reason);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatATargetRefusesIsKeptInOrderUntilThereIsRoom(boolean fromAfar) {
    declare(fromAfar ? far : near, "dead", ONE);
    declare(near, "q", TO_DEAD);
    run.publish(near, "", "q", "1", "2", "3");
    reject("1", "2", "3");
    assertThat(run.queues()).contains("q:0", "dead:1");

    assertThat(takeDead()).containsExactly("1");
    assertThat(run.queues()).as("it is asked again in a while").contains("dead:0");
    run.loops.advance(AGAIN_MS);
    assertThat(takeDead()).containsExactly("2");
    run.loops.advance(AGAIN_MS);
    assertThat(takeDead()).containsExactly("3");
    run.loops.advance(AGAIN_MS);
    assertThat(takeDead()).isEmpty();
    assertThat(run.broker.metrics().value("messages.dead-lettered")).isEqualTo(3);
    assertThat(dropped("queue-full")).isZero();
    crash();
    assertThat(run.queues()).contains("q:0", "dead:0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsKeptIsInItsQueueAfterACrashAndDeliveredAgain(boolean fromAfar) {
    declare(fromAfar ? far : near, "dead", ONE);
    declare(near, "q", TO_DEAD);
    run.publish(near, "", "q", "1", "2", "3");
    reject("1", "2", "3");
    crash();
    assertThat(run.queues()).contains("q:2", "dead:1");
    assertThat(run.get(near, "q").orElseThrow().redelivered()).isTrue();
    assertThat(run.drain(near, "dead")).containsExactly("1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void itGoesToAllOfItsTargetsOrToNone(boolean fromAfar) {
    declare(near, "dead", QueueOptions.none());
    declare(fromAfar ? far : near, "full", ONE.maxLength(0));
    near.bind(Binding.of("amq.fanout", "dead", ""));
    near.bind(Binding.of("amq.fanout", "full", ""));
    declare(near, "q", QueueOptions.none().deadLetterTo("amq.fanout").deadLetterAtLeastOnce());
    run.publish(near, "", "q", "1", "2");
    reject("1", "2");
    run.loops.advance(AGAIN_MS);
    assertThat(run.queues()).contains("q:0", "dead:0", "full:0");

    near.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("full", false, false, done));
    run.loops.advance(AGAIN_MS);
    assertThat(takeDead()).containsExactly("1", "2");
  }

  @Test
  void withoutAnExchangeOrAQueueOrInACircleItIsDroppedAndCounted() {
    declare(near, "dead", ONE.maxLength(0));
    declare(near, "q", QueueOptions.none().deadLetterTo("nowhere").deadLetterAtLeastOnce());
    run.publish(near, "", "q", "1");
    reject("1");
    assertThat(dropped("dead-letter-unroutable")).isEqualTo(1);

    declare(near, "r", QueueOptions.none().deadLetterTo("", "none").deadLetterAtLeastOnce());
    run.publish(near, "", "r", "1");
    Attachment.Fetched found = run.get(near, "r").orElseThrow();
    near.act(p -> found.consumption().settle(found.deliveryId(), Settlement.REJECT));
    assertThat(dropped("dead-letter-unroutable")).isEqualTo(2);

    QueueOptions toItself = QueueOptions.none().deadLetterTo("", "c").deadLetterAtLeastOnce();
    declare(near, "c", toItself.messageTtl(Duration.ZERO));
    run.publish(near, "", "c", "1");
    run.loops.advance(AGAIN_MS);
    assertThat(dropped("dead-letter-circle")).isEqualTo(1);
    crash();
    assertThat(run.queues()).contains("q:0", "r:0", "c:0");
  }

  @Test
  void whatIsTooOldStaysInItsQueueOnceTooMuchIsKept() {
    declare(near, "dead", ONE.maxLength(0));
    declare(near, "q", TO_DEAD.messageTtl(Duration.ofMillis(10)));
    run.publish(near, "", "q", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    run.loops.advance(10);
    assertThat(run.queues()).as("the window has four").contains("q:5");

    near.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("dead", false, false, done));
    declare(near, "dead", QueueOptions.none());
    run.loops.advance(3 * AGAIN_MS);
    assertThat(takeDead()).containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9");
  }

  @Test
  void consumersThatRejectGetNoMoreOnceTooMuchIsKept() {
    declare(near, "dead", ONE.maxLength(0));
    declare(near, "q", TO_DEAD);
    String[] texts = new String[50];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = Integer.toString(i);
    }
    run.publish(near, "", "q", texts);
    var taking = near.consume(new ConsumeRequest("q", false, ConsumeRequest.Mode.SHARED, 1, 0));
    rejectAll(taking);
    assertThat(taking.ids).as("the window has four").hasSize(4);
    run.publish(near, "", "q", "behind");
    assertThat(taking.ids).hasSize(4);
    assertThat(run.get(near, "q").orElseThrow().message().text()).isEqualTo("4");

    near.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("dead", false, false, done));
    declare(near, "dead", QueueOptions.none());
    run.loops.advance(AGAIN_MS);
    rejectAll(taking);
    run.loops.advance(AGAIN_MS);
    assertThat(run.queues()).contains("q:0", "dead:50");
  }

  private void rejectAll(TestClient.Consuming taking) {
    for (int next = settled; next < taking.ids.size(); next++) {
      long id = taking.ids.get(next);
      near.act(p -> taking.consumption.settle(id, Settlement.REJECT));
      settled++;
    }
  }

  @Test
  void whatIsKeptCountsForTheBoundOfItsQueue() {
    declare(near, "dead", ONE.maxLength(0));
    declare(near, "q", TO_DEAD.maxLength(2));
    run.publish(near, "", "q", "1", "2");
    reject("1", "2");
    run.publish(near, "", "q", "3");
    assertThat(near.told).contains("refused 3-3");
  }

  @Test
  void itGoesWithItsQueueWhenThatIsDeleted() {
    declare(near, "dead", ONE.maxLength(0));
    declare(near, "q", TO_DEAD);
    run.publish(near, "", "q", "1");
    reject("1");
    near.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("q", false, false, done));
    near.ask((Attachment a, Completion<Long> done) -> a.deleteQueue("dead", false, false, done));
    declare(near, "dead", QueueOptions.none());
    run.loops.advance(AGAIN_MS);
    assertThat(takeDead()).isEmpty();
    assertThat(dropped("queue-deleted")).isEqualTo(1);
  }

  @Test
  void aFullStoreHoldsItUpToo() {
    declare(near, "dead", QueueOptions.none());
    declare(near, "q", TO_DEAD);
    run.publish(near, "", "q", "1", "2");
    run.disk.state(State.FULL);
    reject("1", "2");
    assertThat(run.queues()).contains("q:0", "dead:0");

    run.disk.state(State.OPEN);
    run.loops.advance(AGAIN_MS);
    crash();
    assertThat(takeDead()).containsExactly("1", "2");
  }

  @Test
  void aQueueThatDropsItsOldestKeepsNothing() {
    declare(near, "dead", ONE.maxLength(0));
    declare(near, "q", TO_DEAD.maxLength(1).overflow(Overflow.DROP_HEAD));
    run.publish(near, "", "q", "1", "2");
    assertThat(dropped("queue-full")).isEqualTo(1);
    crash();
    assertThat(run.queues()).contains("q:1", "dead:0");
  }

  @Test
  void moreThanATurnsShareGoesInSeveralTurns() {
    declare(far, "dead", QueueOptions.none());
    declare(near, "q", TO_DEAD.messageTtl(Duration.ofMillis(10)));
    String[] texts = new String[5_000];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = Integer.toString(i);
    }
    run.publish(near, "", "q", texts);
    run.loops.advance(10);
    run.loops.advance(AGAIN_MS);
    assertThat(run.queues()).contains("q:0", "dead:5000");
  }
}
