package io.carrick.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.Source;
import io.carrick.Subscription;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages and queues that grow too old, in time that the test moves. */
class ExpiryTest {

  @RegisterExtension final BrokerExtension carrick = BrokerExtension.with();

  private void declare(String argument, Object value) {
    carrick.client().topology().queue("q").argument(argument, value).declare();
  }

  private void publish(Message.Builder message) {
    carrick.await(carrick.client().publisher("").publish("q", message.build()));
  }

  private static Message.Builder text(String text) {
    return Message.builder(text);
  }

  private long ready() {
    return carrick.client().topology().find("q").orElseThrow().ready();
  }

  private boolean exists() {
    return carrick.client().topology().find("q").isPresent();
  }

  @Test
  void aMessageGoesWhenTheQueuesTimeIsOver() {
    declare("x-message-ttl", 1_000);
    publish(text("old"));
    carrick.advance(Duration.ofMillis(999));
    assertThat(ready()).isEqualTo(1);

    carrick.advance(Duration.ofMillis(1));

    assertThat(ready()).isZero();
    assertThat(carrick.broker().metrics().dropped("expired")).isEqualTo(1);
  }

  @Test
  void theShorterOfTheQueuesAndTheMessagesTimeCounts() {
    declare("x-message-ttl", 1_000);
    publish(text("short").expiration(Duration.ofMillis(300)));
    carrick.advance(Duration.ofMillis(300));
    assertThat(ready()).isZero();

    publish(text("long").expiration(Duration.ofHours(1)));
    carrick.advance(Duration.ofMillis(1_000));
    assertThat(ready()).isZero();
  }

  @Test
  void aMessageBehindAYoungOneIsDroppedWhenItIsItsTurn() {
    carrick.client().topology().queue("q").declare();
    publish(text("for ever"));
    publish(text("short").expiration(Duration.ofMillis(10)));
    publish(text("after"));
    carrick.advance(Duration.ofMinutes(1));

    try (MessageProbe probe = carrick.probe(Source.queue("q"))) {
      assertThat(probe.take().message().text()).isEqualTo("for ever");
      assertThat(probe.take().message().text()).isEqualTo("after");
    }
    assertThat(carrick.broker().metrics().dropped("expired")).isEqualTo(1);
  }

  @Test
  void aMessageThatIsTooOldAtOnceReachesAConsumerThatWaits() {
    declare("x-message-ttl", 0);
    publish(text("nobody is there"));
    assertThat(ready()).isZero();

    try (MessageProbe probe = carrick.probe(Source.queue("q"))) {
      publish(text("somebody is there"));
      assertThat(probe.take().message().text()).isEqualTo("somebody is there");
    }
  }

  @Test
  void aMessageThatComesBackKeepsItsAge() {
    declare("x-message-ttl", 1_000);
    publish(text("tried"));
    try (MessageProbe probe = carrick.probe(Source.queue("q"))) {
      var delivery = probe.hold();
      carrick.advance(Duration.ofMillis(1_001));
      delivery.requeue();
      carrick.settle();
      probe.expectNothing();
    }
    assertThat(carrick.broker().metrics().dropped("expired")).isEqualTo(1);
  }

  @Test
  void aQueueGoesWhenNobodyUsesIt() {
    declare("x-expires", 1_000);
    carrick.advance(Duration.ofMillis(999));
    declare("x-expires", 1_000);
    carrick.advance(Duration.ofMillis(999));
    assertThat(exists()).as("declared again meanwhile").isTrue();

    carrick.advance(Duration.ofMillis(1));

    assertThat(exists()).isFalse();
  }

  @Test
  void aQueueStaysWhileItIsConsumedAndGoesAfterwards() {
    declare("x-expires", 1_000);
    Subscription subscription =
        carrick.client().subscribe(Source.queue("q"), delivery -> delivery.accept());
    carrick.advance(Duration.ofHours(1));
    assertThat(exists()).isTrue();

    subscription.close();
    carrick.advance(Duration.ofMillis(999));
    assertThat(exists()).isTrue();
    carrick.advance(Duration.ofMillis(1));
    assertThat(exists()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-message-ttl", "x-expires"})
  void whatIsNoTimeIsRefused(String argument) {
    for (Object wrong : new Object[] {-1, "soon", 4_294_967_296L}) {
      assertThatThrownBy(() -> declare(argument, wrong))
          .isInstanceOf(PreconditionFailedException.class)
          .hasMessageContaining("invalid arg '" + argument + "'");
    }
    assertThat(exists()).isFalse();
  }

  @Test
  void anotherLifetimeIsAnotherQueue() {
    declare("x-message-ttl", 1_000);

    assertThatThrownBy(() -> declare("x-message-ttl", 2_000))
        .isInstanceOf(PreconditionFailedException.class);
  }
}
