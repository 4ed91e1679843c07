package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Endpoint;
import io.carrick.WebSocket;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.ServerPackets;
import io.carrick.transport.LocalPeer;
import io.carrick.transport.VirtualTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;

/** What is said in frames, however they are cut, is what is said without. */
class WebSocketPropertyTest {

  private static final VirtualTime TIME = VirtualTime.inThisThread(1);

  private static final Broker BROKER =
      EmbeddedBroker.builder()
          .loops(TIME.loops())
          .adapter(
              Mqtt.onAnyPort()
                  .endpoint(Endpoint.onAnyPort().named("ws").webSocket(WebSocket.atUsualPath())))
          .start();

  @AfterContainer
  static void close() {
    BROKER.close();
  }

  @Provide
  Arbitrary<byte[]> packets() {
    return Arbitraries.of(
        Packets.PINGREQ,
        Packets.subscribe(1, 0, "a/#", "b"),
        Packets.subscribe(2, 2, "a/+"),
        Packets.unsubscribe(3, "a/#"),
        Packets.publish("a/b", "none"),
        Packets.publish("a/b", "x".repeat(300), 1, 5),
        Packets.publish("a/b", "two", 2, 6),
        Packets.publish("b", "y".repeat(70_000), 1, 7),
        Packets.ack(PacketType.PUBREL, 6),
        Packets.ack(PacketType.PUBACK, 1),
        Packets.publish("a/+", "a wildcard"),
        Packets.DISCONNECT,
        new byte[] {(byte) 0xC0, 1, 0});
  }

  @Property(tries = 300)
  @Tag("MQTT-6.0.0-2/311")
  @Tag("MQTT-6.0.0-2/5")
  void framesChangeNothing(
      @ForAll @Size(max = 12) List<@net.jqwik.api.From("packets") byte[]> said, @ForAll long cuts) {
    byte[] stream = Packets.connect("c").bytes();
    for (byte[] packet : said) {
      stream = Packets.join(stream, packet);
    }
    List<String> plain = plainly(stream);
    assertThat(inFrames(stream, new Random(cuts))).isEqualTo(plain);
  }

  private static List<String> plainly(byte[] stream) {
    try (LocalPeer peer = TIME.connect(BROKER.address("mqtt"))) {
      peer.send(stream);
      var heard = new ArrayList<>(ServerPackets.describe(peer.received()));
      heard.add(peer.closed() ? "closed" : "open");
      return heard;
    }
  }

  private static List<String> inFrames(byte[] stream, Random random) {
    try (LocalPeer wire = TIME.connect(BROKER.address("ws"))) {
      var peer = new FramedPeer(wire, "mqtt");
      byte[] frames = {};
      boolean within = false;
      for (int at = 0; at < stream.length; ) {
        int most = random.nextBoolean() ? 8 : 10_000;
        int end = Math.min(stream.length, at + random.nextInt(most + 1));
        boolean last = random.nextBoolean();
        int first = (last ? FramedPeer.LAST : 0) | (within ? 0 : FramedPeer.BINARY);
        frames = Packets.join(frames, FramedPeer.frame(first, Arrays.copyOfRange(stream, at, end)));
        within = !last;
        at = end;
      }
      for (int at = 0; at < frames.length; ) {
        int end = Math.min(frames.length, at + 1 + random.nextInt(20_000));
        peer.raw(Arrays.copyOfRange(frames, at, end));
        at = end;
      }
      var heard = new ArrayList<>(peer.received());
      boolean ended = heard.remove("CLOSE 1000");
      heard.add(ended || peer.closed() ? "closed" : "open");
      return heard;
    }
  }
}
