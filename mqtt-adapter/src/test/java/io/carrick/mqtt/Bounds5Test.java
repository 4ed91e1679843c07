package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static io.carrick.mqtt.codec.Packets.PINGREQ;
import static io.carrick.mqtt.codec.Packets5.ack;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static io.carrick.mqtt.codec.Packets5.subscribe;
import static io.carrick.mqtt.codec.Packets5.unsubscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.SessionInfo;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5.Properties5;
import io.carrick.mqtt.codec.ServerPackets;
import io.carrick.mqtt.codec.ServerPackets5;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client of version 5 can take, and that it gets no more: size, number, topic aliases. */
class Bounds5Test {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.TOPIC || !what.name().startsWith("secret")))
          .inTestThread();

  private TestClient client(ConnectBuilder connect) {
    return TestClient.five(broker, connect.keepAlive(0));
  }

  // ---- Maximum Packet Size

  @Test
  @Tag("MQTT-3.1.2-24/5")
  @Tag("MQTT-3.1.2-25/5")
  void aMessageThatIsTooLargeIsDroppedAsIfItHadBeenSent() {
    TestClient small = client(connect("s").persistent().with(Properties5.maximumPacketSize(40)));
    small.subscribe("t", 1);
    TestClient large = client(connect("l")).subscribe("t", 1);
    TestClient publisher = client(connect("p"));
    String most0 = "x".repeat(40 - 6);
    String most1 = "x".repeat(40 - 8);

    publisher.publish("t", most0 + "x").publishAcked("t", most1 + "x");
    publisher.publish("t", most0).publishAcked("t", most1);

    small.expect("PUBLISH t " + most0, "PUBLISH t " + most1 + " qos1 #1").ack(PUBACK, 1);
    assertThat(large.received()).hasSize(4);
    assertThat(broker.broker().sessions())
        .filteredOn(s -> s.name().equals("s"))
        .extracting(SessionInfo::messages)
        .containsExactly(0L);
    assertThat(broker.broker().metrics().dropped("packet-too-large")).isEqualTo(2);
  }

  @Test
  @Tag("MQTT-3.1.2-24/5")
  void aPropertyCountsAndAnAliasGivesWayToTheMessage() {
    TestClient client =
        client(
            connect("s")
                .with(Properties5.maximumPacketSize(40), Properties5.topicAliasMaximum(10)));
    client.subscribe("topic", 0);
    TestClient publisher = client(connect("p"));
    String most = "x".repeat(40 - 10);
    publisher.publish("topic", most).publish("topic", "x" + most);
    client.expect("PUBLISH topic " + most);
    publisher.send(publish("topic", most, Properties5.payloadFormat(1)));
    publisher.send(publish("topic", most.substring(2), Properties5.payloadFormat(1)));
    client.expect("PUBLISH topic " + most.substring(2) + " {format=1}");
  }

  @Test
  @Tag("MQTT-3.1.2-24/5")
  void soManyFiltersThatNoAnswerFitsEndTheConnection() {
    String[] filters = IntStream.range(0, 50).mapToObj(i -> "f" + i).toArray(String[]::new);
    for (boolean subscribes : new boolean[] {true, false}) {
      TestClient client = client(connect("s").with(Properties5.maximumPacketSize(40)));
      client.send(subscribes ? subscribe(1, 0, filters) : unsubscribe(1, filters));
      assertThat(client.next()).startsWith("DISCONNECT 0x95");
      client.expectClosed();
      TestClient large = client(connect("s"));
      large.send(subscribes ? subscribe(1, 0, filters) : unsubscribe(1, filters));
      assertThat(large.next()).startsWith(subscribes ? "SUBACK #1 [0, 0," : "UNSUBACK #1 [17, 17,");
    }
  }

  /** Everything but PUBLISH that the broker says to a client which does what is not allowed. */
  private List<byte[]> conversation(byte[]... options) {
    LocalPeer peer = broker.peer("mqtt");
    peer.send(connect("c").keepAlive(0).with(options).bytes());
    peer.send(subscribe(1, 2, "t", "secret/x"));
    peer.send(publish("t", "x", 1, 2));
    peer.send(publish("secret/x", "x", 1, 3));
    peer.send(publish("secret/x", "x", 2, 4));
    peer.send(publish("t", "y", 2, 5));
    peer.send(Packets.ack(PUBREL, 5));
    peer.send(Packets.ack(PUBREL, 77));
    peer.send(Packets.ack(PUBREC, 2));
    peer.send(Packets.ack(PUBREC, 78));
    peer.send(unsubscribe(6, "t", "never"));
    peer.send(PINGREQ);
    client(connect("c")).vanish();
    assertThat(peer.closed()).isTrue();
    byte[] rest = peer.received();
    var packets = new ArrayList<byte[]>();
    while (rest.length > 0) {
      int length = ServerPackets.firstLength(rest, rest.length);
      packets.add(Arrays.copyOf(rest, length));
      rest = Arrays.copyOfRange(rest, length, rest.length);
    }
    return packets;
  }

  private static List<String> words(List<byte[]> packets) {
    return packets.stream().flatMap(p -> ServerPackets5.describe(p).stream()).toList();
  }

  @Test
  @Tag("MQTT-3.2.2-19/5")
  @Tag("MQTT-3.2.2-20/5")
  @Tag("MQTT-3.4.2-2/5")
  @Tag("MQTT-3.4.2-3/5")
  @Tag("MQTT-3.5.2-2/5")
  @Tag("MQTT-3.5.2-3/5")
  @Tag("MQTT-3.6.2-2/5")
  @Tag("MQTT-3.6.2-3/5")
  @Tag("MQTT-3.7.2-2/5")
  @Tag("MQTT-3.7.2-3/5")
  @Tag("MQTT-3.9.2-1/5")
  @Tag("MQTT-3.9.2-2/5")
  @Tag("MQTT-3.11.2-1/5")
  @Tag("MQTT-3.11.2-2/5")
  @Tag("MQTT-3.14.2-3/5")
  @Tag("MQTT-3.14.2-4/5")
  void reasonsAndUserPropertiesAreLeftOutWhereThePacketWereTooLargeWithThem() {
    List<byte[]> small = conversation(Properties5.maximumPacketSize(20));
    List<byte[]> large = conversation();

    assertThat(small).allMatch(packet -> packet.length <= 20);
    assertThat(words(small)).noneMatch(p -> p.contains("reason=") || p.contains("user="));
    assertThat(words(large)).noneMatch(p -> p.contains("user="));
    assertThat(words(large))
        .filteredOn(p -> p.startsWith("DISCONNECT"))
        .allMatch(p -> p.contains("reason="));
    assertThat(words(small).stream().map(p -> p.replaceAll(" \\{.*}", "")))
        .containsExactlyElementsOf(
            words(large).stream().map(p -> p.replaceAll(" \\{.*}", "")).toList())
        .anyMatch(p -> p.startsWith("PUBACK #3 0x87"))
        .anyMatch(p -> p.startsWith("PUBREC #4 0x87"))
        .anyMatch(p -> p.startsWith("PUBREL #78"))
        .anyMatch(p -> p.startsWith("PUBCOMP #77"))
        .anyMatch(p -> p.startsWith("SUBACK #1 [2, 135]"))
        .anyMatch(p -> p.startsWith("UNSUBACK #6 [0, 17]"))
        .anyMatch(p -> p.startsWith("DISCONNECT 0x8E"));
  }

  @Test
  @Tag("MQTT-3.2.2-19/5")
  void aRefusalHasItsReasonIfItFits() {
    for (int most : new int[] {18, 200}) {
      TestClient client = TestClient.five(broker);
      client.send(
          connect("c")
              .with(Properties5.maximumPacketSize(most))
              .will("$SYS/x", "x", 0, false)
              .bytes());
      assertThat(client.next()).matches("CONNACK 0x90" + (most == 18 ? "" : " \\{reason=.+}"));
      client.expectClosed();
    }
  }

  @Test
  @Tag("MQTT-3.1.2-29/5")
  void whoWantsNoProblemInformationGetsNoneButWithTheEnd() {
    assertThat(words(conversation(Properties5.requestProblem(0))))
        .hasSizeGreaterThan(10)
        .noneMatch(
            p ->
                (p.contains("reason=") || p.contains("user="))
                    && !p.matches("(PUBLISH|CONNACK|DISCONNECT) .*"));
    TestClient client = client(connect("d").with(Properties5.requestProblem(0))).subscribe("u", 0);
    client(connect("p")).send(publish("u", "x", Properties5.user("k", "v")));
    client.expect("PUBLISH u x {user=k:v}"); // which is not a problem's
  }

  // ---- Receive Maximum

  @Test
  @Tag("MQTT-3.3.4-9/5")
  @Tag("MQTT-3.3.4-10/5")
  @Tag("MQTT-4.9.0-1/5")
  @Tag("MQTT-4.9.0-2/5")
  @Tag("MQTT-4.9.0-3/5")
  void noMoreAreUnderWayThanTheClientTakesAndNothingElseWaits() {
    TestClient client = client(connect("s").with(Properties5.receiveMaximum(2)));
    client.subscribe("t", 2);
    TestClient publisher = client(connect("p"));
    for (int i = 1; i <= 5; i++) {
      publisher.send(publish("t", "" + i, i % 2 + 1, i)).received();
    }
    client.expect("PUBLISH t 1 qos2 #1", "PUBLISH t 2 qos1 #2");

    publisher.publish("t", "now");
    client.send(PINGREQ, subscribe(7, 0, "u"), publish("u", "own", 1, 9));
    assertThat(client.received())
        .containsExactlyInAnyOrder(
            "PUBLISH t now", "PINGRESP", "SUBACK #7 [0]", "PUBACK #9", "PUBLISH u own");

    client.ack(PUBREC, 1).expect("PUBREL #1"); // which does not wait, and is still under way
    client.ack(PUBCOMP, 1).expect("PUBLISH t 3 qos2 #3");
    client.send(ack(PUBREC, 3, 0x80)).expect("PUBLISH t 4 qos1 #4");
    client.send(ack(PUBACK, 2, 0x80)).expect("PUBLISH t 5 qos2 #5");
  }

  @Test
  @Tag("MQTT-3.3.4-9/5")
  @Tag("MQTT-4.9.0-1/5")
  void theNumberIsThatOfEachConnectionAlsoForWhatWasUnderWayBefore() {
    TestClient first = client(connect("s").persistent()).subscribe("t", 2);
    TestClient publisher = client(connect("p"));
    for (int i = 1; i <= 4; i++) {
      publisher.send(publish("t", "" + i, 2, i)).received();
    }
    assertThat(first.received()).hasSize(4);
    first.ack(PUBREC, 1).expect("PUBREL #1").vanish();

    TestClient next = client(connect("s").persistent().with(Properties5.receiveMaximum(2)));

    next.expect("PUBREL #1", "PUBLISH t 2 qos2 #2 dup");
    next.ack(PUBCOMP, 1).expect("PUBLISH t 3 qos2 #3 dup");
  }

  // ---- topic aliases to the client

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 5})
  @Tag("MQTT-3.1.2-26/5")
  @Tag("MQTT-3.1.2-27/5")
  @Tag("MQTT-3.3.2-11/5")
  void noAliasIsAboveWhatTheClientTakesAndEachStandsForItsTopic(int most) {
    byte[] maximum = most < 0 ? new byte[0] : Properties5.topicAliasMaximum(most);
    TestClient client = client(connect("s").with(maximum)).subscribe("#", 0);
    TestClient publisher = client(connect("p"));
    String[] topics = new String[6];
    boolean shortened = false;
    for (int i = 0; i < 200; i++) {
      String topic = "some/topic/" + i % 10;
      publisher.publish(topic, "x");
      publisher.publish(topic, "x"); // the second may be short
      for (String packet : client.received()) {
        String name = packet.substring("PUBLISH ".length(), packet.indexOf(" x"));
        if (packet.contains("alias=")) {
          int alias = Integer.parseInt(packet.replaceAll(".*alias=(\\d+).*", "$1"));
          assertThat(alias).isBetween(1, most);
          shortened |= name.isEmpty();
          topics[alias] = name.isEmpty() ? topics[alias] : name;
          name = topics[alias];
        }
        assertThat(name).isEqualTo(topic);
      }
    }
    assertThat(shortened).isEqualTo(most > 0);
  }

  @Test
  @Tag("MQTT-3.3.2-7/5")
  void whatComesAgainNamesItsTopicSinceAliasesEndWithTheirConnection() {
    byte[] ten = Properties5.topicAliasMaximum(10);
    TestClient first = client(connect("s").persistent().with(ten)).subscribe("some/topic", 1);
    client(connect("p")).publishAcked("some/topic", "1").publishAcked("some/topic", "2");
    assertThat(first.next()).matches("PUBLISH some/topic 1 qos1 #1 \\{alias=\\d+}");
    assertThat(first.next()).matches("PUBLISH  2 qos1 #2 \\{alias=\\d+}");
    first.vanish();

    TestClient next = client(connect("s").persistent().with(ten));

    assertThat(next.next()).matches("PUBLISH some/topic 1 qos1 #1 dup \\{alias=\\d+}");
    next.vanish();
    client(connect("s").persistent())
        .expect("PUBLISH some/topic 1 qos1 #1 dup", "PUBLISH some/topic 2 qos1 #2 dup");
  }
}
