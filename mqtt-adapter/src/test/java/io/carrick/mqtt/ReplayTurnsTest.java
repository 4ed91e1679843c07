package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.ServerPackets;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import io.carrick.storage.Disk;
import io.carrick.transport.LocalPeer;
import io.carrick.transport.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many clients get many retained messages at once: counted by turns of the loop. */
class ReplayTurnsTest {

  private static final int CLIENTS = 200;
  private static final int RETAINED = 500;

  /** PUBLISH QoS 0 with a topic of five bytes and a payload of one. */
  private static final int PUBLISH_BYTES = 10;

  /** Two parts of a turn may deliver, and each may go beyond its share by one batch. */
  private static final int MOST_IN_A_TURN = 2 * (8_192 + 256);

  private final Disk disk = new Disk();
  private final VirtualTime time = VirtualTime.inThisThread(1);
  private LoopGroup loops;
  private Broker broker;
  private long written;
  private long mostWritten;

  @Test
  void noTurnSendsMoreThanItsShare() throws Exception {
    broker =
        EmbeddedBroker.builder()
            .loops(prefix -> loops = time.loops().start(prefix))
            .adapter(Mqtt.onAnyPort())
            .store(context -> disk.open(context))
            .start();
    try {
      retain();
      List<LocalPeer> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(peer("c" + i));
      }
      disk.hold(); // so that all get their SUBACK in one turn
      clients.forEach(c -> c.send(subscribe(1, 0, "s/#")));
      written = broker.metrics().value("bytes.written");
      watch(loops.loops().get(0));

      disk.release();
      time.settle();

      assertThat(clients)
          .allSatisfy(
              c ->
                  assertThat(ServerPackets.describe(c.received()))
                      .hasSize(RETAINED + 1)
                      .startsWith("SUBACK #1 [0]"));
      assertThat(mostWritten / PUBLISH_BYTES).isBetween(1_000L, (long) MOST_IN_A_TURN);
    } finally {
      broker.close();
    }
  }

  private LocalPeer peer(String id) {
    LocalPeer peer = time.connect(broker.address("mqtt"));
    peer.send(connect(id).persistent().bytes());
    assertThat(ServerPackets.describe(peer.received())).containsExactly("CONNACK 0");
    return peer;
  }

  private void retain() {
    LocalPeer publisher = peer("publisher");
    for (int i = 0; i < RETAINED; i++) {
      publisher.send(Packets.retained(Packets.publish("s/" + (100 + i), "x")));
    }
  }

  /** Notes at the end of each turn what was written in the one before, until nothing is. */
  private void watch(Loop loop) {
    loop.execute(() -> loop.atTurnEnd(() -> turnEnds(loop)));
  }

  private void turnEnds(Loop loop) {
    long now = broker.metrics().value("bytes.written");
    mostWritten = Math.max(mostWritten, now - written);
    boolean more = mostWritten == 0 || now > written;
    written = now;
    if (more && now < (long) CLIENTS * RETAINED * PUBLISH_BYTES * 10) {
      watch(loop);
    }
  }
}
