package io.carrick.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.Source;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.opentest4j.AssertionFailedError;

class MessageProbeTest {

  @RegisterExtension final BrokerExtension broker = BrokerExtension.with();

  private void publish(String key, String text) {
    broker.await(broker.client().publisher("amq.topic").publish(key, Message.of(text)));
  }

  @Test
  void takesMessagesInTheOrderOfArrival() {
    MessageProbe probe = broker.probe(Source.topic("a.#"));

    publish("a.b", "1");
    publish("x.y", "other");
    publish("a", "2");

    assertThat(probe.take().message().text()).isEqualTo("1");
    assertThat(probe.take().message().text()).isEqualTo("2");
    probe.expectNothing();
    assertThat(probe.count()).isEqualTo(2);
  }

  @Test
  void failsWhenNothingComesUntilTheDeadline() {
    MessageProbe probe = broker.probe(Source.topic("a"));

    assertThatThrownBy(() -> probe.take(Duration.ofMillis(20)))
        .isInstanceOf(AssertionFailedError.class)
        .hasMessageContaining("within 20 ms");
  }

  @Test
  void expectsNothingAgainAndAgain() {
    MessageProbe probe = broker.probe(Source.topic("a"));

    probe.expectNothing();
    probe.expectNothing();

    assertThat(probe.count()).isZero();
  }

  @Test
  void tellsWhatCameUnexpectedlyAndLeavesItToBeTaken() {
    MessageProbe probe = broker.probe(Source.topic("a"));
    publish("a", "surprise");
    publish("a", "another");

    assertThatThrownBy(probe::expectNothing)
        .isInstanceOf(AssertionFailedError.class)
        .hasMessageContaining("'surprise' with key 'a' and 1 more");
    assertThat(probe.take().message().text()).isEqualTo("surprise");
    assertThat(probe.take().message().text()).isEqualTo("another");
    probe.expectNothing();
  }

  @Test
  void leavesSettlingToTheTestWhereAsked() {
    Client client = broker.client();
    client.topology().queue("jobs").declare();
    MessageProbe probe = broker.probe(Source.queue("jobs"));
    broker.await(client.publisher("").publish("jobs", Message.of("once more")));

    probe.hold().requeue();
    Delivery again = probe.take();

    assertThat(again.redelivered()).isTrue();
    broker.settle();
    assertThat(client.topology().find("jobs").orElseThrow().unsettled()).isZero();
  }

  @Test
  void saysThatAbsenceCannotBeToldWhereOthersConsume() {
    broker.client().topology().queue("jobs").declare();
    MessageProbe probe = broker.probe(Source.queue("jobs"));
    broker.probe(Source.queue("jobs"));

    assertThatThrownBy(probe::expectNothing)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("others consume queue 'jobs'");
  }

  @Nested
  class InTheTestsThread {

    @RegisterExtension final BrokerExtension own = BrokerExtension.with().inTestThread();

    @Test
    void takesAndExpectsAsWell() {
      MessageProbe probe = own.probe(Source.topic("a.#"));
      own.client().publisher("amq.topic").send("a.b", Message.of("1"));

      assertThat(probe.count()).isZero();
      assertThat(probe.take().message().text()).isEqualTo("1");
      probe.expectNothing();
    }

    @Test
    void failsWhenNothingComesUntilTheDeadline() {
      MessageProbe probe = own.probe(Source.topic("a"));

      assertThatThrownBy(() -> probe.take(Duration.ofMillis(20)))
          .isInstanceOf(AssertionFailedError.class);
    }
  }
}
