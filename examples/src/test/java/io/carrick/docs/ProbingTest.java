package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/testing.md shows. */
class ProbingTest {

  // snippet
  @RegisterExtension
  static final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort());

  // end

  @Test
  void aProbeTakesAndFindsNothing() {
    // snippet
    MessageProbe alarms = broker.probe(Source.topic("alarms.#"));

    broker.await(
        broker.client().publisher("amq.topic").publish("alarms.attic", Message.of("smoke")));

    Delivery alarm = alarms.take(); // waits for at most ten seconds
    assertThat(alarm.message().text()).isEqualTo("smoke");
    alarms.expectNothing(); // and no second one is on its way
    // end
  }

  @Test
  void aProbeHoldsADelivery() {
    broker.client().topology().queue("jobs").declare();
    broker.await(broker.client().publisher("").publish("jobs", Message.of("paint")));
    // snippet
    MessageProbe jobs = broker.probe(Source.queue("jobs"));
    Delivery first = jobs.hold();
    first.requeue();
    assertThat(jobs.take().redelivered()).isTrue();
    // end
  }

  @Test
  void timeMovesWhenTheTestSaysSo() {
    // snippet
    Instant before = broker.now();
    broker.advance(Duration.ofDays(30));
    assertThat(broker.now()).isEqualTo(before.plus(Duration.ofDays(30)));
    // end
  }
}
