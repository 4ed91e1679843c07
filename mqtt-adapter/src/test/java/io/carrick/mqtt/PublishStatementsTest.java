package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.retained;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What both versions say of PUBLISH, its acknowledgements and retained messages, in both. */
@ParameterizedClass(name = "{0}")
@EnumSource
class PublishStatementsTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private final Version version;

  PublishStatementsTest(Version version) {
    this.version = version;
  }

  private TestClient clean(String id) {
    return version.clean(broker, id);
  }

  private TestClient subscriber(int qos) {
    return clean("s").subscribe("t", qos);
  }

  private TestClient again() {
    TestClient client = version.silent(broker).send(version.connect("s", true));
    assertThat(client.next()).isEqualTo("CONNACK 0 present");
    return client;
  }

  private byte[] publish(String payload, int qos, int packetId) {
    return version.publish("t", payload, qos, packetId);
  }

  // ---- QoS 0

  @Test
  @Tag("MQTT-2.3.1-5/311")
  @Tag("MQTT-3.3.1-2/311")
  @Tag("MQTT-3.3.4-1/311")
  @Tag("MQTT-4.3.1-1/311")
  @Tag("MQTT-2.2.1-2/5")
  @Tag("MQTT-3.3.1-2/5")
  @Tag("MQTT-3.3.4-1/5")
  @Tag("MQTT-4.3.1-1/5")
  void qos0HasNeitherIdentifierNorDupNorAnswer() {
    TestClient subscriber = subscriber(2);
    clean("p").send(publish("x", 0, 0)).expectNothing();
    subscriber.expect("PUBLISH t x");
  }

  // ---- QoS 1

  @Test
  @Tag("MQTT-2.3.1-6/311")
  @Tag("MQTT-4.3.2-2/311")
  @Tag("MQTT-2.2.1-5/5")
  @Tag("MQTT-3.3.4-1/5")
  @Tag("MQTT-4.3.2-4/5")
  @Tag("MQTT-4.3.2-5/5")
  void afterPubackTheIdentifierIsThatOfANewMessageWhateverItsDupSays() {
    TestClient subscriber = subscriber(0);
    TestClient publisher = clean("p");
    publisher.send(publish("x", 1, 77)).expect("PUBACK #77");
    publisher.send(dup(publish("x", 1, 77))).expect("PUBACK #77");
    publisher.send(publish("y", 1, 77)).expect("PUBACK #77");
    subscriber.expect("PUBLISH t x", "PUBLISH t x", "PUBLISH t y");
  }

  @Test
  @Tag("MQTT-2.3.1-4/311")
  @Tag("MQTT-3.3.1-1/311")
  @Tag("MQTT-4.3.2-1/311")
  @Tag("MQTT-4.4.0-1/311")
  @Tag("MQTT-2.2.1-4/5")
  @Tag("MQTT-3.3.1-1/5")
  @Tag("MQTT-4.3.2-1/5")
  @Tag("MQTT-4.3.2-2/5")
  @Tag("MQTT-4.3.2-3/5")
  @Tag("MQTT-4.4.0-1/5")
  void aQos1MessageIsUnacknowledgedUntilPubackAndKeepsItsIdentifier() {
    TestClient first = version.persistent(broker, "s").subscribe("t", 1);
    clean("p").publishAcked("t", "a").publishAcked("t", "b").publishAcked("t", "c");
    first.expect("PUBLISH t a qos1 #1", "PUBLISH t b qos1 #2", "PUBLISH t c qos1 #3");
    first.ack(PUBACK, 2).vanish();
    TestClient next = again();
    next.expect("PUBLISH t a qos1 #1 dup", "PUBLISH t c qos1 #3 dup");
    clean("p").publishAcked("t", "d");
    next.expect("PUBLISH t d qos1 #4");
  }

  // ---- QoS 2

  @Test
  @Tag("MQTT-2.3.1-6/311")
  @Tag("MQTT-3.3.4-1/311")
  @Tag("MQTT-4.3.3-2/311")
  @Tag("MQTT-2.2.1-5/5")
  @Tag("MQTT-3.3.4-1/5")
  @Tag("MQTT-4.3.3-8/5")
  @Tag("MQTT-4.3.3-10/5")
  @Tag("MQTT-4.3.3-11/5")
  @Tag("MQTT-4.3.3-12/5")
  void aQos2MessageGoesOnwardOnceUntilItsIdentifierIsReleased() {
    TestClient subscriber = subscriber(0);
    TestClient publisher = clean("p");
    publisher.send(publish("x", 2, 7)).expect("PUBREC #7");
    publisher.send(dup(publish("x", 2, 7))).expect("PUBREC #7");
    publisher.send(publish("x", 2, 7)).expect("PUBREC #7");
    subscriber.expect("PUBLISH t x");
    publisher.ack(PUBREL, 7).expect("PUBCOMP #7");
    publisher.send(publish("y", 2, 7)).expect("PUBREC #7");
    subscriber.expect("PUBLISH t y");
  }

  @Test
  @Tag("MQTT-4.3.3-1/311")
  @Tag("MQTT-4.4.0-1/311")
  @Tag("MQTT-4.3.3-1/5")
  @Tag("MQTT-4.3.3-2/5")
  @Tag("MQTT-4.3.3-3/5")
  @Tag("MQTT-4.3.3-4/5")
  @Tag("MQTT-4.3.3-5/5")
  @Tag("MQTT-4.3.3-6/5")
  @Tag("MQTT-4.4.0-1/5")
  void toASubscriberPublishComesUntilPubrecAndPubrelUntilPubcomp() {
    TestClient first = version.persistent(broker, "s").subscribe("t", 2);
    clean("p").send(publish("x", 2, 1), publish("y", 2, 2)).expect("PUBREC #1", "PUBREC #2");
    first.expect("PUBLISH t x qos2 #1", "PUBLISH t y qos2 #2").vanish();
    TestClient second = again();
    second.expect("PUBLISH t x qos2 #1 dup", "PUBLISH t y qos2 #2 dup");
    second.ack(PUBREC, 1).expect("PUBREL #1").vanish();
    TestClient third = again();
    third.expect("PUBREL #1", "PUBLISH t y qos2 #2 dup");
    third.ack(PUBCOMP, 1).ack(PUBREC, 2).expect("PUBREL #2").ack(PUBCOMP, 2).vanish();
    again().expectNothing();
  }

  @Test
  @Tag("MQTT-4.3.2-1/311")
  @Tag("MQTT-4.3.3-1/311")
  @Tag("MQTT-4.4.0-1/5")
  void nothingIsSentAgainWhileTheConnectionStands() {
    TestClient subscriber =
        version.silent(broker).send(version.connect("s", 0)).expect("CONNACK 0");
    subscriber.subscribe("t", 2);
    clean("p").send(publish("x", 1, 1), publish("y", 2, 2)).expect("PUBACK #1", "PUBREC #2");
    subscriber.expect("PUBLISH t x qos1 #1", "PUBLISH t y qos2 #2");
    subscriber.ack(PUBREC, 2).expect("PUBREL #2");
    broker.advance(Duration.ofDays(1));
    subscriber.expectNothing();
  }

  // ---- to whom, and in which order

  @Test
  @Tag("MQTT-3.3.1-3/311")
  @Tag("MQTT-3.3.1-3/5")
  void dupOfThePublisherIsNotPassedOn() {
    TestClient subscriber = subscriber(2);
    TestClient publisher = clean("p");
    publisher.send(dup(publish("x", 1, 1)), dup(publish("y", 2, 2)));
    publisher.expect("PUBACK #1", "PUBREC #2");
    subscriber.expect("PUBLISH t x qos1 #1", "PUBLISH t y qos2 #2");
  }

  @Test
  @Tag("MQTT-4.5.0-1/311")
  @Tag("MQTT-4.5.0-1/5")
  void aMessageIsAddedToEverySessionThatIsSubscribedThereOrAway() {
    TestClient here = subscriber(1);
    TestClient wide = clean("wide").subscribe("#", 0);
    version.persistent(broker, "away").subscribe("+", 1).disconnect();
    TestClient other = clean("other").subscribe("u", 1);
    clean("p").publishAcked("t", "x");
    here.expect("PUBLISH t x qos1 #1");
    wide.expect("PUBLISH t x");
    version
        .silent(broker)
        .send(version.connect("away", true))
        .expect("CONNACK 0 present", "PUBLISH t x qos1 #1");
    other.expectNothing();
  }

  @Test
  @Tag("MQTT-4.6.0-2/311")
  @Tag("MQTT-4.6.0-3/311")
  @Tag("MQTT-4.6.0-5/311")
  @Tag("MQTT-4.6.0-6/311")
  @Tag("MQTT-4.6.0-2/5")
  @Tag("MQTT-4.6.0-3/5")
  @Tag("MQTT-4.6.0-5/5")
  @Tag("MQTT-4.6.0-6/5")
  void eachPublisherIsReadAnsweredAndDeliveredInItsOrder() {
    TestClient subscriber = subscriber(2);
    TestClient a = clean("a");
    TestClient b = clean("b");
    List<String> answers = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      int qos = 1 + i % 2;
      a.send(publish("a" + i, qos, i));
      b.send(publish("b" + i, qos, i));
      answers.add((qos == 1 ? "PUBACK #" : "PUBREC #") + i);
    }
    assertThat(a.received()).isEqualTo(answers);
    assertThat(b.received()).isEqualTo(answers);
    List<String> delivered = subscriber.received();
    for (String from : List.of("a", "b")) {
      assertThat(delivered.stream().map(p -> p.split(" ")[2]).filter(p -> p.startsWith(from)))
          .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).mapToObj(i -> from + i).toList());
    }
  }

  @Test
  @Tag("MQTT-4.6.0-1/311")
  @Tag("MQTT-4.6.0-4/311")
  @Tag("MQTT-4.6.0-6/311")
  @Tag("MQTT-4.6.0-1/5")
  @Tag("MQTT-4.6.0-4/5")
  void whatComesAgainComesInTheOrderOfBefore() {
    TestClient first = version.persistent(broker, "s").subscribe("t", 2);
    clean("p").send(publish("a", 2, 1), publish("b", 2, 2), publish("c", 1, 3), publish("d", 2, 4));
    first.ack(PUBREC, 2).ack(PUBREC, 1).vanish();
    again().expect("PUBREL #2", "PUBREL #1", "PUBLISH t c qos1 #3 dup", "PUBLISH t d qos2 #4 dup");
  }

  @Test
  @Tag("MQTT-1.5.3-3/311")
  @Tag("MQTT-1.5.4-3/5")
  void aZeroWidthSpaceIsACharacterOfItsTopic() {
    TestClient with = clean("with").subscribe("\uFEFFt\uFEFF", 0);
    TestClient without = clean("without").subscribe("t", 0);
    clean("p").publish("\uFEFFt\uFEFF", "x");
    with.expect("PUBLISH \uFEFFt\uFEFF x");
    without.expectNothing();
  }

  // ---- retained messages

  private void retain(String payload, int qos) {
    TestClient publisher = clean("retainer").send(retained(publish(payload, qos, 1)));
    publisher.disconnect();
  }

  @Test
  @Tag("MQTT-3.3.1-5/311")
  @Tag("MQTT-3.3.1-6/311")
  @Tag("MQTT-3.3.1-8/311")
  @Tag("MQTT-3.3.1-5/5")
  void theLastRetainedMessageIsKeptWithItsQos() {
    retain("old", 2);
    retain("new", 1);
    clean("s").subscribe("t", 2).expect("PUBLISH t new qos1 #1 retain");
    retain("newer", 0); // [MQTT-3.3.1-7] of 3.1.1
    clean("late").subscribe("t", 2).expect("PUBLISH t newer retain");
  }

  @Test
  @Tag("MQTT-3.3.1-10/311")
  @Tag("MQTT-3.3.1-11/311")
  @Tag("MQTT-3.3.1-6/5")
  @Tag("MQTT-3.3.1-7/5")
  void anEmptyPayloadIsDeliveredAndClearsAndIsNotKept() {
    retain("x", 1);
    TestClient subscriber = subscriber(1).expect("PUBLISH t x qos1 #1 retain");
    retain("", 1);
    subscriber.expect("PUBLISH t qos1 #2");
    clean("late").subscribe("t", 1).expectNothing();
  }

  @Test
  @Tag("MQTT-3.3.1-9/311")
  @Tag("MQTT-3.3.1-12/311")
  @Tag("MQTT-3.3.1-8/5")
  @Tag("MQTT-3.3.1-12/5")
  void whoWasSubscribedGetsNoFlagAndAMessageWithoutItLeavesWhatIsRetained() {
    TestClient subscriber = subscriber(0);
    retain("kept", 0);
    clean("p").publish("t", "passing").publish("t", "");
    subscriber.expect("PUBLISH t kept", "PUBLISH t passing", "PUBLISH t");
    clean("late").subscribe("t", 0).expect("PUBLISH t kept retain");
  }
}
