package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every bound of {@link Limits} that an MQTT client can meet, and what happens there. */
class LimitsTest {

  private static final Limits SMALL =
      Limits.defaults()
          .with(Limit.MESSAGE_BYTES, 100)
          .with(Limit.TOPIC_BYTES, 20)
          .with(Limit.CONTROL_PACKET_BYTES, 200)
          .with(Limit.CLIENT_ID_BYTES, 12)
          .with(Limit.CONNECTIONS, 3)
          .with(Limit.INFLIGHT_MESSAGES, 3)
          .with(Limit.RECEIVE_MAXIMUM, 2)
          .with(Limit.SESSION_QUEUE_MESSAGES, 2)
          .with(Limit.LAST_VALUES, 1);

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).limits(SMALL))
          .inTestThread();

  private long count(String counter) {
    return broker.broker().metrics().value(counter);
  }

  private void expectMalformedAndClosed(TestClient client) {
    client.expectClosed();
    assertThat(count("packets.malformed{protocol=mqtt}")).isEqualTo(1);
  }

  @Test
  void aPayloadMayHaveItsLimitAndNotOneByteMore() {
    TestClient subscriber = TestClient.clean(broker, "s").subscribe("t", 0);
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.publish("t", "x".repeat(100));
    subscriber.expect("PUBLISH t " + "x".repeat(100));
    expectMalformedAndClosed(publisher.publish("t", "x".repeat(101)));
    subscriber.expectNothing();
  }

  @Test
  void aTopicMayHaveItsLimitAndNotOneByteMore() {
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.publish("t".repeat(20), "x").expectNothing();
    expectMalformedAndClosed(publisher.publish("t".repeat(21), "x"));
  }

  @Test
  void aPacketThatIsNotAPublishHasALimitOfItsOwn() {
    String filter = "f".repeat(20);
    TestClient client = TestClient.clean(broker, "c");
    client.send(subscribe(1, 0, filter, filter, filter)).expect("SUBACK #1 [0, 0, 0]");
    expectMalformedAndClosed(
        client.send(
            subscribe(
                2, 0, filter, filter, filter, filter, filter, filter, filter, filter, filter)));
  }

  @Test
  void aWillMayBeNoLongerThanAMessage() {
    expectMalformedAndClosed(
        TestClient.silent(broker).send(connect("c").will("t", "x".repeat(101), 0, false).bytes()));
  }

  @Test
  void aClientIdThatIsTooLongIsRefused() {
    TestClient.silent(broker).send(connect("c".repeat(13)).bytes()).expect("CONNACK 2");
  }

  @Test
  void oneConnectionTooManyIsClosedAtOnceAndCounted() {
    TestClient.clean(broker, "1");
    TestClient second = TestClient.clean(broker, "2");
    TestClient.clean(broker, "3");
    TestClient.silent(broker).expectClosed();
    assertThat(count("connections.refused")).isEqualTo(1);
    second.disconnect();
    TestClient.clean(broker, "4").expectNothing();
  }

  @Test
  void soManyQos1MessagesAreUnderWayAndTheRestWaits() {
    TestClient subscriber = TestClient.clean(broker, "s").subscribe("t", 1);
    TestClient publisher = TestClient.clean(broker, "p");
    for (int i = 1; i <= 5; i++) {
      publisher.publishAcked("t", "" + i);
    }
    subscriber.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos1 #2", "PUBLISH t 3 qos1 #3");
    subscriber.ack(PUBACK, 2).expect("PUBLISH t 4 qos1 #4");
    subscriber.ack(PUBACK, 1).expect("PUBLISH t 5 qos1 #5");
  }

  @Test
  void aQos2MessageIsUnderWayUntilItsPubcomp() {
    TestClient subscriber = TestClient.persistent(broker, "s").subscribe("t", 2);
    TestClient publisher = TestClient.clean(broker, "p");
    for (int i = 1; i <= 4; i++) {
      publishOnce(publisher, i);
    }
    subscriber.expect("PUBLISH t 1 qos2 #1", "PUBLISH t 2 qos2 #2", "PUBLISH t 3 qos2 #3");
    subscriber.ack(PUBREC, 1).ack(PUBREC, 2).expect("PUBREL #1", "PUBREL #2");
    subscriber.ack(PUBCOMP, 1).expect("PUBLISH t 4 qos2 #4").vanish();
    TestClient again = TestClient.persistent(broker, "s");
    again.expect("PUBREL #2", "PUBLISH t 3 qos2 #3 dup", "PUBLISH t 4 qos2 #4 dup");
    publishOnce(publisher, 5);
    again.expectNothing();
    again.ack(PUBCOMP, 2).expect("PUBLISH t 5 qos2 #5");
  }

  private static void publishOnce(TestClient publisher, int message) {
    publisher.send(publish("t", "" + message, 2, message)).expect("PUBREC #" + message);
    publisher.ack(PUBREL, message).expect("PUBCOMP #" + message);
  }

  @Test
  @Tag("MQTT-3.3.4-7/5")
  void aClientIsToldHowMuchItMayHaveUnderWayAndOneMoreClosesTheConnection() {
    TestClient publisher = TestClient.five(broker, Packets5.connect("p").persistent());
    publisher.send(Packets5.publish("t", "1", 2, 1), Packets5.publish("t", "2", 2, 2)).received();
    publisher.send(Packets5.publish("t", "3", 2, 3));
    assertThat(publisher.next()).startsWith("DISCONNECT 0x93");
    publisher.expectClosed();
    TestClient again = TestClient.five(broker, Packets5.connect("p").persistent());
    again.ack(PUBREL, 1).expect("PUBCOMP #1");
    again.send(Packets5.publish("t", "3", 2, 3)).expect("PUBREC #3 0x10");
  }

  @Test
  void aClientOfMqtt3WhichCannotBeToldMayHaveAllIdentifiersUnderWay() {
    TestClient publisher = TestClient.persistent(broker, "p");
    for (int i = 1; i <= 10; i++) {
      publisher.send(publish("t", "" + i, 2, i)).expect("PUBREC #" + i);
    }
    publisher.ack(PUBREL, 1).expect("PUBCOMP #1");
  }

  @Test
  void aSessionThatIsAwayKeepsItsNewestMessagesAndTheOthersAreCounted() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    TestClient publisher = TestClient.clean(broker, "p");
    for (int i = 1; i <= 5; i++) {
      publisher.publishAcked("t", "" + i);
    }
    assertThat(broker.broker().metrics().dropped("session-full")).isEqualTo(3);
    TestClient.persistent(broker, "s").expect("PUBLISH t 4 qos1 #1", "PUBLISH t 5 qos1 #2");
  }

  @Test
  void oneLastValueTooManyIsNotKeptAndIsCounted() {
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.send(retained(publish("a", "1")), retained(publish("b", "2")));
    publisher.send(retained(publish("a", "3")));
    TestClient.clean(broker, "s").subscribe("+", 0).expect("PUBLISH a 3 retain");
    assertThat(broker.broker().metrics().dropped("last-values-full")).isEqualTo(1);
  }

  @Test
  void whatAnEarlierConnectionHasLeftIsNotCountedAgainstANewOne() {
    TestClient before =
        TestClient.five(broker, Packets5.connect("p").persistent())
            .send(Packets5.publish("t", "x", 2, 1), Packets5.publish("t", "x", 2, 2))
            .expect("PUBREC #1 0x10", "PUBREC #2 0x10");
    before.vanish();

    TestClient back = TestClient.five(broker).send(Packets5.connect("p").persistent().bytes());
    assertThat(back.next()).startsWith("CONNACK");
    back.send(Packets5.publish("t", "x", 2, 3), Packets5.publish("t", "x", 1, 4))
        .expect("PUBREC #3 0x10", "PUBACK #4 0x10");
    back.send(Packets5.publish("t", "x", 2, 5)).expect("PUBREC #5 0x10");
    back.send(Packets5.publish("t", "x", 2, 6));
    assertThat(back.next()).startsWith("DISCONNECT 0x93");
  }
}
