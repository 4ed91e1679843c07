package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets5.Properties5.maximumPacketSize;
import static io.carrick.mqtt.codec.Packets5.Properties5.topicAliasMaximum;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static io.carrick.mqtt.codec.Packets5.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.ServerPackets;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import java.util.Arrays;
import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** MQTT 5 §3.1.2.11.4: nothing is longer than the client takes, and what is not comes. */
class PacketSizeTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  static IntStream sizes() {
    return IntStream.rangeClosed(1, 40);
  }

  @ParameterizedTest
  @MethodSource("sizes")
  @Tag("MQTT-3.1.2-24/5")
  void noPacketIsLongerThanTheClientTakes(int most) {
    TestClient publisher = TestClient.five(broker, connect("p"));
    LocalPeer small = broker.peer("mqtt");
    small.send(connect("s").with(maximumPacketSize(most), topicAliasMaximum(2)).bytes());
    boolean letIn = !small.closed();
    assertThat(letIn).isEqualTo(most >= 16); // what CONNACK has to say
    if (letIn) {
      small.send(subscribe(1, 2, "t", "u", "$share/none"));
      for (int bytes = 0; bytes < 40; bytes++) {
        publisher.publish("t", "x".repeat(bytes));
        publisher.send(publish("u", "x".repeat(bytes), 1, 1)).expect("PUBACK #1");
      }
      small.send(publish("$SYS/x", "x", 1, 3)); // its refusal has a reason for people
      small.send(publish("nobody", "x", 2, 4));
      small.send(unsubscribe(2, "t", "u", "v", "w"));
      small.send(new byte[] {0, 0});
      assertThat(small.closed()).isTrue();
    }
    assertThat(longest(small.received())).isBetween(most < 5 ? 0 : 5, most);
  }

  /** Returns how many bytes the longest of whole packets has. */
  private static int longest(byte[] stream) {
    int longest = 0;
    byte[] rest = stream;
    while (rest.length > 0) {
      int length = ServerPackets.firstLength(rest, rest.length);
      assertThat(length).as("a packet that is there in full").isPositive();
      longest = Math.max(longest, length);
      rest = Arrays.copyOfRange(rest, length, rest.length);
    }
    return longest;
  }

  @Test
  @Tag("MQTT-3.1.2-24/5")
  void anAnswerThatIsTooLongIsTheEnd() {
    String[] filters = Collections.nCopies(30, "a").toArray(String[]::new);
    TestClient small = TestClient.five(broker, connect("s").with(maximumPacketSize(30)));
    small.send(subscribe(1, 0, filters));
    assertThat(small.next()).startsWith("DISCONNECT 0x95");
    small.expectClosed();

    small = TestClient.five(broker, connect("s").with(maximumPacketSize(30)));
    small.send(unsubscribe(1, filters));
    assertThat(small.next()).startsWith("DISCONNECT 0x95");
    small.expectClosed();
  }

  @Test
  @Tag("MQTT-3.1.2-25/5")
  void aMessageThatFitsComesThoughItWouldNotWithAnAlias() {
    int most = 60;
    TestClient s =
        TestClient.five(broker, connect("s").with(maximumPacketSize(most), topicAliasMaximum(1)))
            .subscribe("topic", 0);
    TestClient p = TestClient.five(broker, connect("p"));
    int overhead = 2 + 2 + "topic".length() + 1;
    TestClient longer =
        TestClient.five(broker, connect("l").with(maximumPacketSize(most), topicAliasMaximum(1)))
            .subscribe("topic", 0);
    p.publish("topic", "x".repeat(most - overhead));
    assertThat(longer.next()).as("no room for a number").doesNotContain("alias");
    longer.disconnect();
    s.next();
    for (int payload = most - overhead - 6; payload <= most - overhead + 1; payload++) {
      p.publish("topic", "x".repeat(payload));
    }
    assertThat(s.received())
        .hasSize(7)
        .as("the first is short enough to give the topic its number")
        .allMatch(packet -> packet.contains("alias"));
    assertThat(broker.broker().metrics().dropped("packet-too-large")).isEqualTo(1);
  }

  @Test
  void aReasonIsLeftOutWhereItDoesNotFit() {
    TestClient s = TestClient.five(broker, connect("s").with(maximumPacketSize(20)));
    s.send(publish("$SYS/x", "x", 1, 3)).expect("PUBACK #3 0x90");
  }
}
