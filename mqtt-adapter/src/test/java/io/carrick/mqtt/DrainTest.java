package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.packet;
import static io.carrick.mqtt.codec.Packets.string;
import static io.carrick.mqtt.codec.Packets.twoBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Message;
import io.carrick.Referral;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A broker that lets its clients go, with the words of their version (MQTT 5 §4.11). */
class DrainTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .store(context -> disk.open(context)))
          .inTestThread();

  private boolean drain(Referral referral) {
    return broker.broker().drain(TIMEOUT, referral);
  }

  /** Sends a CONNECT of version 5 with these properties. */
  private LocalPeer version5(String clientId, byte... properties) {
    LocalPeer peer = broker.peer("mqtt");
    peer.send(
        packet(
            0x10,
            string("MQTT"),
            new byte[] {5, 2},
            twoBytes(60),
            new byte[] {(byte) properties.length},
            properties,
            string(clientId)));
    return peer;
  }

  private LocalPeer connected5(String clientId, byte... properties) {
    LocalPeer peer = version5(clientId, properties);
    assertThat(hex(peer)).startsWith("20");
    return peer;
  }

  private static String hex(LocalPeer peer) {
    return HexFormat.of().formatHex(peer.received());
  }

  private static void expectDisconnect(LocalPeer peer, String packet) {
    assertThat(hex(peer)).isEqualTo(packet);
    assertThat(peer.closed()).isTrue();
  }

  @Test
  @Tag("MQTT-3.14.2-1/5")
  @Tag("MQTT-3.14.4-1/5")
  @Tag("MQTT-3.14.4-2/5")
  @Tag("MQTT-4.13.2-1/5")
  void aClientOfVersion5IsToldWhereToGo() {
    LocalPeer client = connected5("c");
    assertThat(drain(Referral.to("b:1"))).isTrue();
    expectDisconnect(client, "e008" + "9c06" + "1c0003" + "623a31");
    assertThat(broker.broker().connections()).isEmpty();
  }

  @Test
  @Tag("MQTT-3.2.2-7/5")
  @Tag("MQTT-3.14.0-1/5")
  void whoStillComesIsToldInCONNACK() {
    assertThat(drain(Referral.to("b:1"))).isTrue();
    expectDisconnect(version5("late"), "2009" + "009c06" + "1c0003" + "623a31");
    assertThat(broker.broker().connections()).isEmpty();
    assertThat(broker.broker().metrics().value("logins.referred")).isEqualTo(1);
  }

  @Test
  void aServerThatHasMovedSaysSo() {
    LocalPeer client = connected5("c");
    assertThat(drain(Referral.forEverTo("b:1"))).isTrue();
    expectDisconnect(client, "e008" + "9d06" + "1c0003" + "623a31");
    expectDisconnect(version5("late"), "2009" + "009d06" + "1c0003" + "623a31");
  }

  @Test
  void withoutAReferenceTheWordsAreThoseOfAShutdown() {
    LocalPeer client = connected5("c");
    assertThat(drain(Referral.nowhere())).isTrue();
    assertThat(hex(client)).startsWith("e0").contains("8b");
    assertThat(hex(version5("late"))).startsWith("20").contains("0088");
  }

  @Test
  @Tag("MQTT-3.1.2-24/5")
  void aReferenceThatIsTooLongForTheClientIsLeftOut() {
    byte[] mostBytes = {0x27, 0, 0, 0, 30};
    LocalPeer client = connected5("c", mostBytes);
    assertThat(drain(Referral.to("x".repeat(40)))).isTrue();
    expectDisconnect(client, "e002" + "9c00");
    expectDisconnect(version5("late", mostBytes), "2003" + "009c00");
  }

  @Test
  void aClientOfVersion3IsClosedAndHearsThatTheServerIsUnavailable() {
    TestClient client = TestClient.clean(broker, "c");
    assertThat(drain(Referral.to("b:1"))).isTrue();
    client.expect().expectClosed();
    TestClient late = TestClient.silent(broker).send(connect("late").bytes());
    late.expect("CONNACK 3").expectClosed();
  }

  @Test
  void aSessionStaysForTheNextStartAndItsWillIsNotPublished() {
    TestClient watcher = TestClient.persistent(broker, "w").subscribe("#", 1);
    TestClient.connected(broker, connect("dying").will("will", "gone", 1, false));
    TestClient publisher = TestClient.clean(broker, "p").publishAcked("t", "x");
    watcher.expect("PUBLISH t x qos1 #1");
    assertThat(drain(Referral.nowhere())).isTrue();
    publisher.expectClosed();
    assertThat(broker.broker().sessions()).hasSize(1);
    broker.restart();
    TestClient again = TestClient.persistent(broker, "w");
    assertThat(again.received())
        .contains("PUBLISH t x qos1 #1 dup")
        .anyMatch(packet -> packet.startsWith("PUBLISH will gone"));
  }

  @Test
  void programsOfThisJvmMayStayAndStillCome() {
    broker.client().topology().queue("q").declare();
    assertThat(drain(Referral.nowhere())).isTrue();
    broker.await(broker.client().publisher("").publish("q", Message.of("x")));
    try (var another = broker.broker().connect()) {
      assertThat(another.poll("q").orElseThrow().message().text()).isEqualTo("x");
    }
  }

  @Test
  void aThousandClientsGo() {
    for (int i = 0; i < 1_000; i++) {
      TestClient.clean(broker, "c" + i);
    }
    assertThat(drain(Referral.nowhere())).isTrue();
    assertThat(broker.broker().connections()).isEmpty();
  }

  @Test
  void aReferenceIsAText() {
    assertThatThrownBy(() -> Referral.to("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Referral.to("a\u0000b")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Referral.to("x".repeat(65_536)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
