package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** MQTT 3.1.1 §4.3 and §4.8: an acknowledgement is of the kind that its message waits for. */
class WrongAckTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  /** How far the delivery with identifier 1 is. */
  private enum Stage {
    QOS_1_SENT,
    QOS_1_ACKNOWLEDGED,
    QOS_2_SENT,
    QOS_2_RECEIVED,
    QOS_2_COMPLETE
  }

  private TestClient subscriberAt(Stage stage) {
    int qos = stage.name().charAt("QOS_".length()) - '0';
    TestClient subscriber = TestClient.clean(broker, "s").subscribe("t", qos);
    TestClient.clean(broker, "p").send(publish("t", "x", 2, 1)).expect("PUBREC #1");
    subscriber.expect("PUBLISH t x qos" + qos + " #1");
    switch (stage) {
      case QOS_1_SENT, QOS_2_SENT -> {}
      case QOS_1_ACKNOWLEDGED -> subscriber.ack(PUBACK, 1).expect();
      case QOS_2_RECEIVED -> subscriber.ack(PUBREC, 1).expect("PUBREL #1");
      case QOS_2_COMPLETE -> subscriber.ack(PUBREC, 1).ack(PUBCOMP, 1).expect("PUBREL #1");
    }
    return subscriber;
  }

  @ParameterizedTest(name = "{1} when {0}: {2}")
  @CsvSource({
    "QOS_1_SENT, PUBREC, closed",
    "QOS_1_SENT, PUBCOMP, closed",
    "QOS_1_ACKNOWLEDGED, PUBACK, ''",
    "QOS_1_ACKNOWLEDGED, PUBREC, PUBREL #1",
    "QOS_1_ACKNOWLEDGED, PUBCOMP, ''",
    "QOS_2_SENT, PUBACK, closed",
    "QOS_2_SENT, PUBCOMP, closed",
    "QOS_2_RECEIVED, PUBACK, closed",
    "QOS_2_RECEIVED, PUBREC, PUBREL #1",
    "QOS_2_COMPLETE, PUBACK, ''",
    "QOS_2_COMPLETE, PUBREC, PUBREL #1",
    "QOS_2_COMPLETE, PUBCOMP, ''",
  })
  @Tag("MQTT-4.8.0-1/311")
  void anotherKindClosesAndOneThatComesAgainDoesNot(Stage stage, PacketType type, String answer) {
    TestClient subscriber = subscriberAt(stage);

    subscriber.ack(type, 1);

    if (answer.equals("closed")) {
      subscriber.expect().expectClosed(); // [MQTT-4.8.0-1] [MQTT-4.3.2-2]
      assertThat(broker.broker().metrics().value("packets.malformed{protocol=mqtt}")).isEqualTo(1);
    } else {
      assertThat(String.join("", subscriber.received())).isEqualTo(answer);
      subscriber.expectNothing();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PUBACK", "PUBREC", "PUBCOMP", "PUBREL"})
  void anIdentifierThatNothingWaitsUnderIsTolerated(PacketType type) {
    TestClient client = TestClient.clean(broker, "c").ack(type, 77);
    assertThat(client.received())
        .allMatch(answer -> type != PUBACK && type != PUBCOMP && answer.endsWith(" #77"));
    client.expectNothing();
  }

  @Test
  void aClientThatAcknowledgesInTheWrongWayDoesNotStarveInSilence() {
    TestClient subscriber = TestClient.persistent(broker, "s").subscribe("t", 1);
    TestClient publisher = TestClient.clean(broker, "p");
    int window = (int) Limit.INFLIGHT_MESSAGES.byDefault();
    for (int i = 1; i <= window + 1; i++) {
      publisher.send(publish("t", "" + i, 1, i)).expect("PUBACK #" + i);
    }
    assertThat(subscriber.received()).hasSize(window);

    for (int i = 1; i <= window; i++) {
      subscriber.ack(PUBREC, i);
    }

    subscriber.expect().expectClosed();
    TestClient again =
        TestClient.silent(broker)
            .send(io.carrick.mqtt.codec.Packets.connect("s").persistent().bytes());
    broker.advance(Duration.ofSeconds(1)); // what it had before comes slowly at first
    assertThat(again.received()).hasSize(1 + window).contains("PUBLISH t 1 qos1 #1 dup");
    again.ack(PUBACK, 1).expect("PUBLISH t " + (window + 1) + " qos1 #" + (window + 1));
  }

  @Test
  void aMessageWhosePubrelIsUnderWayIsNotAcknowledgedTwice() {
    TestClient subscriber = subscriberAt(Stage.QOS_2_RECEIVED);
    subscriber.ack(PUBCOMP, 1).ack(PUBCOMP, 1).ack(PUBREL, 1).expect("PUBCOMP #1");
  }
}
