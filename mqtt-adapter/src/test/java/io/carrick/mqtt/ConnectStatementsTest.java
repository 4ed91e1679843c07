package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.Packets.PINGREQ;
import static io.carrick.mqtt.codec.Packets.retained;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectionInfo;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What both versions say of CONNECT, sessions, wills and the keep-alive, in both. */
@ParameterizedClass(name = "{0}")
@EnumSource
class ConnectStatementsTest {

  private static final String LETTERS_AND_DIGITS =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  private final Version version;

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  ConnectStatementsTest(Version version) {
    this.version = version;
  }

  private TestClient clean(String id) {
    return version.clean(broker, id);
  }

  private TestClient persistent(String id) {
    return version.persistent(broker, id);
  }

  /** A client with the session that it has had before. */
  private TestClient again(String id) {
    TestClient client = version.silent(broker).send(version.connect(id, true));
    assertThat(client.next()).isEqualTo("CONNACK 0 present");
    return client;
  }

  private TestClient connected(byte[] connect) {
    return version.silent(broker).send(connect).expect("CONNACK 0");
  }

  // ---- CONNECT and CONNACK

  @Test
  @Tag("MQTT-3.2.0-1/311")
  @Tag("MQTT-3.1.4-4/311")
  @Tag("MQTT-3.2.0-1/5")
  @Tag("MQTT-3.1.4-5/5")
  @Tag("MQTT-3.2.0-2/5")
  void connackComesBeforeAnythingElseAndOnce() {
    persistent("c").subscribe("t", 1).disconnect();
    clean("p").publishAcked("t", "waits");
    TestClient client = version.silent(broker);

    client.send(
        version.connect("c", true),
        PINGREQ,
        version.subscribe(1, 0, "u"),
        version.publish("u", "x", 1, 2));

    assertThat(client.next()).isEqualTo("CONNACK 0 present");
    assertThat(client.received())
        .containsExactlyInAnyOrder(
            "PUBLISH t waits qos1 #1", "PINGRESP", "SUBACK #1 [0]", "PUBACK #2", "PUBLISH u x");
  }

  @Test
  @Tag("MQTT-3.1.3-5/311")
  @Tag("MQTT-3.1.3-5/5")
  void everyIdOfLettersAndDigitsIsTaken() {
    for (int length = 1; length <= 23; length++) {
      for (int from = 0; from < LETTERS_AND_DIGITS.length(); from += length) {
        String id = (LETTERS_AND_DIGITS + LETTERS_AND_DIGITS).substring(from, from + length);
        clean(id).disconnect();
      }
    }
  }

