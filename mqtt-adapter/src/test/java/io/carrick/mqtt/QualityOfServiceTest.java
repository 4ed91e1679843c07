package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.SessionInfo;
import io.carrick.Source;
import io.carrick.mqtt.codec.Packets;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** MQTT 3.1.1 §4.3 and §4.4: what is acknowledged arrives, and how often. */
class QualityOfServiceTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private TestClient subscriber(int qos) {
    return TestClient.clean(broker, "subscriber").subscribe("t", qos);
  }

  private TestClient publisher() {
    return TestClient.clean(broker, "publisher");
  }

  private long waiting(String clientId) {
    return broker.broker().sessions().stream()
        .filter(s -> s.name().equals(clientId))
        .mapToLong(SessionInfo::messages)
        .sum();
  }

  // ---- the three levels

  @Test
  @Tag("MQTT-3.3.4-1/311")
  @Tag("MQTT-4.3.1-1/311")
  @Tag("MQTT-2.3.1-5/311")
  void qos0ArrivesOnceAndIsNotAnswered() {
    TestClient subscriber = subscriber(2);
    publisher().publish("t", "x").expectNothing();
    subscriber.expect("PUBLISH t x");
  }

  @Test
  @Tag("MQTT-2.3.1-6/311")
  @Tag("MQTT-3.3.4-1/311")
  @Tag("MQTT-4.3.2-1/311")
  @Tag("MQTT-4.3.2-2/311")
  void qos1IsAnsweredAndWaitsForTheAnswerOfTheSubscriber() {
    TestClient subscriber = subscriber(1);
    publisher().send(publish("t", "x", 1, 7)).expect("PUBACK #7");
    subscriber.expect("PUBLISH t x qos1 #1");
    assertThat(waiting("subscriber")).isEqualTo(1);
    subscriber.ack(PUBACK, 1).expectNothing();
    assertThat(waiting("subscriber")).isZero();
  }

  @Test
  @Tag("MQTT-2.3.1-6/311")
  @Tag("MQTT-3.3.4-1/311")
  @Tag("MQTT-4.3.3-1/311")
  @Tag("MQTT-4.3.3-2/311")
  void qos2GoesThroughAllFourPacketsBothWays() {
    TestClient subscriber = subscriber(2);
    publisher()
        .send(publish("t", "x", 2, 7))
        .expect("PUBREC #7")
        .ack(PUBREL, 7)
        .expect("PUBCOMP #7");
    subscriber.expect("PUBLISH t x qos2 #1");
    subscriber.ack(PUBREC, 1).expect("PUBREL #1");
    subscriber.ack(PUBCOMP, 1).expectNothing();
    assertThat(waiting("subscriber")).isZero();
  }

  @Test
  @Tag("MQTT-3.8.4-6/311")
  void aMessageArrivesWithTheLowerOfPublishedAndGrantedQos() {
    TestClient subscriber = subscriber(1);
    TestClient publisher = publisher();
    publisher.send(publish("t", "two", 2, 1), publish("t", "one", 1, 2), publish("t", "none"));
    subscriber.expect("PUBLISH t two qos1 #1", "PUBLISH t one qos1 #2", "PUBLISH t none");
  }

  @Test
  @Tag("MQTT-4.6.0-2/311")
  @Tag("MQTT-4.6.0-3/311")
  @Tag("MQTT-4.6.0-5/311")
  @Tag("MQTT-4.6.0-6/311")
  void messagesOfOneTopicArriveInTheirOrderAndAreAnsweredInTheirOrder() {
    TestClient subscriber = subscriber(2);
    publisher()
        .send(publish("t", "1", 1, 30), publish("t", "2", 2, 20), publish("t", "3", 1, 10))
        .expect("PUBACK #30", "PUBREC #20", "PUBACK #10"); // [MQTT-4.6.0-2] [MQTT-4.6.0-3]
    subscriber.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos2 #2", "PUBLISH t 3 qos1 #3");
  }

  // ---- QoS 2 of a publisher that reconnects

  @Test
  @Tag("MQTT-4.3.3-2/311")
  void aPublishThatComesAgainBeforeItsPubrelIsAnsweredAndNotDeliveredAgain() {
    MessageProbe probe = broker.probe(Source.topic("t"));
    TestClient publisher = publisher();
    publisher.send(publish("t", "x", 2, 7)).expect("PUBREC #7");
    publisher.send(dup(publish("t", "x", 2, 7))).expect("PUBREC #7"); // [MQTT-4.3.3-2]
    publisher.send(publish("t", "x", 2, 7)).expect("PUBREC #7"); // DUP is not what tells
    publisher.ack(PUBREL, 7).expect("PUBCOMP #7");
    assertThat(probe.take().message().text()).isEqualTo("x");
    probe.expectNothing();
  }

  @Test
  void whenPubrecIsLostThePublishComesAgainAndIsDeliveredOnce() {
    MessageProbe probe = broker.probe(Source.topic("t"));
    TestClient.persistent(broker, "p").send(publish("t", "x", 2, 7)).vanish();
    TestClient again = TestClient.persistent(broker, "p");
    again.send(dup(publish("t", "x", 2, 7))).expect("PUBREC #7");
    again.ack(PUBREL, 7).expect("PUBCOMP #7");
    assertThat(probe.take().message().text()).isEqualTo("x");
    probe.expectNothing();
  }

  @Test
  void whenPubcompIsLostThePubrelComesAgainAndIsAnswered() {
    MessageProbe probe = broker.probe(Source.topic("t"));
    TestClient first = TestClient.persistent(broker, "p");
    first.send(publish("t", "x", 2, 7)).ack(PUBREL, 7).vanish();
    TestClient.persistent(broker, "p").ack(PUBREL, 7).expect("PUBCOMP #7");
    assertThat(probe.take().message().text()).isEqualTo("x");
    probe.expectNothing();
  }

  @Test
  @Tag("MQTT-4.3.3-2/311")
  void afterPubrelTheIdentifierIsFreeForAnotherMessage() {
    MessageProbe probe = broker.probe(Source.topic("t"));
    TestClient publisher = publisher();
    publisher.send(publish("t", "x", 2, 7)).ack(PUBREL, 7).expect("PUBREC #7", "PUBCOMP #7");
    publisher.send(publish("t", "y", 2, 7)).ack(PUBREL, 7).expect("PUBREC #7", "PUBCOMP #7");
    assertThat(probe.take().message().text()).isEqualTo("x");
    assertThat(probe.take().message().text()).isEqualTo("y");
  }

  @Test
  void aCleanConnectForgetsTheIdentifiersOfTheOldSession() {
    MessageProbe probe = broker.probe(Source.topic("t"));
    TestClient.persistent(broker, "p").send(publish("t", "x", 2, 7)).vanish();
    TestClient.clean(broker, "p").send(publish("t", "y", 2, 7)).expect("PUBREC #7");
    assertThat(probe.take().message().text()).isEqualTo("x");
    assertThat(probe.take().message().text()).isEqualTo("y");
  }

  // ---- a subscriber that reconnects

  private TestClient persistentSubscriber(int qos) {
    TestClient subscriber = TestClient.persistent(broker, "s");
    return subscriber.subscribe("t", qos);
  }

  @Test
  @Tag("MQTT-2.3.1-4/311")
  @Tag("MQTT-3.3.1-1/311")
  @Tag("MQTT-4.4.0-1/311")
  @Tag("MQTT-4.3.2-1/311")
  void aQos1MessageWithoutItsAnswerComesAgainWithDupAndItsIdentifier() {
    TestClient first = persistentSubscriber(1);
    publisher().publishAcked("t", "x");
    first.expect("PUBLISH t x qos1 #1").vanish();
    TestClient second = TestClient.persistent(broker, "s");
    second.expect("PUBLISH t x qos1 #1 dup"); // [MQTT-4.4.0-1] [MQTT-3.3.1-1]
    second.ack(PUBACK, 1).vanish();
    TestClient.persistent(broker, "s").expectNothing();
  }

  @Test
  @Tag("MQTT-2.3.1-4/311")
  @Tag("MQTT-3.3.1-1/311")
  @Tag("MQTT-4.4.0-1/311")
  void aQos2PublishThatWasLostComesAgainWithDupAndItsIdentifier() {
    TestClient first = persistentSubscriber(2);
    publisher().publishAcked("t", "one");
    publisher().send(publish("t", "two", 2, 1)).expect("PUBREC #1");
    first.expect("PUBLISH t one qos1 #1", "PUBLISH t two qos2 #2").vanish();
    TestClient second = TestClient.persistent(broker, "s");
    second.expect("PUBLISH t one qos1 #1 dup", "PUBLISH t two qos2 #2 dup");
    second.ack(PUBREC, 2).expect("PUBREL #2").ack(PUBCOMP, 2).ack(PUBACK, 1).vanish();
    TestClient.persistent(broker, "s").expectNothing();
  }

  @Test
  @Tag("MQTT-4.3.3-1/311")
  @Tag("MQTT-4.4.0-1/311")
  void afterPubrecOnlyPubrelComesAgain() {
    TestClient first = persistentSubscriber(2);
    publisher().send(publish("t", "x", 2, 1)).expect("PUBREC #1");
    first.expect("PUBLISH t x qos2 #1").ack(PUBREC, 1).vanish();
    TestClient second = TestClient.persistent(broker, "s");
    second.expect("PUBREL #1").vanish(); // this PUBREL is lost too
    TestClient third = TestClient.persistent(broker, "s");
    third.expect("PUBREL #1").ack(PUBCOMP, 1).vanish();
    TestClient.persistent(broker, "s").expectNothing();
  }

  @Test
  void aPubrecThatComesAgainIsAnsweredAgain() {
    TestClient subscriber = persistentSubscriber(2);
    publisher().send(publish("t", "x", 2, 1));
    subscriber.expect("PUBLISH t x qos2 #1");
    subscriber.ack(PUBREC, 1).ack(PUBREC, 1).expect("PUBREL #1", "PUBREL #1");
    subscriber.ack(PUBCOMP, 1).ack(PUBCOMP, 1).expectNothing();
  }

  @Test
  @Tag("MQTT-4.6.0-4/311")
  @Tag("MQTT-4.6.0-6/311")
  void pubrelsComeAgainInTheOrderOfTheirPubrecs() {
    TestClient first = persistentSubscriber(2);
    TestClient publisher = publisher();
    publisher.send(publish("t", "a", 2, 1), publish("t", "b", 2, 2), publish("t", "c", 2, 3));
    first.ack(PUBREC, 3).ack(PUBREC, 1).ack(PUBREC, 2).vanish();
    TestClient.persistent(broker, "s").expect("PUBREL #3", "PUBREL #1", "PUBREL #2");
  }

  @Test
  @Tag("MQTT-4.6.0-1/311")
  @Tag("MQTT-4.6.0-6/311")
  void whatIsSentAgainComesBeforeWhatIsNewAndInItsOldOrder() {
    TestClient first = persistentSubscriber(1);
    TestClient publisher = publisher();
    for (String text : new String[] {"a", "b", "c"}) {
      publisher.publishAcked("t", text);
    }
    first.ack(PUBACK, 2).vanish();
    publisher.publishAcked("t", "d");
    TestClient.persistent(broker, "s")
        .expect("PUBLISH t a qos1 #1 dup", "PUBLISH t c qos1 #3 dup", "PUBLISH t d qos1 #4");
  }

  @Test
  @Tag("MQTT-2.3.1-4/311")
  @Tag("MQTT-4.3.2-1/311")
  void anIdentifierInUseIsNotGivenToAnotherMessage() {
    TestClient subscriber = persistentSubscriber(1);
    TestClient publisher = publisher();
    publisher.publishAcked("t", "kept");
    subscriber.expect("PUBLISH t kept qos1 #1");
    int sent = 0;
    while (sent < 70_000) { // more than there are identifiers
      publisher.send(times(1_000, publish("t", "x", 1, 1))).received();
      int[] ids = subscriber.received().stream().mapToInt(QualityOfServiceTest::packetId).toArray();
      assertThat(ids).hasSize(1_000).doesNotHaveDuplicates().doesNotContain(0, 1);
      subscriber.send(
          IntStream.of(ids).mapToObj(id -> Packets.ack(PUBACK, id)).toArray(byte[][]::new));
      sent += ids.length;
    }
    assertThat(waiting("s")).isEqualTo(1);
  }

  private static byte[][] times(int count, byte[] packet) {
    return Stream.generate(() -> packet).limit(count).toArray(byte[][]::new);
  }

  private static int packetId(String packet) {
    return Integer.parseInt(packet.substring(packet.indexOf('#') + 1));
  }

  // ---- acknowledgements of nothing

  @Test
  void acknowledgementsOfUnknownIdentifiersDoNoHarm() {
    TestClient subscriber = subscriber(2);
    subscriber.ack(PUBACK, 5).ack(PUBCOMP, 5).expectNothing();
    subscriber.ack(PUBREC, 5).expect("PUBREL #5").ack(PUBCOMP, 5).expectNothing();
    subscriber.ack(PUBREL, 5).expect("PUBCOMP #5");
  }
}
