package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.join;
import static io.carrick.mqtt.codec.Packets.retained;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.testing.BrokerExtension;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The largest that version 5 has: it passes whole, or is refused with a reason; others go on. */
class Extremes5Test {

  private static final int MANY = 1_000;

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  private TestClient client(String id) {
    return TestClient.five(broker, connect(id));
  }

  /** More than 64 KB. */
  private static byte[] manyProperties() {
    return join(
        IntStream.range(0, MANY)
            .mapToObj(i -> Properties5.user("key" + i, "v".repeat(70)))
            .toArray(byte[][]::new));
  }

  private static String inWords() {
    return IntStream.range(0, MANY)
        .mapToObj(i -> "user=key" + i + ":" + "v".repeat(70))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /** Compares what a failure should not show: it is long. */
  private static void expectOne(TestClient client, String packet) {
    assertThat(client.next().equals(packet)).as("%.60s…", packet).isTrue();
    client.expect();
  }

  @Test
  @Tag("MQTT-3.3.2-17/5")
  @Tag("MQTT-3.3.2-18/5")
  void manyUserPropertiesComeWholeAndInOrderAlsoRetainedAndInWills() {
    TestClient watcher = client("s").subscribe("+", 0);
    client("p").send(retained(publish("t", "x", manyProperties()))).disconnect();
    expectOne(watcher, "PUBLISH t x " + inWords());
    expectOne(client("late").subscribe("t", 0), "PUBLISH t x retain " + inWords());
    TestClient.five(broker, connect("w").will("w", "gone", 0, false, manyProperties())).vanish();
    expectOne(watcher, "PUBLISH w gone " + inWords());
    TestClient.five(broker, connect("c").with(manyProperties())).expectNothing();
  }

  @Test
  void morePropertiesThanAPacketMayHaveAreTheEndOfTheirSenderAlone() {
    TestClient other = client("s").subscribe("#", 0);
    int most = (int) Limit.CONTROL_PACKET_BYTES.byDefault();
    byte[] tiny = Properties5.user("", "");
    byte[] tooMany = new byte[most / tiny.length * tiny.length + tiny.length];
    for (int at = 0; at < tooMany.length; at += tiny.length) {
      System.arraycopy(tiny, 0, tooMany, at, tiny.length);
    }
    TestClient publisher = client("p").send(publish("t", "x", tooMany));
    assertThat(publisher.next()).startsWith("DISCONNECT 0x95");
    publisher.expectClosed();
    TestClient.five(broker).send(connect("c").with(tooMany).bytes()).expectClosed();
    other.expectNothing();
  }

  @Test
  @Tag("MQTT-3.3.2-12/5")
  @Tag("MQTT-4.7.3-3/5")
  void anAliasMayStandForTheLongestTopic() {
    String longest = "t".repeat(65_535);
    TestClient subscriber = client("s").subscribe("+", 0);
    byte[] one = Properties5.topicAlias(1);
    client("p").send(publish(longest, "1", one), publish("", "2", one), publish("t", "3", one));
    assertThat(subscriber.next().equals("PUBLISH " + longest + " 1")).isTrue();
    assertThat(subscriber.next().equals("PUBLISH " + longest + " 2")).isTrue();
    subscriber.expect("PUBLISH t 3");
  }

  @Test
  @Tag("MQTT-3.3.2-15/5")
  @Tag("MQTT-3.3.2-16/5")
  @Tag("MQTT-3.3.2-20/5")
  void theLongestTextsArePassedOn() {
    String longest = "é".repeat(32_767) + "x";
    TestClient subscriber = client("s").subscribe("t", 0);
    client("p")
        .send(
            publish(
                "t",
                "x",
                Properties5.responseTopic(longest),
                Properties5.correlation(longest),
                Properties5.contentType(longest),
                Properties5.user(longest, longest)));
    expectOne(
        subscriber,
        "PUBLISH t x {response="
            + longest
            + ", correlation="
            + longest
            + ", content="
            + longest
            + ", user="
            + longest
            + ":"
            + longest
            + "}");
  }

  @Test
  void aTopicMayHaveLevelsWithoutEndAndAFilterSoManyAsThereAreToGoDown() {
    String deep = "a/".repeat(199) + "a";
    TestClient subscriber = client("s").subscribe("#", 0).subscribe("a/+/#", 1);
    client("p").send(publish(deep, "x", 1, 1)).expect("PUBACK #1");
    subscriber.expect("PUBLISH " + deep + " x qos1 #1");
    subscriber
        .send(subscribe(1, 0, deep))
        .expect("SUBACK #1 [143] {reason=too many levels}"); // 0x8F
  }

  @Test
  @Tag("MQTT-3.3.4-4/5")
  void aMessageMayMatchHundredsOfSubscriptionsOfAClientAndComesOnceWithAllIdentifiers() {
    TestClient client = client("s");
    int count = 256; // of eight levels, each with or without a wildcard
    for (int i = 0; i < count; i++) {
      var filter = new StringBuilder();
      for (int level = 0; level < 8; level++) {
        filter.append(level == 0 ? "" : "/").append((i >> level & 1) == 0 ? "+" : "x");
      }
      client.send(subscribe(1, Properties5.subscriptionId(1 + i), filter.toString(), 0));
    }
    assertThat(client.received()).hasSize(count);
    client("p").publish("x/x/x/x/x/x/x/x", "y");
    String packet = client.next();
    assertThat(packet.split("subscription=", -1)).hasSize(count + 1);
    for (int i = 1; i <= count; i++) {
      assertThat(packet).containsPattern("subscription=" + i + "[,}]");
    }
    client.expectNothing();
  }
}
