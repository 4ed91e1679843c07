package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.Packets.retained;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What both versions say of SUBSCRIBE, UNSUBSCRIBE and topics, in both. */
@ParameterizedClass(name = "{0}")
@EnumSource
class SubscribeStatementsTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.TOPIC || !what.name().startsWith("secret")))
          .inTestThread();

  private final Version version;

  SubscribeStatementsTest(Version version) {
    this.version = version;
  }

  private TestClient clean(String id) {
    return version.clean(broker, id);
  }

  private byte[] subscribe(int packetId, int qos, String... filters) {
    return version.subscribe(packetId, qos, filters);
  }

  private byte[] unsubscribe(int packetId, String... filters) {
    return version.unsubscribe(packetId, filters);
  }

  // ---- topics

  @ParameterizedTest(name = "{0} matches {1}: {2}")
  @CsvSource({
    "t/a, t/a, true",
    "t/a, t/A, false",
    "t/a, /t/a, false",
    "t/a, t/a/, false",
    "t//a, t/a, false",
    "t/+, t/a, true",
    "t/+, t/, true",
    "t/+, t, false",
    "+/+, /a, true",
    "t/#, t, true",
    "t/#, t/a/b, true",
    "t/#, ta, false",
    "#, t/a, true",
    "#, $t/a, false",
    "+/a, $t/a, false",
    "$t/#, $t/a, true",
    "é, é, true",
    "\u00E9, e\u0301, false",
  })
  @Tag("MQTT-3.3.2-3/311")
  @Tag("MQTT-3.8.3-2/311")
  @Tag("MQTT-4.7.1-1/311")
  @Tag("MQTT-4.7.1-2/311")
  @Tag("MQTT-4.7.1-3/311")
  @Tag("MQTT-4.7.2-1/311")
  @Tag("MQTT-4.7.3-4/311")
  @Tag("MQTT-3.3.2-3/5")
  @Tag("MQTT-4.7.0-1/5")
  @Tag("MQTT-4.7.1-1/5")
  @Tag("MQTT-4.7.1-2/5")
  @Tag("MQTT-4.7.2-1/5")
  @Tag("MQTT-4.7.3-4/5")
  void aFilterMatchesWhatTheClauseSaysAndNothingElse(String filter, String topic, boolean matches) {
    TestClient subscriber = clean("s").subscribe(filter, 0);
    clean("p").publish(topic, "x").expectNothing();
    assertThat(subscriber.received())
        .isEqualTo(matches ? List.of("PUBLISH " + topic + " x") : List.of());
  }

  @Test
  @Tag("MQTT-4.7.3-1/311")
  @Tag("MQTT-4.7.3-3/311")
  @Tag("MQTT-4.7.3-1/5")
  @Tag("MQTT-4.7.3-3/5")
  void topicsHaveOneByteAtLeastAndTheMostThatALengthCanSay() {
    for (String topic : List.of("t", "t".repeat(65_535))) {
      TestClient subscriber = clean("s").subscribe(topic, 0);
      clean("p").publish(topic, "x");
      assertThat(subscriber.next().equals("PUBLISH " + topic + " x")).isTrue();
    }
  }

  // ---- SUBSCRIBE

  @Test
  @Tag("MQTT-2.3.1-7/311")
  @Tag("MQTT-3.8.4-1/311")
  @Tag("MQTT-3.8.4-2/311")
  @Tag("MQTT-3.8.4-5/311")
  @Tag("MQTT-3.9.3-1/311")
  @Tag("MQTT-3.9.3-2/311")
  @Tag("MQTT-2.2.1-6/5")
  @Tag("MQTT-3.8.4-1/5")
  @Tag("MQTT-3.8.4-2/5")
  @Tag("MQTT-3.8.4-6/5")
  @Tag("MQTT-3.8.4-7/5")
  @Tag("MQTT-3.9.3-1/5")
  @Tag("MQTT-3.9.3-2/5")
  @Tag("MQTT-3.2.2-10/5")
  void eachFilterHasItsCodeInItsPlaceUnderTheIdentifierOfThePacket() {
    TestClient client = clean("s");
    for (int qos = 0; qos <= 2; qos++) {
      int refused = version == Version.MQTT_5 ? 0x87 : 0x80;
      client
          .send(subscribe(65_533 + qos, qos, "a", "secret/x", "b"))
          .expect("SUBACK #" + (65_533 + qos) + " [" + qos + ", " + refused + ", " + qos + "]");
    }
    clean("p").publishAcked("a", "x");
    client.expect("PUBLISH a x qos1 #1");
  }

  @Test
  @Tag("MQTT-3.8.4-3/311")
  @Tag("MQTT-3.8.4-3/5")
  @Tag("MQTT-3.8.4-4/5")
  void theSameFilterAgainReplacesBringsRetainedMessagesAndLosesNone() {
    clean("p").send(retained(version.publish("t", "kept", 0, 0)));
    TestClient subscriber = clean("s").subscribe("t", 2).expect("PUBLISH t kept retain");
    subscriber.send(
        version.publish("t", "before", 1, 1),
        subscribe(2, 0, "t"),
        version.publish("t", "behind", 1, 3));
    assertThat(subscriber.received())
        .containsExactlyInAnyOrder(
            "PUBACK #1",
            "PUBLISH t before qos1 #1",
            "SUBACK #2 [0]",
            "PUBLISH t kept retain",
            "PUBACK #3",
            "PUBLISH t behind");
  }

  @Test
  @Tag("MQTT-3.8.4-4/311")
  @Tag("MQTT-3.8.4-5/5")
  void manyFiltersInOnePacketAreAsManySubscribes() {
    clean("p").send(retained(version.publish("t", "kept", 0, 0)));
    TestClient subscriber = clean("s");
    subscriber.send(subscribe(3, 1, "u", "t", "t"));
    subscriber.expect("SUBACK #3 [1, 1, 1]", "PUBLISH t kept retain", "PUBLISH t kept retain");
    clean("q").publishAcked("u", "x").publishAcked("t", "y");
    subscriber.expect("PUBLISH u x qos1 #1", "PUBLISH t y qos1 #2");
  }

  @ParameterizedTest(name = "published {0}, granted {1}")
  @CsvSource({"0,0,0", "0,1,0", "0,2,0", "1,0,0", "1,1,1", "1,2,1", "2,0,0", "2,1,1", "2,2,2"})
  @Tag("MQTT-3.8.4-6/311")
  @Tag("MQTT-3.8.4-8/5")
  void aMessageComesAtTheLowerQos(int published, int granted, int delivered) {
    TestClient subscriber = clean("s").subscribe("t", granted);
    clean("p").send(version.publish("t", "x", published, 1));
    subscriber.expect("PUBLISH t x" + (delivered == 0 ? "" : " qos" + delivered + " #1"));
  }

  @Test
  @Tag("MQTT-3.3.5-1/311")
  @Tag("MQTT-3.3.4-2/5")
  void overlappingFiltersDeliverAtTheHighestOfTheirQos() {
    TestClient subscriber = clean("s").subscribe("t/+", 1).subscribe("t/a", 0).subscribe("#", 2);
    clean("p").send(version.publish("t/a", "x", 2, 1)).expect("PUBREC #1");
    subscriber.expect("PUBLISH t/a x qos2 #1");
  }

  // ---- UNSUBSCRIBE

  @Test
  @Tag("MQTT-2.3.1-7/311")
  @Tag("MQTT-3.10.4-1/311")
  @Tag("MQTT-3.10.4-2/311")
  @Tag("MQTT-3.10.4-4/311")
  @Tag("MQTT-3.10.4-5/311")
  @Tag("MQTT-3.10.4-6/311")
  @Tag("MQTT-2.2.1-6/5")
  @Tag("MQTT-3.10.4-1/5")
  @Tag("MQTT-3.10.4-2/5")
  @Tag("MQTT-3.10.4-4/5")
  @Tag("MQTT-3.10.4-5/5")
  @Tag("MQTT-3.10.4-6/5")
  void filtersAreEndedByTheirTextAndNotByWhatTheyMatch() {
    TestClient subscriber = clean("s").subscribe("t/a", 0).subscribe("t/+", 0).subscribe("u", 0);
    TestClient publisher = clean("p");
    subscriber.send(unsubscribe(65_535, "t/#", "T/a")).expect("UNSUBACK #65535");
    publisher.publish("t/a", "1");
    subscriber.expect("PUBLISH t/a 1");
    subscriber.send(unsubscribe(2, "u", "t/+")).expect("UNSUBACK #2");
    publisher.publish("t/b", "2").publish("u", "3").publish("t/a", "4");
    subscriber.expect("PUBLISH t/a 4");
    subscriber.send(unsubscribe(3, "t/a")).expect("UNSUBACK #3");
    publisher.publish("t/a", "5");
    subscriber.expectNothing();
  }

  @Test
  @Tag("MQTT-3.10.4-3/311")
  @Tag("MQTT-3.10.4-3/5")
  void whatIsUnderWayWhenItsFilterGoesIsFinishedOverAReconnectToo() {
    TestClient first = version.persistent(broker, "s").subscribe("t", 2);
    clean("p").send(version.publish("t", "x", 1, 1), version.publish("t", "y", 2, 2));
    first.expect("PUBLISH t x qos1 #1", "PUBLISH t y qos2 #2");
    first.send(unsubscribe(3, "t")).expect("UNSUBACK #3");
    first.ack(PUBREC, 2).expect("PUBREL #2").vanish();
    TestClient next = version.silent(broker).send(version.connect("s", true));
    next.expect("CONNACK 0 present", "PUBREL #2", "PUBLISH t x qos1 #1 dup");
    next.ack(PUBCOMP, 2).ack(PUBACK, 1).expectNothing();
  }
}
