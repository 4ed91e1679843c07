package io.carrick.engine;

import static io.carrick.engine.RestartableBroker.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.MessageProperties;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.QueueDeclaration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues that keep only so much, and publishers of their own loop and of another one. */
class QueueLimitsTest {

  private final RestartableBroker run = new RestartableBroker();
  private final TestClient near = run.client("near");
  private final TestClient far = run.farClient("far");

  private void declare(QueueOptions options) {
    declare("q", options);
  }

  private void declare(String queue, QueueOptions options) {
    run.declare(near, new QueueDeclaration(queue, true, false, false, options.arguments(), null));
  }

  private long dropped(String reason) {
    return run.broker.metrics().dropped(reason);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theOldestGoesWhenTheQueueIsFull(boolean fromAfar) {
    declare(QueueOptions.none().maxLength(2));
    TestClient publisher = fromAfar ? far : near;
    run.publish(publisher, "", "q", "1", "2", "3");
    assertThat(publisher.told).containsExactly("accepted 1-3");
    assertThat(run.drain(near, "q")).containsExactly("2", "3");
    assertThat(dropped("max-length")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNewestGoesIfThatIsWantedAndItsPublisherIsNotTold(boolean fromAfar) {
    declare("late", QueueOptions.none());
    declare(
        QueueOptions.none().maxLength(2).overflow(Overflow.DROP_NEWEST).deadLetterTo("", "late"));
    TestClient publisher = fromAfar ? far : near;
    run.publish(publisher, "", "q", "1", "2", "3");
    assertThat(publisher.told).containsExactly("accepted 1-3");
    assertThat(run.drain(near, "late")).containsExactly("3");
    assertThat(run.drain(near, "q")).containsExactly("1", "2");
    assertThat(dropped("max-length")).isEqualTo(1);
    run.crash();
    assertThat(run.queues()).contains("q:0", "late:0");
  }

  @Test
  @Tag("amqp091:x-max-length-bytes")
  void aMessageLargerThanTheQueueGoesItselfAfterAllOthers() {
    declare(QueueOptions.none().maxLengthBytes(4));
    run.publish(near, "", "q", "ab", "cd");
    assertThat(run.queues()).contains("q:2");
    run.publish(near, "", "q", "12345");
    assertThat(run.queues()).contains("q:0");
    assertThat(dropped("max-length")).isEqualTo(3);
  }

  @Test
  void whatAConsumerCanTakeAtOnceNeverWaits() {
    declare(QueueOptions.none().maxLength(0));
    var consumer = near.consume(RestartableBroker.shared("q"));
    run.publish(near, "", "q", "1", "2");
    assertThat(consumer.got).containsExactly("1", "2");
    assertThat(dropped("max-length")).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFullQueueRefusesAndItsPublisherIsTold(boolean fromAfar) {
    declare(QueueOptions.none().maxLength(1).overflow(Overflow.REJECT_PUBLISH));
    TestClient publisher = fromAfar ? far : near;
    run.publish(publisher, "", "q", "1", "2");
    assertThat(publisher.told).containsExactly("accepted 1-1", "refused 2-2");
    assertThat(dropped("queue-full")).isEqualTo(1);

    assertThat(run.drain(near, "q")).containsExactly("1");
    run.publish(publisher, "", "q", "3");
    assertThat(publisher.told).endsWith("accepted 3-3");

    run.crash();
    assertThat(run.drain(run.client("again"), "q")).containsExactly("3*");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void queuesThatTookAMessageKeepItWhenAnotherRefuses(boolean fromAfar) {
    declare(QueueOptions.none().maxLength(0).overflow(Overflow.REJECT_PUBLISH));
    run.declare(far, RestartableBroker.durable("other")); // one of the two is on another loop
    near.bind(Binding.of("amq.fanout", "q", ""));
    near.bind(Binding.of("amq.fanout", "other", ""));
    TestClient publisher = fromAfar ? far : near;
    run.publish(publisher, "amq.fanout", "", "1");
    assertThat(publisher.told).containsExactly("refused 1-1");
    run.crash();
    assertThat(run.queues()).contains("other:1", "q:0");
  }

  @Test
  void whatComesBackFromAConsumerMayBeTooMuch() {
    declare(QueueOptions.none().maxLength(2));
    var consumer = near.consume(new ConsumeRequest("q", false, Mode.SHARED, 1, 0));
    run.publish(near, "", "q", "1", "2", "3");
    assertThat(consumer.got).containsExactly("1");
    assertThat(dropped("max-length")).isZero();
    near.act(p -> consumer.consumption.detach());
    assertThat(run.drain(near, "q")).containsExactly("2", "3");
    assertThat(dropped("max-length")).isEqualTo(1);
  }

  @Test
  void aTransientMessageIsRefusedAsAnyOther() {
    declare(QueueOptions.none().maxLength(0).overflow(Overflow.REJECT_PUBLISH));
    near.publish("", "q", "1");
    far.act(p -> p.publish(far.message("", "q", PERSISTENT, "2")));
    near.act(p -> p.publish(near.message("", "q", MessageProperties.NONE, "3")));
    assertThat(near.told).containsExactly("refused 1-1");
    assertThat(dropped("queue-full")).isEqualTo(3);
  }
}