  @Test
  @Tag("MQTT-3.1.3-6/311")
  @Tag("MQTT-3.1.3-6/5")
  void whoHasNoIdGetsOneOfItsOwn() {
    TestClient one = clean("").subscribe("t", 0);
    TestClient other = clean("").subscribe("t", 0);

    one.publish("t", "x").expect("PUBLISH t x");
    other.expect("PUBLISH t x");
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::name)
        .hasSize(2)
        .doesNotHaveDuplicates()
        .doesNotContain("");
  }

  @Test
  @Tag("MQTT-3.12.4-1/311")
  @Tag("MQTT-3.12.4-1/5")
  void aPingIsAnsweredAndSoIsEachOfMany() {
    clean("c")
        .send(PINGREQ)
        .expect("PINGRESP")
        .send(PINGREQ, PINGREQ)
        .expect("PINGRESP", "PINGRESP");
  }

  // ---- sessions

  @Test
  @Tag("MQTT-3.1.2-4/311")
  @Tag("MQTT-3.1.2-5/311")
  @Tag("MQTT-3.1.3-2/311")
  @Tag("MQTT-3.2.2-2/311")
  @Tag("MQTT-3.2.2-3/311")
  @Tag("MQTT-3.1.2-5/5")
  @Tag("MQTT-3.1.2-6/5")
  @Tag("MQTT-3.1.2-23/5")
  @Tag("MQTT-3.1.3-2/5")
  @Tag("MQTT-3.2.2-3/5")
  void aSessionIsMadeOnceAndFoundAgainByItsIdWithWhatCameMeanwhile() {
    persistent("s").subscribe("t", 1).disconnect();
    persistent("other").subscribe("u", 1).disconnect();
    clean("p").publishAcked("t", "a").publishAcked("u", "b");

    again("s").expect("PUBLISH t a qos1 #1");
    again("other").expect("PUBLISH u b qos1 #1");
  }

  @Test
  @Tag("MQTT-3.1.2-6/311")
  @Tag("MQTT-3.1.4-3/311")
  @Tag("MQTT-3.2.2-1/311")
  @Tag("MQTT-3.1.2-4/5")
  @Tag("MQTT-3.1.4-4/5")
  @Tag("MQTT-3.2.2-2/5")
  void aCleanStartBeginsWithoutWhatWasThere() {
    persistent("s").subscribe("t", 1).disconnect();
    clean("p").publishAcked("t", "x");

    TestClient next = clean("s").expectNothing();
    clean("p").publishAcked("t", "y");

    next.expectNothing();
    next.disconnect();
    persistent("s").expectNothing();
  }

  @Test
  @Tag("MQTT-4.1.0-2/311")
  @Tag("MQTT-4.1.0-1/5")
  @Tag("MQTT-3.2.2-22/5")
  void aSessionLastsAsLongAsItsConnection() {
    TestClient client = connected(version.connect("c", 0)).subscribe("t", 1);
    broker.advance(Duration.ofDays(365));
    clean("p").publishAcked("t", "x");
    client.expect("PUBLISH t x qos1 #1");
  }

  @Test
  @Tag("MQTT-3.1.2.7/311")
  void aRetainedMessageOutlivesTheSessionOfItsPublisher() {
    clean("p").send(retained(version.publish("t", "x", 1, 1))).expect("PUBACK #1").disconnect();
    assertThat(broker.broker().sessions()).isEmpty();
    clean("s").subscribe("t", 0).expect("PUBLISH t x retain");
  }

  // ---- keep-alive

  @Test
  @Tag("MQTT-3.1.2-24/311")
  @Tag("MQTT-3.1.2-22/5")
  void oneAndAHalfKeepAlivesOfSilenceEndTheConnectionAsALossOfIt() {
    TestClient watcher = connected(version.connect("w", 0)).subscribe("will", 0);
    TestClient client = connected(version.connectWithWill("c", "gone", 0, false));
    broker.advance(Duration.ofMillis(89_999));
    client.expectNothing(); // whose PINGREQ counts
    broker.advance(Duration.ofMillis(89_999));
    watcher.expectNothing();
    broker.advance(Duration.ofMillis(1));
    client.expectClosed();
    watcher.expect("PUBLISH will gone");
  }

  // ---- wills

  @Test
  @Tag("MQTT-3.1.2-8/311")
  @Tag("MQTT-3.1.2-16/311")
  @Tag("MQTT-3.1.2-7/5")
  @Tag("MQTT-3.1.2-8/5")
  @Tag("MQTT-3.1.2-14/5")
  void aLostConnectionPublishesItsWillAtItsQosAndRetainsNothing() {
    TestClient watcher = clean("w").subscribe("will", 2);
    for (int qos = 0; qos <= 2; qos++) {
      connected(version.connectWithWill("c", "gone" + qos, qos, false)).vanish();
    }
    watcher.expect(
        "PUBLISH will gone0", "PUBLISH will gone1 qos1 #1", "PUBLISH will gone2 qos2 #2");
    clean("late").subscribe("will", 2).expectNothing();
  }

  @Test
  @Tag("MQTT-3.1.2-17/311")
  @Tag("MQTT-3.1.2-15/5")
  void aWillToBeRetainedIs() {
    TestClient watcher = clean("w").subscribe("will", 1);
    connected(version.connectWithWill("c", "gone", 1, true)).vanish();
    watcher.expect("PUBLISH will gone qos1 #1").ack(PUBACK, 1);
    clean("late").subscribe("will", 1).expect("PUBLISH will gone qos1 #1 retain");
  }

  @Test
  @Tag("MQTT-3.1.2-10/311")
  @Tag("MQTT-3.14.4-3/311")
  @Tag("MQTT-3.1.2-10/5")
  @Tag("MQTT-3.14.4-3/5")
  void aWillIsGoneAfterADisconnectAndAfterItWasPublished() {
    TestClient watcher = clean("w").subscribe("#", 0);
    connected(version.connectWithWill("c", "gone", 0, false)).disconnect();
    watcher.expectNothing();
    connected(version.connectWithWill("c", "gone", 0, false)).vanish();
    watcher.expect("PUBLISH will gone");
    clean("c").vanish();
    watcher.expectNothing();
  }

  @Test
  @Tag("MQTT-3.1.2-12/311")
  void withoutAWillNoneIsPublished() {
    TestClient watcher = clean("w").subscribe("#", 0);
    clean("c").vanish();
    persistent("d").vanish();
    watcher.expectNothing();
  }
}
