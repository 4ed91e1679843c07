package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static io.carrick.mqtt.codec.Packets.subscribeEach;
import static io.carrick.mqtt.codec.Packets.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.SessionInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT 3.1.1 §3.8, §3.10 and §4.7: who gets what. */
class SubscriptionTest {

  private static final int LEVELS = 8;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .limits(
                      Limits.defaults()
                          .with(Limit.TOPIC_LEVELS, LEVELS)
                          .with(Limit.SESSION_SUBSCRIPTIONS, 3))
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.TOPIC || !what.name().startsWith("secret")))
          .inTestThread();

  private TestClient client(String id) {
    return TestClient.clean(broker, id);
  }

  // ---- which topics a filter matches

  @ParameterizedTest(name = "{0} matches {1}: {2}")
  @CsvSource({
    "a/b, a/b, true",
    "a/b, a/B, false",
    "a/b, a, false",
    "a/b, a/b/, false",
    "a/b, /a/b, false",
    "+, a, true",
    "+, a/b, false",
    "+, /a, false",
    "+/+, /a, true",
    "/+, /a, true",
    "/+, /, true",
    "+/b/+, a/b/c, true",
    "+/b/+, a/b/, true",
    "+/b/+, /b/, true",
    "+/b/+, a/b, false",
    "a/+, a/, true",
    "a//b, a//b, true",
    "a/+/b, a//b, true",
    "a/#, a, true",
    "a/#, a/, true",
    "a/#, a/b/c, true",
    "a/#, ab, false",
    "#, a, true",
    "#, /, true",
    "#, /a/b, true",
    "+/#, a, true",
    "+/#, a/b/c, true",
    "/#, a, false",
    "/#, /a, true",
    "#, $a/b, false",
    "+/b, $a/b, false",
    "+/#, $a/b, false",
    "$a/#, $a/b, true",
    "$a/+, $a/b, true",
    "a/#, a/$b, true",
    "a/+, a/$b, true",
    "*, *, true",
    "*, a, false",
    "a.b, a.b, true",
    "a.b, a/b, false",
    "äöü/☃, äöü/☃, true",
    "a b, a b, true",
  })
  @Tag("MQTT-3.3.2-3/311")
  @Tag("MQTT-3.8.3-2/311")
  @Tag("MQTT-4.7.1-2/311")
  @Tag("MQTT-4.7.1-3/311")
  @Tag("MQTT-4.7.2-1/311")
  @Tag("MQTT-4.7.3-4/311")
  void aFilterMatchesWhatTheClauseSays(String filter, String topic, boolean matches) {
    TestClient subscriber = client("s").subscribe(filter, 0); // [MQTT-4.7.1-1] to [MQTT-4.7.3-4]
    client("p").publish(topic, "x").expectNothing();
    assertThat(subscriber.received())
        .isEqualTo(matches ? List.of("PUBLISH " + topic + " x") : List.of());
  }

  @Test
  void clientsMayNotPublishWhereTheBrokerSpeaks() {
    TestClient one = client("a");
    one.publish("$SYS/broker", "x").expectClosed(); // [MQTT-4.7.2-1]
    TestClient other = client("b");
    other.publish("$share/g/t", "x").expectClosed();
    client("c").publish("$SYSTEM/x", "x").expectNothing();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$SYS",
        "$SYS/",
        "$SYS/broker/connection",
        "$SYS/broker/other/x",
        "$share",
        "$share/"
      })
  void aTopicOfTheBrokersClosesItsPublisherAtEveryQos(String topic) {
    for (int qos = 0; qos <= 2; qos++) {
      client("p" + qos).send(publish(topic, "x", qos, qos)).expect().expectClosed(); // MAP-7
    }
  }

  @Test
  void aBridgeMaySayWhetherItIsConnected() {
    String state = "$SYS/broker/connection/bridge/state";
    TestClient subscriber = client("s").subscribe("$SYS/broker/connection/#", 1);
    TestClient bridge =
        TestClient.connected(
            broker, io.carrick.mqtt.codec.Packets.connect("bridge").will(state, "0", 1, true));
    bridge.publishAcked(state, "1");
    bridge.vanish();
    subscriber.expect("PUBLISH " + state + " 1 qos1 #1", "PUBLISH " + state + " 0 qos1 #2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$share//t",
        "$share/g",
        "$share/g/",
        "$share",
        "$share/+/t",
        "$share/g/$share/h/t",
        "$share/g/$queue/q",
        "$queue/q",
        "$queue",
        "$queue/",
        "$queue/#"
      })
  void aFilterForWhatIsNotThereIsRefused(String filter) {
    TestClient client = client("s");
    client.send(subscribe(7, 1, "a", filter)).expect("SUBACK #7 [1, 128]"); // MAP-8, MAP-38
    client.send(unsubscribe(8, filter)).expect("UNSUBACK #8");
    client.send(subscribe(9, 1, "$shared/x", "$")).expect("SUBACK #9 [1, 1]");
  }

  @Test
  void aRefusalInVersion3Point1HasTheSameCode() {
    TestClient client =
        TestClient.connected(
            broker, io.carrick.mqtt.codec.Packets.connect("old").protocol("MQIsdp", 3));
    client.send(subscribe(7, 1, "$share/g", "a")).expect("SUBACK #7 [128, 1]");
  }

  // ---- subscriptions

  @Test
  @Tag("MQTT-2.3.1-7/311")
  @Tag("MQTT-3.8.4-1/311")
  @Tag("MQTT-3.8.4-2/311")
  @Tag("MQTT-3.8.4-5/311")
  @Tag("MQTT-3.9.3-1/311")
  void eachFilterIsAnsweredInItsPlace() {
    TestClient client = client("s");
    client.send(subscribeEach(7, "a", 0, "b", 2, "c", 1));
    client.expect("SUBACK #7 [0, 2, 1]"); // [MQTT-3.8.4-5]
  }

  @Test
  @Tag("MQTT-3.3.5-1/311")
  void oneCopyComesThroughOverlappingFiltersWithTheirHighestQos() {
    TestClient subscriber = client("s").subscribe("a/+", 1).subscribe("a/b", 0).subscribe("#", 2);
    TestClient publisher = client("p");
    publisher.send(publish("a/b", "x", 2, 1)).expect("PUBREC #1");
    subscriber.expect("PUBLISH a/b x qos2 #1"); // [MQTT-3.3.5-1]
    publisher.publishAcked("a/c", "y");
    subscriber.expect("PUBLISH a/c y qos1 #2");
  }

  @Test
  @Tag("MQTT-3.8.4-3/311")
  void aSecondSubscriptionWithTheSameFilterReplacesTheFirst() {
    TestClient subscriber = client("s").subscribe("t", 2).subscribe("t", 0);
    TestClient publisher = client("p");
    publisher.publishAcked("t", "x");
    subscriber.expect("PUBLISH t x"); // [MQTT-3.8.4-3]
    subscriber.subscribe("t", 1);
    publisher.publishAcked("t", "y");
    subscriber.expect("PUBLISH t y qos1 #1");
    assertThat(broker.broker().sessions())
        .filteredOn(s -> s.name().equals("s"))
        .extracting(SessionInfo::subscriptions)
        .containsExactly(1);
  }

  @Test
  @Tag("MQTT-3.8.4-4/311")
  void oneSubscribeMayNameAFilterTwiceAndTheLastCounts() {
    TestClient subscriber = client("s");
    subscriber.send(subscribeEach(7, "t", 2, "t", 0)).expect("SUBACK #7 [2, 0]");
    client("p").publishAcked("t", "x");
    subscriber.expect("PUBLISH t x");
  }

  @Test
  @Tag("MQTT-2.3.1-7/311")
  @Tag("MQTT-3.10.4-1/311")
  @Tag("MQTT-3.10.4-2/311")
  @Tag("MQTT-3.10.4-4/311")
  @Tag("MQTT-3.10.4-5/311")
  @Tag("MQTT-3.10.4-6/311")
  void anUnsubscribedFilterDeliversNoMore() {
    TestClient subscriber = client("s").subscribe("t", 1).subscribe("+", 1);
    subscriber.send(unsubscribe(3, "t", "nothing/of/mine")).expect("UNSUBACK #3");
    TestClient publisher = client("p");
    publisher.publishAcked("t", "x");
    subscriber.expect("PUBLISH t x qos1 #1"); // by the other one
    subscriber.send(unsubscribe(4, "+")).expect("UNSUBACK #4");
    publisher.publishAcked("t", "y");
    subscriber.expectNothing();
  }

  @Test
  void whatIsUnderWayWhenAFilterGoesIsStillFinished() {
    TestClient subscriber = client("s").subscribe("t", 1);
    client("p").publishAcked("t", "x");
    subscriber.expect("PUBLISH t x qos1 #1");
    subscriber.send(unsubscribe(3, "t")).expect("UNSUBACK #3"); // [MQTT-3.10.4-3]
    subscriber.ack(io.carrick.mqtt.codec.PacketType.PUBACK, 1).expectNothing();
  }

  @Test
  void aPublisherGetsItsOwnMessagesIfItSubscribes() {
    client("c").subscribe("t", 0).publish("t", "x").expect("PUBLISH t x");
  }

  // ---- refusals

  @Test
  @Tag("MQTT-3.8.4-5/311")
  @Tag("MQTT-3.9.3-2/311")
  void aFilterThatIsNotAllowedIsRefusedAndTheOthersAreNot() {
    TestClient client = client("s");
    client.send(subscribeEach(7, "a", 1, "secret/x", 1, "b", 0));
    client.expect("SUBACK #7 [1, 128, 0]"); // [MQTT-3.9.3-2]
    client("p").publishAcked("a", "x");
    client.expect("PUBLISH a x qos1 #1");
  }

  @Test
  void aFilterOfTooManyLevelsIsRefused() {
    String most = "/".repeat(LEVELS - 1);
    client("s").send(subscribeEach(7, most, 0, most + "/", 0)).expect("SUBACK #7 [0, 128]");
  }

  @Test
  void aSessionHasSoManySubscriptionsAndNoMore() {
    client("s")
        .send(subscribe(7, 0, "1", "2", "3", "4"))
        .expect("SUBACK #7 [0, 0, 0, 128]")
        .send(subscribe(8, 1, "3"))
        .expect("SUBACK #8 [1]");
  }

  @Test
  @Tag("MQTT-4.7.1-2/311")
  @Tag("MQTT-4.8.0-1/311")
  void aFilterThatIsNoFilterClosesTheConnectionAndIsCounted() {
    TestClient client = client("s");
    client.send(subscribe(7, 0, "a/#/b")).expect().expectClosed(); // [MQTT-4.7.1-2]
    assertThat(broker.broker().metrics().value("packets.malformed{protocol=mqtt}")).isEqualTo(1);
  }

  @Test
  @Tag("MQTT-3.3.5-2/311")
  void aTopicThatIsNotAllowedClosesThePublisher() {
    TestClient client = client("p");
    client.send(publish("secret/x", "x", 1, 1)).expect().expectClosed(); // [MQTT-3.3.5-2]
    assertThat(broker.broker().metrics().value("messages.refused")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {LEVELS + 1, 129, 200, 32_768, 65_536})
  @Tag("MQTT-4.7.3-3/311")
  void aTopicMayHaveAsManyLevelsAsFitItsBytes(int levels) {
    String topic = "/".repeat(levels - 1); // [MQTT-4.7.3-3]
    TestClient all = client("all").subscribe("#", 1);
    TestClient below = client("below").subscribe("/+/#", 0);
    TestClient other = client("other").subscribe("+/".repeat(LEVELS - 1) + "+", 0);
    TestClient publisher = client("p");

    publisher.send(io.carrick.mqtt.codec.Packets.retained(publish(topic, "x", 1, 1)));

    publisher.expect("PUBACK #1");
    expectOne(all, "PUBLISH " + topic + " x qos1 #1");
    expectOne(below, "PUBLISH " + topic + " x");
    other.expectNothing();
    expectOne(client("late").subscribe("/#", 0), "PUBLISH " + topic + " x retain");
    publisher.send(io.carrick.mqtt.codec.Packets.retained(publish(topic, "", 1, 2)));
    client("later").subscribe("/#", 0).expectNothing();
  }

  /** Expects one packet, which a failure does not show: it may be long. */
  private static void expectOne(TestClient client, String packet) {
    List<String> received = client.received();
    assertThat(received).hasSize(1);
    assertThat(received.get(0).equals(packet))
        .as("the packet of %d characters", packet.length())
        .isTrue();
  }
}
