package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ConnectionInfo;
import io.carrick.Limit;
import io.carrick.QueueInfo;
import io.carrick.SessionInfo;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MQTT 3.1.1 §3.1 and §4.1: who is let in, and what outlives a connection. */
class SessionTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private TestClient silent() {
    return TestClient.silent(broker);
  }

  // ---- clean and persistent

  @Test
  @Tag("MQTT-3.1.2-4/311")
  @Tag("MQTT-3.1.2-5/311")
  @Tag("MQTT-3.1.3-2/311")
  @Tag("MQTT-3.2.2-2/311")
  void aPersistentSessionKeepsItsSubscriptionsAndWhatCameMeanwhile() {
    silent()
        .send(connect("s").persistent().bytes())
        .expect("CONNACK 0")
        .subscribe("t", 1)
        .disconnect();
    TestClient.clean(broker, "p").publishAcked("t", "a").publishAcked("t", "b");
    silent()
        .send(connect("s").persistent().bytes())
        .expect("CONNACK 0 present", "PUBLISH t a qos1 #1", "PUBLISH t b qos1 #2");
  }

  @Test
  void aQos0MessageForAnAbsentClientIsDroppedAndCounted() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    TestClient.clean(broker, "p").publish("t", "x").expectNothing();
    TestClient.persistent(broker, "s").expectNothing();
    assertThat(broker.broker().metrics().dropped("offline")).isEqualTo(1);
  }

  @Test
  @Tag("MQTT-3.1.2-6/311")
  @Tag("MQTT-3.2.2-3/311")
  void aCleanSessionEndsWithItsConnection() {
    TestClient.clean(broker, "s").subscribe("t", 1).disconnect();
    assertThat(broker.broker().sessions()).isEmpty();
    assertThat(broker.broker().queues()).isEmpty();
    silent().send(connect("s").persistent().bytes()).expect("CONNACK 0");
  }

  @Test
  @Tag("MQTT-3.1.2-6/311")
  @Tag("MQTT-3.1.4-3/311")
  @Tag("MQTT-3.2.2-1/311")
  void aCleanConnectDiscardsThePersistentSession() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    TestClient.clean(broker, "p").publishAcked("t", "x");
    TestClient.clean(broker, "s").expectNothing().disconnect(); // [MQTT-3.1.2-6]
    silent().send(connect("s").persistent().bytes()).expect("CONNACK 0");
  }

  @Test
  void anUnsubscribedFilterIsForgottenByThePersistentSession() {
    TestClient first = TestClient.persistent(broker, "s").subscribe("t", 1).subscribe("u", 1);
    first.send(io.carrick.mqtt.codec.Packets.unsubscribe(3, "t")).expect("UNSUBACK #3");
    first.disconnect();
    TestClient.clean(broker, "p").publishAcked("t", "x").publishAcked("u", "y");
    TestClient.persistent(broker, "s").expect("PUBLISH u y qos1 #1");
  }

  @Test
  void aMessageThatWaitedAndWasNeverSentHasNoDup() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
    TestClient.clean(broker, "p").publishAcked("t", "x");
    TestClient.persistent(broker, "s").expect("PUBLISH t x qos1 #1").vanish();
    TestClient.persistent(broker, "s").expect("PUBLISH t x qos1 #1 dup");
  }

  @Test
  void sessionsAreListedWithTheirClientsOrWithout() {
    TestClient.persistent(broker, "away").subscribe("t", 1).subscribe("u", 0).disconnect();
    TestClient.clean(broker, "here");
    TestClient.clean(broker, "p").publishAcked("t", "x").disconnect();
    assertThat(broker.broker().sessions())
        .extracting(SessionInfo::name, SessionInfo::connected, SessionInfo::subscriptions)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("away", false, 2),
            org.assertj.core.groups.Tuple.tuple("here", true, 0));
    assertThat(broker.broker().queues())
        .extracting(QueueInfo::name, QueueInfo::durable, QueueInfo::ready)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("mqtt.session.away", true, 1L),
            org.assertj.core.groups.Tuple.tuple("mqtt.session.here", false, 0L));
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::name, ConnectionInfo::protocol)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("here", "MQTT 3.1.1"));
  }

  // ---- take-over

  @Test
  @Tag("MQTT-3.1.4-2/311")
  void aSecondConnectionOfAClientClosesTheFirst() {
    TestClient first = TestClient.clean(broker, "c").subscribe("t", 0);
    TestClient second = TestClient.clean(broker, "c");
    first.expectClosed(); // [MQTT-3.1.4-2]
    TestClient.clean(broker, "p").publish("t", "x");
    second.expectNothing();
    assertThat(broker.broker().connections()).hasSize(2);
  }

  @Test
  void theSecondConnectionGetsWhatTheFirstDidNotAcknowledgeInOrder() {
    TestClient first = TestClient.persistent(broker, "c").subscribe("t", 1);
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.publishAcked("t", "a").publishAcked("t", "b").publishAcked("t", "c");
    first.ack(PUBACK, 1);
    silent()
        .send(connect("c").persistent().bytes())
        .expect("CONNACK 0 present", "PUBLISH t b qos1 #2 dup", "PUBLISH t c qos1 #3 dup");
    first.expectClosed();
  }

  @Test
  @Tag("MQTT-3.1.4-2/311")
  void manyTakeOversAtOnceLeaveOneConnection() {
    TestClient[] clients = new TestClient[8];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = silent().send(connect("c").persistent().bytes());
    }
    clients[7].expect("CONNACK 0 present").subscribe("t", 1);
    TestClient.clean(broker, "p").publishAcked("t", "x");
    for (int i = 0; i < 7; i++) {
      clients[i].expectClosed();
    }
    clients[7].expect("PUBLISH t x qos1 #1");
    assertThat(broker.broker().connections()).hasSize(2);
  }

  // ---- who is let in

  @Test
  @Tag("MQTT-3.1.3-6/311")
  void aClientWithoutAnIdGetsOneOfItsOwn() {
    TestClient one = TestClient.clean(broker, "");
    TestClient other = TestClient.clean(broker, "");
    one.expectNothing();
    other.expectNothing();
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::name)
        .hasSize(2)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.startsWith("auto-"));
  }

  @Test
  @Tag("MQTT-3.1.3-8/311")
  @Tag("MQTT-3.2.2-4/311")
  @Tag("MQTT-3.2.2-5/311")
  void aPersistentSessionNeedsAnId() {
    TestClient client = silent().send(connect("").persistent().bytes());
    client.expect("CONNACK 2").expectClosed(); // [MQTT-3.1.3-8]
  }

  @Test
  void mqtt31NeedsAnId() {
    silent().send(connect("").protocol("MQIsdp", 3).bytes()).expect("CONNACK 2").expectClosed();
  }

  @Test
  @Tag("MQTT-3.1.3-9/311")
  void anIdMayHaveEveryCharacterAndTheLengthOfItsLimit() {
    TestClient.clean(broker, "zähler/#+ 7 ☃").expectNothing();
    TestClient.clean(broker, "é".repeat(512)).expectNothing();
    silent().send(connect("é".repeat(512) + "x").bytes()).expect("CONNACK 2").expectClosed();
  }

  @Test
  void aLongIdHasAQueueWhoseNameAmqpCanCarry() {
    TestClient.clean(broker, "i".repeat(1_000));
    assertThat(broker.broker().queues().get(0).name()).hasSize("mqtt.session.".length() + 32);
  }

  @Test
  void mqtt31IsSpokenWithoutSessionPresent() {
    byte[] connect = connect("old").protocol("MQIsdp", 3).persistent().bytes();
    silent().send(connect).expect("CONNACK 0").subscribe("t", 1).disconnect();
    TestClient.clean(broker, "p").publishAcked("t", "x");
    silent().send(connect).expect("CONNACK 0", "PUBLISH t x qos1 #1");
    assertThat(broker.broker().connections()).anyMatch(c -> c.protocol().equals("MQTT 3.1"));
  }

  @Test
  void anotherVersionIsRefusedInItsOwnWords() {
    silent().send(connect("c").protocol("MQTT", 3).bytes()).expect("CONNACK 1").expectClosed();
    silent().send(connect("c").protocol("MQIsdp", 9).bytes()).expect("CONNACK 1").expectClosed();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x83, 0x84, 0x85, 0, 1, 2, 6, 127, 255})
  @Tag("MQTT-3.1.2-2/311")
  @Tag("MQTT-3.2.2-4/311")
  @Tag("MQTT-3.2.2-5/311")
  @Tag("MQTT-3.1.2-2/5")
  void aLevelThatNobodySpeaksIsRefusedInTheFormOfVersion3(int level) {
    // A bridge of mosquitto tries 0x84 first, and falls back on this answer only.
    LocalPeer peer = broker.peer("mqtt");
    peer.send(connect("c").protocol("MQTT", level).bytes());
    assertThat(peer.received()).containsExactly(0x20, 2, 0, 1); // [MQTT-3.1.2-2]
    assertThat(peer.closed()).isTrue();
  }

  @Test
  @Tag("MQTT-3.2.0-1/311")
  @Tag("MQTT-3.1.4-4/311")
  void packetsBehindConnectAreDoneAfterItsAnswer() {
    silent()
        .send(connect("c").bytes(), subscribe(1, 1, "t"), publish("t", "x", 1, 2))
        .expect("CONNACK 0", "SUBACK #1 [1]", "PUBACK #2", "PUBLISH t x qos1 #1");
  }

  @Test
  void aConnectionThatEndsBeforeItsAnswerLeavesNothing() {
    TestClient client = silent();
    client.send(connect("c").bytes()).vanish();
    TestClient.silent(broker).vanish();
    assertThat(broker.broker().queues()).isEmpty();
    assertThat(broker.broker().connections()).isEmpty();
  }

  // ---- time

  @Test
  void aConnectionWithoutConnectIsClosedWhenItsTimeIsOver() {
    TestClient client = silent();
    broker.advance(Duration.ofMillis(Limit.CONNECT_TIMEOUT_MS.byDefault() - 1));
    assertThat(client.closed()).isFalse();
    broker.advance(Duration.ofMillis(1));
    client.expectClosed();
    assertThat(broker.broker().metrics().value("connections.closed{reason=connect-timeout}"))
        .isEqualTo(1);
  }

  @Test
  @Tag("MQTT-3.1.2-24/311")
  void aClientIsClosedAfterOneAndAHalfKeepAlives() {
    TestClient client = TestClient.connected(broker, connect("c").keepAlive(10));
    broker.advance(Duration.ofMillis(14_999));
    client.expectNothing(); // its PINGREQ counts
    broker.advance(Duration.ofMillis(14_999));
    assertThat(client.closed()).isFalse();
    broker.advance(Duration.ofMillis(1));
    client.expectClosed(); // [MQTT-3.1.2-24]
  }

  @Test
  void anyPacketKeepsAClientAlive() {
    TestClient client = TestClient.connected(broker, connect("c").keepAlive(1));
    for (int i = 0; i < 10; i++) {
      broker.advance(Duration.ofSeconds(1));
      client.publish("t", "x");
    }
    assertThat(client.closed()).isFalse();
  }

  @Test
  void aKeepAliveOf0NeverEnds() {
    TestClient client = TestClient.connected(broker, connect("c").keepAlive(0));
    broker.advance(Duration.ofDays(30));
    client.expectNothing();
  }
}
