package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.retained;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients of version 3 and of version 5 with the same messages, and with the same session. */
class VersionsMeetTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private TestClient five(ConnectBuilder connect) {
    return TestClient.five(broker, connect.keepAlive(0));
  }

  private TestClient three(String id) {
    return TestClient.connected(broker, Packets.connect(id).keepAlive(0));
  }

  private static byte[] persistent(Version version) {
    return version.connect("s", true);
  }

  // ---- messages

  @Test
  void aSubscriberOfVersion3GetsTheMessageAndNoProperties() {
    TestClient subscriber = three("s").subscribe("t", 2);
    five(Packets5.connect("p"))
        .send(
            Packets5.publish(
                "t",
                "x",
                2,
                1,
                Properties5.user("k", "v"),
                Properties5.topicAlias(1),
                Properties5.contentType("text"),
                Properties5.messageExpiry(9)))
        .expect("PUBREC #1")
        .send(Packets5.publish("", "y", Properties5.topicAlias(1)));
    subscriber.expect("PUBLISH t x qos2 #1", "PUBLISH t y");
  }

  @Test
  void aSubscriberOfVersion5GetsAMessageOfVersion3WithoutPropertiesButItsIdentifier() {
    TestClient subscriber = five(Packets5.connect("s"));
    subscriber.send(Packets5.subscribe(1, Properties5.subscriptionId(3), "t", 1));
    subscriber.expect("SUBACK #1 [1]");
    three("p").send(Packets.publish("t", "x", 2, 1)).expect("PUBREC #1");
    subscriber.expect("PUBLISH t x qos1 #1 {subscription=3}");
  }

  @Test
  void aMessageExpiresForASubscriberOfVersion3Too() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    five(Packets5.connect("p"))
        .send(Packets5.publish("t", "old", 1, 1, Properties5.messageExpiry(10)))
        .send(Packets5.publish("t", "kept", 1, 2))
        .received();
    broker.advance(Duration.ofSeconds(11));
    TestClient.persistent(broker, "s").expect("PUBLISH t kept qos1 #1");
  }

  @Test
  void whatIsRetainedAndWhatIsLeftBehindCrossesTheVersions() {
    five(Packets5.connect("p").will("will", "of five", 0, false, Properties5.user("k", "v")))
        .send(retained(Packets5.publish("r", "kept", Properties5.contentType("text"))))
        .vanish();
    TestClient old = three("s").subscribe("r", 0).expect("PUBLISH r kept retain");
    old.subscribe("will", 0);
    five(Packets5.connect("q").will("will", "again", 0, false, Properties5.user("k", "v")))
        .vanish();
    old.expect("PUBLISH will again");
    TestClient young = five(Packets5.connect("y")).subscribe("will", 0);
    TestClient.connected(broker, Packets.connect("z").will("will", "of three", 0, false)).vanish();
    young.expect("PUBLISH will of three");
  }

  @Test
  void whatTheBrokerRefusesEachVersionHearsInItsOwnWay() {
    three("p").send(Packets.publish("$SYS/x", "x", 1, 1)).expect().expectClosed();
    TestClient young = five(Packets5.connect("q")).send(Packets5.publish("$SYS/x", "x", 1, 1));
    assertThat(young.next()).startsWith("PUBACK #1 0x90");
    young.expectNothing();
  }

  // ---- a session that goes from one version to the other

  @ParameterizedTest(name = "made by {0}")
  @EnumSource
  void aSessionGoesOnInTheOtherVersion(Version made) {
    Version other = made == Version.MQTT_5 ? Version.MQTT_3_1_1 : Version.MQTT_5;
    made.persistent(broker, "s").subscribe("t", 2).disconnect();
    made.clean(broker, "p").publishAcked("t", "waits");

    TestClient next = other.silent(broker).send(persistent(other));
    next.expect("CONNACK 0 present", "PUBLISH t waits qos1 #1").ack(PUBACK, 1);
    made.clean(broker, "p").send(made.publish("t", "half", 2, 1)).expect("PUBREC #1");
    next.expect("PUBLISH t half qos2 #2").ack(PUBREC, 2).expect("PUBREL #2").vanish();

    TestClient back = made.silent(broker).send(persistent(made));
    back.expect("CONNACK 0 present", "PUBREL #2").ack(PUBCOMP, 2).expectNothing();
  }

  @ParameterizedTest(name = "begun by {0}")
  @EnumSource
  void aPublishersExchangeGoesOnInTheOtherVersion(Version made) {
    Version other = made == Version.MQTT_5 ? Version.MQTT_3_1_1 : Version.MQTT_5;
    TestClient subscriber = three("w").subscribe("t", 0);
    made.persistent(broker, "s").send(made.publish("t", "x", 2, 7)).expect("PUBREC #7").vanish();

    TestClient next = other.silent(broker).send(persistent(other)).expect("CONNACK 0 present");

    next.send(Packets.dup(other.publish("t", "x", 2, 7))).expect("PUBREC #7");
    next.ack(PUBREL, 7).expect("PUBCOMP #7");
    subscriber.expect("PUBLISH t x");
  }

  @Test
  void optionsOfASubscriptionStayWithASessionThatVersion3GoesOnWith() {
    TestClient first = five(Packets5.connect("s").persistent());
    first.send(Packets5.subscribe(1, Properties5.subscriptionId(5), "t", 0x04 | 0x08 | 1));
    first.expect("SUBACK #1 [1]").disconnect();

    TestClient old = TestClient.silent(broker).send(persistent(Version.MQTT_3_1_1));
    old.expect("CONNACK 0 present");
    old.send(Packets.publish("t", "own", 1, 1)).expect("PUBACK #1"); // No Local
    three("p").send(retained(Packets.publish("t", "x", 1, 1))).expect("PUBACK #1");
    old.expect("PUBLISH t x qos1 #1 retain").ack(PUBACK, 1).disconnect(); // Retain As Published

    TestClient young = TestClient.five(broker).send(persistent(Version.MQTT_5));
    assertThat(young.next()).startsWith("CONNACK 0 present");
    three("q").publish("t", "y");
    young.expect("PUBLISH t y {subscription=5}");
  }

  @Test
  void whatVersion5HasLetEndIsNotKeptByVersion3() {
    five(Packets5.connect("s").with(Properties5.sessionExpiry(10))).subscribe("t", 1).disconnect();
    broker.advance(Duration.ofSeconds(11));
    TestClient.silent(broker).send(persistent(Version.MQTT_3_1_1)).expect("CONNACK 0").disconnect();
    broker.advance(Duration.ofDays(300));
    TestClient.silent(broker).send(persistent(Version.MQTT_3_1_1)).expect("CONNACK 0 present");
  }

  @Test
  void aTakeOverAcrossVersionsTellsWhoCanHearIt() {
    TestClient old = three("c");
    TestClient young = five(Packets5.connect("c"));
    old.expect().expectClosed();
    three("c").expectNothing();
    assertThat(young.next()).startsWith("DISCONNECT 0x8E");
    young.expectClosed();
  }
}
