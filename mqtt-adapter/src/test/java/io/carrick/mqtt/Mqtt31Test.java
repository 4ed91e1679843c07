package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.dup;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static io.carrick.mqtt.codec.Packets.unsubscribe;
import static io.carrick.mqtt.codec.Packets.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets.ConnectBuilder;
import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where MQTT 3.1 differs from 3.1.1, and where we differ from 3.1 (docs/mqtt.md, Deviations). */
class Mqtt31Test {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private static ConnectBuilder old(String clientId) {
    return connect(clientId).protocol("MQIsdp", 3);
  }

  @Test
  void aSessionIsResumedThoughConnackDoesNotSaySo() {
    byte[] connect = old("s").persistent().bytes();
    TestClient.silent(broker).send(connect).expect("CONNACK 0").subscribe("t", 1).disconnect();
    TestClient.clean(broker, "p").publishAcked("t", "x");
    TestClient.silent(broker).send(connect).expect("CONNACK 0", "PUBLISH t x qos1 #1");
  }

  @Test
  void anIdMayBeLongerThan23Characters() {
    TestClient.connected(broker, old("i".repeat(24))).expectNothing();
  }

  @Test
  void anEmptyIdIsRefusedEvenWithACleanSession() {
    TestClient.silent(broker).send(old("").bytes()).expect("CONNACK 2").expectClosed();
  }

  @Test
  void aRefusedFilterHasTheCodeOf311SinceThereIsNone() {
    TestClient client = TestClient.connected(broker, old("s"));
    client.send(subscribe(7, 1, "$share/g", "t")).expect("SUBACK #7 [128, 1]");
  }

  @Test
  void nameAndLevelBelongTogether() {
    TestClient.silent(broker)
        .send(connect("c").protocol("MQIsdp", 4).bytes())
        .expect("CONNACK 1")
        .expectClosed();
    TestClient.silent(broker)
        .send(connect("c").protocol("MQTT", 3).bytes())
        .expect("CONNACK 1")
        .expectClosed();
  }

  @Test
  void whatComesAgainMayHaveDup() {
    TestClient client = TestClient.connected(broker, old("s"));
    client.send(with(0x08, subscribe(1, 0, "t"))).expect("SUBACK #1 [0]");
    client.send(dup(publish("t", "x", 2, 2))).expect("PUBREC #2", "PUBLISH t x");
    client.send(with(0x08, Packets.ack(PUBREL, 2))).expect("PUBCOMP #2");
    client.send(with(0x08, unsubscribe(3, "t"))).expect("UNSUBACK #3");
  }

  @Test
  void theReservedFlagOfConnectIsNotLookedAt() {
    TestClient.connected(broker, old("c").flags(0x03)).expectNothing();
  }

  @Test
  void aWillAndALoginAreReadAsIn311() {
    TestClient watcher = TestClient.clean(broker, "w").subscribe("will", 1);
    TestClient.connected(broker, old("c").will("will", "gone", 1, false).user("u").password("p"))
        .vanish();
    watcher.expect("PUBLISH will gone qos1 #1");
    assertThat(broker.broker().connections()).hasSize(1);
  }
}
