package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Queues of sessions that keep only what the builder says. */
class SessionQueueOptionsTest {

  private static final QueueOptions OLDEST_TO_LATE =
      QueueOptions.none()
          .maxLength(2)
          .messageTtl(Duration.ofSeconds(10))
          .deadLetterTo("amq.direct", "late");

  private static BrokerExtension broker(QueueOptions options) {
    return BrokerExtension.of(
            EmbeddedBroker.builder().adapter(Mqtt.onAnyPort().sessionQueues(options)))
        .inTestThread();
  }

  @RegisterExtension final BrokerExtension lossy = broker(OLDEST_TO_LATE);

  @RegisterExtension
  final BrokerExtension strict =
      broker(QueueOptions.none().maxLength(1).overflow(Overflow.REJECT_PUBLISH));

  @RegisterExtension
  final BrokerExtension patient =
      broker(QueueOptions.none().maxLength(2).overflow(Overflow.DROP_NEWEST));

  private static void leaveSession(BrokerExtension broker) {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
  }

  private static String late(BrokerExtension broker) {
    return broker.client().poll("late").orElseThrow().message().text();
  }

  @Test
  void theOldestOfASessionThatIsAwayGoToTheDeadLetterExchange() {
    lossy.client().topology().queue("late").declare();
    lossy.client().topology().bind(Binding.of("amq.direct", "late", "late"));
    leaveSession(lossy);
    TestClient publisher = TestClient.clean(lossy, "p");
    for (int i = 1; i <= 3; i++) {
      publisher.publishAcked("t", "" + i);
    }
    assertThat(late(lossy)).isEqualTo("1");
    assertThat(lossy.broker().metrics().dropped("max-length")).isEqualTo(1);

    lossy.advance(Duration.ofSeconds(10));
    assertThat(late(lossy)).isEqualTo("2");
    assertThat(late(lossy)).isEqualTo("3");
    assertThat(lossy.broker().metrics().dropped("expired")).isEqualTo(2);
  }

  @Test
  void aSessionThatIsFullAndRefusesLeavesItsPublisherWithoutAnAnswer() {
    leaveSession(strict);
    TestClient publisher = TestClient.persistent(strict, "p");
    publisher.publishAcked("t", "1");
    publisher.send(publish("t", "2", 2, 8)).expect().expectClosed();
    assertThat(strict.broker().metrics().dropped("queue-full")).isEqualTo(1);

    TestClient other = TestClient.clean(strict, "other").subscribe("t", 1);
    TestClient.clean(strict, "q").publishAcked("t", "one is enough");
    other.expect("PUBLISH t one is enough qos1 #1").vanish();

    TestClient.persistent(strict, "s").expect("PUBLISH t 1 qos1 #1").ack(PUBACK, 1);
    TestClient.persistent(strict, "p").send(publish("t", "2", 2, 8)).expect("PUBREC #8");
  }

  @Test
  void aSessionThatKeepsItsOldestGivesUpWhatComesAndItsPublisherIsAnswered() {
    leaveSession(patient);
    TestClient publisher = TestClient.clean(patient, "p");
    for (int i = 1; i <= 4; i++) {
      publisher.publishAcked("t", "" + i);
    }
    publisher.send(publish("t", "5", 2, 8)).expect("PUBREC #8");
    assertThat(patient.broker().metrics().dropped("max-length")).isEqualTo(3);
    TestClient session = TestClient.persistent(patient, "s");
    session.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos1 #2");
    session.ack(PUBACK, 1).ack(PUBACK, 2);
    publisher.publishAcked("t", "6");
    session.expect("PUBLISH t 6 qos1 #3");
  }
}
