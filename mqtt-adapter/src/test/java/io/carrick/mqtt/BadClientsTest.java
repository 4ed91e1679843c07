package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.Packets5.Properties5.messageExpiry;
import static io.carrick.mqtt.codec.Packets5.Properties5.receiveMaximum;
import static io.carrick.mqtt.codec.Packets5.Properties5.sessionExpiry;
import static io.carrick.mqtt.codec.Packets5.Properties5.subscriptionId;
import static io.carrick.mqtt.codec.Packets5.Properties5.topicAlias;
import static io.carrick.mqtt.codec.Packets5.Properties5.user;
import static io.carrick.mqtt.codec.Packets5.Properties5.willDelay;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients of version 5 that go to the ends of what it allows, and beyond: others notice nothing.
 */
class BadClientsTest {

  private static final int MOST_ID = 268_435_455;

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private TestClient client(String id) {
    return TestClient.five(broker, connect(id).keepAlive(0));
  }

  @Test
  void userPropertiesOf64KbPassAndMoreThanAControlPacketMayHaveIsTheEnd() {
    TestClient s = client("s").subscribe("t", 0);
    String text = "x".repeat(65_000);
    client("p").send(publish("t", "1", user("k", text)));
    s.expect("PUBLISH t 1 {user=k:" + text + "}");

    byte[][] many = new byte[9][];
    java.util.Arrays.fill(many, user("k", text));
    TestClient bad = client("bad").send(publish("t", "2", many));
    assertThat(bad.next()).startsWith("DISCONNECT 0x95");
    bad.expectClosed();
    s.expectNothing();
    assertThat(broker.broker().metrics().value("packets.malformed{protocol=mqtt}")).isOne();
  }

  @Test
  void aFloodOfTopicAliasesKeepsAsManyAsThereMayBe() {
    TestClient s = client("s").subscribe("#", 0);
    TestClient p = client("p");
    for (int i = 0; i < 2_000; i++) {
      p.send(publish("topic/" + i, "", topicAlias(1 + i % 10)));
    }
    assertThat(s.received()).hasSize(2_000);
    p.send(publish("", "x", topicAlias(10)));
    s.expect("PUBLISH topic/1999 x");
    p.send(publish("t", "x", topicAlias(11)));
    assertThat(p.next()).startsWith("DISCONNECT 0x94");
    s.expectNothing();
  }

  @Test
  @Tag("MQTT-3.3.4-3/5")
  void theHighestSubscriptionIdentifiersAllCome() {
    TestClient s = client("s");
    for (int i = 0; i < 100; i++) {
      s.send(subscribe(1, subscriptionId(MOST_ID - i), "t/" + "+/".repeat(i % 50) + "#", 0)).next();
    }
    client("p").publish("t", "x");
    assertThat(s.next()).contains("subscription=" + (MOST_ID - 50)).doesNotContain("=0");
    TestClient bad = client("bad").send(subscribe(1, new byte[] {0x0B, -1, -1, -1, -1, 1}, "t", 0));
    assertThat(bad.next()).startsWith("DISCONNECT 0x81");
  }

  @Test
  @Tag("MQTT-3.3.4-9/5")
  void thousandsWaitForAReceiveMaximumOfOne() {
    TestClient s = TestClient.five(broker, connect("s").keepAlive(0).with(receiveMaximum(1)));
    s.subscribe("t", 1);
    TestClient p = client("p");
    for (int i = 0; i < 3_000; i++) {
      p.publishAcked("t", "" + i);
    }
    for (int i = 0; i < 3_000; i++) {
      s.expect("PUBLISH t " + i + " qos1 #" + (i + 1)).ack(PUBACK, i + 1);
    }
    s.expectNothing();
  }

  @ParameterizedTest
  @ValueSource(longs = {0xFFFF_FFFFL, 0xFFFF_FFFEL, 0x8000_0000L, 0x7FFF_FFFFL})
  @Tag("MQTT-3.3.2-6/5")
  void expiriesOf32BitsAreNotOverflown(long seconds) {
    TestClient.five(broker, connect("s").keepAlive(0).resume().with(sessionExpiry(seconds)))
        .subscribe("t", 1)
        .vanish();
    client("p").send(publish("t", "x", 1, 1, messageExpiry(seconds))).expect("PUBACK #1");
    broker.advance(Duration.ofDays(1_000));

    TestClient s = TestClient.five(broker).send(connect("s").resume().bytes());

    assertThat(s.next()).startsWith("CONNACK 0 present");
    long left = seconds - Duration.ofDays(1_000).toSeconds();
    s.expect("PUBLISH t x qos1 #1 {expiry=" + left + "}");
  }

  @Test
  @Tag("MQTT-3.1.3-9/5")
  void aWillWithADelayBeyondItsSessionComesWithTheEndOfThat() {
    TestClient s = client("s").subscribe("will", 0);
    TestClient.five(
            broker,
            connect("w")
                .keepAlive(0)
                .with(sessionExpiry(10))
                .will("will", "x", 0, false, willDelay(0xFFFF_FFFFL)))
        .vanish();
    broker.advance(Duration.ofSeconds(9));
    s.expectNothing();
    broker.advance(Duration.ofSeconds(1));
    s.expect("PUBLISH will x");
    broker.advance(Duration.ofDays(1));
    s.expectNothing();
  }

  @Test
  void aClientThatSendsAByteAtATimeAndOneThatNeverFinishesDisturbNobody() {
    TestClient s = client("s").subscribe("t", 0);
    TestClient slow = TestClient.five(broker);
    byte[] connect = connect("slow").keepAlive(0).bytes();
    for (int i = 0; i < 5; i++) {
      slow.send(new byte[] {connect[i]});
      broker.advance(Duration.ofSeconds(1));
    }
    TestClient unfinished = client("u").send(new byte[] {0x30, -1, -1, -1, 0x7F});
    assertThat(unfinished.next()).startsWith("DISCONNECT 0x95");
    client("p").publish("t", "x");
    s.expect("PUBLISH t x");
    broker.advance(Duration.ofSeconds(60));
    slow.expectClosed();
  }
}
