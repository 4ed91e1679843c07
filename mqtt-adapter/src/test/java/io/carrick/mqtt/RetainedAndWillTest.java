package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** MQTT 3.1.1 §3.3.1.3 and §3.1.2.5: last values and last words. */
class RetainedAndWillTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private TestClient client(String id) {
    return TestClient.clean(broker, id);
  }

  private void retain(String topic, String payload, int qos) {
    TestClient publisher = client("retainer");
    publisher.send(retained(qos == 0 ? publish(topic, payload) : publish(topic, payload, qos, 1)));
    publisher.disconnect();
  }

  // ---- retained

  @Test
  @Tag("MQTT-3.3.1-5/311")
  @Tag("MQTT-3.3.1-6/311")
  @Tag("MQTT-3.3.1-8/311")
  void aNewSubscriptionGetsTheLastValueWithItsFlag() {
    retain("t", "old", 1);
    retain("t", "new", 1);
    client("s").subscribe("t", 1).expect("PUBLISH t new qos1 #1 retain"); // [MQTT-3.3.1-6]
  }

  @Test
  @Tag("MQTT-3.3.1-9/311")
  void whoIsSubscribedAlreadyGetsItWithoutTheFlag() {
    TestClient subscriber = client("s").subscribe("t", 1);
    retain("t", "x", 1);
    subscriber.expect("PUBLISH t x qos1 #1"); // [MQTT-3.3.1-9]
  }

  @Test
  @Tag("MQTT-3.3.1-10/311")
  @Tag("MQTT-3.3.1-11/311")
  void anEmptyPayloadClearsTheValueAndIsDelivered() {
    retain("t", "x", 1);
    TestClient subscriber = client("s").subscribe("t", 0).expect("PUBLISH t x retain");
    retain("t", "", 0);
    subscriber.expect("PUBLISH t"); // [MQTT-3.3.1-10]
    client("other").subscribe("t", 0).expectNothing(); // [MQTT-3.3.1-11]
  }

  @Test
  @Tag("MQTT-3.3.1-12/311")
  void aMessageWithoutTheFlagLeavesTheValue() {
    retain("t", "kept", 0);
    client("p").publishAcked("t", "passing");
    client("s").subscribe("t", 0).expect("PUBLISH t kept retain"); // [MQTT-3.3.1-12]
  }

  @Test
  @Tag("MQTT-3.3.1-7/311")
  void aQos0ValueReplacesOneOfQos2() {
    retain("t", "two", 2);
    retain("t", "zero", 0);
    client("s").subscribe("t", 2).expect("PUBLISH t zero retain"); // [MQTT-3.3.1-7]
  }

  @Test
  @Tag("MQTT-3.3.1-6/311")
  @Tag("MQTT-3.3.2-3/311")
  void aWildcardBringsEveryValueThatMatches() {
    retain("a/b", "1", 0);
    retain("a/c/d", "2", 0);
    retain("$x/b", "3", 0);
    retain("b", "4", 0);
    TestClient subscriber = client("s");
    assertThat(subscriber.subscribe("#", 0).received())
        .containsExactlyInAnyOrder(
            "PUBLISH a/b 1 retain", "PUBLISH a/c/d 2 retain", "PUBLISH b 4 retain");
    subscriber.subscribe("a/+", 0).expect("PUBLISH a/b 1 retain");
    subscriber.subscribe("$x/#", 0).expect("PUBLISH $x/b 3 retain");
  }

  @Test
  @Tag("MQTT-3.8.4-3/311")
  void subscribingAgainBringsTheValueAgain() {
    retain("t", "x", 0);
    TestClient subscriber = client("s").subscribe("t", 0).expect("PUBLISH t x retain");
    subscriber.subscribe("t", 0).expect("PUBLISH t x retain"); // [MQTT-3.8.4-3]
  }

  @Test
  @Tag("MQTT-3.3.1-5/311")
  @Tag("MQTT-3.8.4-6/311")
  void theQosOfAValueIsTheLowerOfBoth() {
    retain("t", "x", 2);
    client("a").subscribe("t", 2).expect("PUBLISH t x qos2 #1 retain");
    client("b").subscribe("t", 1).expect("PUBLISH t x qos1 #1 retain");
    client("c").subscribe("t", 0).expect("PUBLISH t x retain");
  }

  @Test
  void aValueThatWasNotAcknowledgedComesAgainWithItsFlag() {
    retain("t", "x", 1);
    TestClient first = TestClient.persistent(broker, "s").subscribe("t", 1);
    first.expect("PUBLISH t x qos1 #1 retain").vanish();
    TestClient.persistent(broker, "s").expect("PUBLISH t x qos1 #1 dup retain").ack(PUBACK, 1);
  }

  @Test
  void aSessionThatComesBackGetsNoValueAgain() {
    retain("t", "x", 0);
    TestClient.persistent(broker, "s").subscribe("t", 0).expect("PUBLISH t x retain").disconnect();
    TestClient.persistent(broker, "s").expectNothing();
  }

  @Test
  void moreValuesThanFitTheOutputAllArrive() {
    String large = "x".repeat(100_000);
    TestClient publisher = client("p");
    for (int i = 0; i < 50; i++) {
      publisher.send(retained(publish("v/" + i, large)));
    }
    assertThat(client("s").subscribe("v/+", 0).received())
        .hasSize(50)
        .doesNotHaveDuplicates()
        .allMatch(p -> p.startsWith("PUBLISH v/"));
  }

  @Test
  void thousandsOfValuesArriveForOneFilter() {
    TestClient publisher = client("p");
    for (int i = 0; i < 3_000; i++) {
      publisher.send(retained(publish("v/" + i, "x")));
    }
    assertThat(client("s").subscribe("v/#", 0).received()).hasSize(3_000).doesNotHaveDuplicates();
    assertThat(client("q").subscribe("v/#", 1).received()).hasSize(3_000).doesNotHaveDuplicates();
  }

  // ---- wills

  private TestClient withWill(int qos, boolean retain) {
    return TestClient.connected(
        broker, connect("dying").keepAlive(10).will("will", "gone", qos, retain));
  }

  @Test
  @Tag("MQTT-3.1.2-8/311")
  @Tag("MQTT-3.1.2-16/311")
  void aConnectionThatIsLostPublishesItsWill() {
    TestClient watcher = client("w").subscribe("will", 2);
    withWill(2, false).vanish();
    watcher.expect("PUBLISH will gone qos2 #1"); // [MQTT-3.1.2-8]
  }

  @Test
  @Tag("MQTT-3.1.2-8/311")
  @Tag("MQTT-3.1.2-10/311")
  @Tag("MQTT-3.14.4-3/311")
  void aDisconnectTakesTheWillWithIt() {
    TestClient watcher = client("w").subscribe("will", 1);
    withWill(1, false).disconnect();
    watcher.expectNothing(); // [MQTT-3.14.4-3]
  }

  @Test
  @Tag("MQTT-3.1.2-8/311")
  @Tag("MQTT-3.1.2-24/311")
  void aClientThatFallsSilentPublishesItsWillAfterOneAndAHalfKeepAlives() {
    TestClient watcher = TestClient.connected(broker, connect("w").keepAlive(0));
    watcher.subscribe("will", 0);
    withWill(0, false);
    broker.advance(Duration.ofMillis(14_999));
    watcher.expectNothing();
    broker.advance(Duration.ofMillis(1));
    watcher.expect("PUBLISH will gone");
  }

  @Test
  @Tag("MQTT-3.1.2-8/311")
  void aProtocolErrorPublishesTheWill() {
    TestClient watcher = client("w").subscribe("will", 0);
    withWill(0, false).send(new byte[] {(byte) 0xF0, 0}).expectClosed();
    watcher.expect("PUBLISH will gone");
  }

  @Test
  void aTakeOverPublishesTheWillOfTheOldConnection() {
    TestClient watcher = client("w").subscribe("will", 0);
    withWill(0, false);
    client("dying");
    watcher.expect("PUBLISH will gone");
  }

  @Test
  void anAdministratorWhoClosesAConnectionLetsItsWillGo() {
    TestClient watcher = client("w").subscribe("will", 0);
    TestClient dying = withWill(0, false);
    String id =
        broker.broker().connections().stream()
            .filter(c -> c.name().equals("dying"))
            .findFirst()
            .orElseThrow()
            .id();
    assertThat(broker.broker().closeConnection(id, "maintenance")).isTrue();
    dying.expectClosed();
    watcher.expect("PUBLISH will gone");
  }

  @Test
  @Tag("MQTT-3.1.2-17/311")
  void aRetainedWillIsFoundLater() {
    withWill(1, true).vanish();
    client("late").subscribe("will", 1).expect("PUBLISH will gone qos1 #1 retain");
  }

  @Test
  void anEmptyRetainedWillClearsAValue() {
    retain("will", "alive", 0);
    TestClient.connected(broker, connect("dying").will("will", "", 0, true)).vanish();
    client("late").subscribe("will", 0).expectNothing();
  }

  @Test
  void theWillOfAPersistentSessionWaitsForItself() {
    TestClient.connected(broker, connect("dying").persistent().will("will", "gone", 1, false))
        .subscribe("will", 1)
        .vanish();
    TestClient.persistent(broker, "dying").expect("PUBLISH will gone qos1 #1");
  }

  @Test
  void aWillWhereTheBrokerSpeaksIsRefusedWithItsConnect() {
    TestClient.silent(broker)
        .send(connect("c").will("$SYS/x", "gone", 0, false).bytes())
        .expect("CONNACK 5")
        .expectClosed();
  }
}
