package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.ack;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;

import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client that is subscribed to what it publishes gets its answer first, then the message. */
class AnswerOrderTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  @Test
  void pubackAndPubrecComeBeforeTheDelivery() {
    TestClient client = TestClient.clean(broker, "c").subscribe("t", 2);

    client.send(publish("t", "a", 1, 1)).expect("PUBACK #1", "PUBLISH t a qos1 #1");
    client.send(publish("t", "b", 2, 2)).expect("PUBREC #2", "PUBLISH t b qos2 #2");
    client.send(ack(PUBREL, 2)).expect("PUBCOMP #2");
  }

  @Test
  void severalInOneWriteAreAnsweredEachBeforeItsDelivery() {
    TestClient client = TestClient.clean(broker, "c").subscribe("t", 0);

    client
        .send(publish("t", "a", 1, 1), publish("t", "b", 1, 2))
        .expect("PUBACK #1", "PUBLISH t a", "PUBACK #2", "PUBLISH t b");
  }

  @Test
  void aSessionOfAnotherLoopAnswersFirstToo() {
    // The broker of a test has two loops, and connections come to them in turn.
    TestClient first = TestClient.persistent(broker, "c").subscribe("t", 1);
    first.disconnect();
    TestClient next = TestClient.silent(broker);
    next.send(connect("c").persistent().bytes());
    next.expect("CONNACK 0 present");

    next.send(publish("t", "a", 1, 1)).expect("PUBACK #1", "PUBLISH t a qos1 #1");
  }
}
