package io.carrick.mqtt;

import static io.carrick.mqtt.FramedPeer.BINARY;
import static io.carrick.mqtt.FramedPeer.CLOSE;
import static io.carrick.mqtt.FramedPeer.CONTINUATION;
import static io.carrick.mqtt.FramedPeer.LAST;
import static io.carrick.mqtt.FramedPeer.PING;
import static io.carrick.mqtt.FramedPeer.TEXT;
import static io.carrick.mqtt.FramedPeer.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Endpoint;
import io.carrick.WebSocket;
import io.carrick.mqtt.codec.Packets;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MQTT in frames of WebSocket, frame by frame. */
class WebSocketTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.with(
              Mqtt.onAnyPort()
                  .endpoint(Endpoint.onAnyPort().named("ws").webSocket(WebSocket.atUsualPath())))
          .inTestThread();

  private FramedPeer silent() {
    FramedPeer peer = new FramedPeer(broker.peer("ws"), "mqtt");
    assertThat(peer.head).startsWith("HTTP/1.1 101 ");
    return peer;
  }

  private FramedPeer connected(String id) {
    return silent().binary(Packets.connect(id).bytes()).expect("CONNACK 0");
  }

  private long count(String counter) {
    return broker.broker().metrics().value(counter);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "mqtt;mqtt",
        "chat, mqtt;mqtt",
        "mqttv3.1, mqtt;mqtt",
        "mqtt, mqttv3.1;mqtt",
        "mqttv3.1;mqttv3.1"
      })
  @Tag("MQTT-6.0.0-4/311")
  @Tag("MQTT-6.0.0-4/5")
  void theSubprotocolIsMqtt(String offered, String taken) {
    FramedPeer peer = new FramedPeer(broker.peer("ws"), offered);
    assertThat(peer.head)
        .startsWith("HTTP/1.1 101 ")
        .containsIgnoringCase("\r\nsec-websocket-protocol: " + taken + "\r\n");
    peer.binary(Packets.connect("c").bytes()).expect("CONNACK 0");
  }

  @Test
  @Tag("MQTT-6.0.0-4/311")
  @Tag("MQTT-6.0.0-4/5")
  void whoDoesNotOfferItIsRefused() {
    FramedPeer peer = new FramedPeer(broker.peer("ws"), "chat");
    assertThat(peer.head).startsWith("HTTP/1.1 400 ");
    assertThat(peer.closed()).isTrue();
    assertThat(count("handshakes.failed{reason=subprotocol}")).isEqualTo(1);
  }

  @Test
  @Tag("MQTT-6.0.0-2/311")
  @Tag("MQTT-6.0.0-2/5")
  void aPacketMayBeAByteAFrame() {
    FramedPeer peer = silent();
    byte[] packets =
        Packets.join(Packets.connect("c").bytes(), Packets.subscribe(1, 1, "a"), Packets.PINGREQ);
    for (byte single : packets) {
      peer.raw(frame(LAST | BINARY, single));
    }
    peer.expect("CONNACK 0", "SUBACK #1 [1]", "PINGRESP");
  }

  @Test
  @Tag("MQTT-6.0.0-2/311")
  @Tag("MQTT-6.0.0-2/5")
  void tenPacketsMayBeInAFrameAndAPartOfOneMore() {
    FramedPeer peer = connected("c");
    byte[] many = {};
    String[] acks = new String[10];
    for (int id = 1; id <= 10; id++) {
      many = Packets.join(many, Packets.publish("a", "x", 1, id));
      acks[id - 1] = "PUBACK #" + id;
    }
    byte[] next = Packets.publish("a", "x", 1, 11);
    peer.binary(Packets.join(many, Arrays.copyOf(next, 3))).expect(acks);
    peer.binary(Arrays.copyOfRange(next, 3, next.length)).expect("PUBACK #11");
  }

  @Test
  @Tag("MQTT-6.0.0-2/311")
  @Tag("MQTT-6.0.0-2/5")
  void aMessageOfWebSocketMayBeInPartsWithPingsBetween() {
    FramedPeer peer = connected("c");
    byte[] packet = Packets.publish("a", "x", 1, 7);
    peer.raw(frame(BINARY, Arrays.copyOf(packet, 2)))
        .raw(frame(LAST | PING, (byte) '1'))
        .raw(frame(CONTINUATION))
        .raw(frame(CONTINUATION, Arrays.copyOfRange(packet, 2, 5)))
        .raw(frame(LAST | PING, (byte) '2'))
        .raw(frame(LAST | CONTINUATION, Arrays.copyOfRange(packet, 5, packet.length)))
        .expect("PONG 1", "PONG 2", "PUBACK #7");
  }

  @Test
  @Tag("MQTT-6.0.0-1/311")
  @Tag("MQTT-6.0.0-1/5")
  void textEndsTheConnectionAndTheWillIsPublished() {
    TestClient watcher = TestClient.clean(broker, "watcher").subscribe("gone", 0);
    FramedPeer peer =
        silent()
            .binary(Packets.connect("c").will("gone", "c", 0, false).bytes())
            .expect("CONNACK 0");
    peer.raw(frame(LAST | TEXT, Packets.PINGREQ)).expect("CLOSE 1003");
    assertThat(peer.closed()).isTrue();
    watcher.expect("PUBLISH gone c");
    assertThat(count("frames.refused{reason=text}")).isEqualTo(1);
  }

  @Test
  void aFrameWithoutAMaskEndsTheConnection() {
    FramedPeer peer = connected("c");
    peer.raw((byte) 0x82, (byte) 2, Packets.PINGREQ[0], Packets.PINGREQ[1]).expect("CLOSE 1002");
    assertThat(peer.closed()).isTrue();
    assertThat(count("frames.refused{reason=malformed}")).isEqualTo(1);
  }

  @Test
  void whatWasSentBeforeACloseIsAnsweredBeforeItsAnswer() {
    FramedPeer peer = connected("c");
    peer.raw(
        Packets.join(
            frame(LAST | BINARY, Packets.publish("a", "x", 1, 1)),
            frame(LAST | CLOSE, (byte) 3, (byte) 0xe9)));
    peer.expect("PUBACK #1", "CLOSE 1001");
    assertThat(peer.closed()).isTrue();
  }

  /** Hears Close and answers it. */
  private static void isToldToGo(FramedPeer peer) {
    peer.expect("CLOSE 1000");
    assertThat(peer.closed()).isFalse();
    peer.raw(frame(LAST | CLOSE, (byte) 3, (byte) 0xe8));
    assertThat(peer.closed()).isTrue();
  }

  @Test
  void aDisconnectIsAnsweredWithAClose() {
    TestClient watcher = TestClient.clean(broker, "watcher").subscribe("gone", 0);
    FramedPeer peer =
        silent()
            .binary(Packets.connect("c").will("gone", "c", 0, false).bytes())
            .expect("CONNACK 0");
    isToldToGo(peer.binary(Packets.DISCONNECT));
    watcher.expectNothing();
  }

  @Test
  void aMalformedPacketEndsItAsItDoesElsewhere() {
    FramedPeer peer = connected("c");
    isToldToGo(peer.binary(new byte[] {(byte) 0xf0, 0}));
    assertThat(count("packets.malformed{protocol=mqtt}")).isEqualTo(1);
  }

  @Test
  void aPingOfWebSocketKeepsNobodyAlive() {
    FramedPeer peer =
        silent().binary(Packets.connect("c").keepAlive(10).bytes()).expect("CONNACK 0");
    broker.advance(Duration.ofSeconds(14));
    peer.raw(frame(LAST | PING)).expect("PONG ");
    broker.advance(Duration.ofSeconds(2));
    assertThat(peer.closed()).isTrue();
  }

  @Test
  void messagesPassBetweenWires() {
    FramedPeer framed = connected("framed").binary(Packets.subscribe(1, 1, "a/#"));
    framed.expect("SUBACK #1 [1]");
    TestClient plain = TestClient.clean(broker, "plain").subscribe("b/#", 1);
    plain.publishAcked("a/1", "to ws");
    framed.expect("PUBLISH a/1 to ws qos1 #1");
    framed.binary(Packets.publish("b/1", "from ws"));
    plain.expect("PUBLISH b/1 from ws");
  }

  @Test
  void aTakenOverClientHearsAClose() {
    FramedPeer old = connected("same");
    TestClient.clean(broker, "same");
    isToldToGo(old);
  }
}
