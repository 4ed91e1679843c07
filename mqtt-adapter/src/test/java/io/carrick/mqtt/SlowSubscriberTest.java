package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.PINGREQ;
import static io.carrick.mqtt.codec.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A subscriber that does not read: over sockets, whose buffers have an end, in standing time. */
@Timeout(60)
class SlowSubscriberTest {

  private static final String PAYLOAD = "x".repeat(16_000);
  private static final int MOST_BATCHES = 200;
  private static final int BATCH = 50;
  private static final Duration PAUSE = Duration.ofMillis(Limit.SLOW_CONSUMER_PAUSE_MS.byDefault());

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder()
              .adapter(Mqtt.onAnyPort())
              .limits(Limits.defaults().with(Limit.OUTPUT_BYTES, 256 << 10)));

  private SocketClient client(String id) throws IOException {
    return SocketClient.clean(broker.address("mqtt"), id);
  }

  private long dropped() {
    return broker.broker().metrics().dropped("slow-consumer");
  }

  /** Publishes QoS 0 until some of it is dropped; returns how many were published. */
  private int publishUntilDropped(SocketClient publisher) throws IOException {
    byte[][] batch = new byte[BATCH][];
    for (int i = 0; i < BATCH; i++) {
      batch[i] = publish("t", PAYLOAD);
    }
    for (int n = 1; n <= MOST_BATCHES; n++) {
      publisher.send(batch);
      publisher.send(PINGREQ);
      // Were it paused for longer than this, the answer would not come: time stands still.
      broker.advance(PAUSE);
      broker.advance(PAUSE);
      assertThat(publisher.next()).isEqualTo("PINGRESP");
      if (dropped() > 0) {
        return n * BATCH;
      }
    }
    throw new AssertionError("nothing was dropped of " + MOST_BATCHES * BATCH);
  }

  @Test
  void whatIsAtMostOnceIsDroppedAndCountedAndWhatIsAcknowledgedIsKept() throws IOException {
    try (SocketClient slow = client("slow").subscribe("t", 1);
        SocketClient publisher = client("publisher")) {
      int published = publishUntilDropped(publisher);
      publisher.send(publish("t", "kept", 1, 1));
      assertThat(publisher.next()).isEqualTo("PUBACK #1");
      int arrived = 0;
      String packet = slow.next();
      while (!packet.startsWith("PUBLISH t kept qos1")) {
        assertThat(packet).isEqualTo("PUBLISH t " + PAYLOAD);
        arrived++;
        packet = slow.next();
      }
      assertThat(arrived + dropped()).isEqualTo(published);
      publisher.send(publish("t", "afterwards"));
      assertThat(slow.next()).isEqualTo("PUBLISH t afterwards");
    }
  }

  @Test
  void aSlowSubscriberTakesNothingFromTheOthers() throws IOException {
    try (SocketClient slow = client("slow").subscribe("t", 0);
        SocketClient publisher = client("publisher");
        SocketClient quick = client("quick").subscribe("other", 0)) {
      publishUntilDropped(publisher);
      publisher.send(publish("other", "x"));
      assertThat(quick.next()).isEqualTo("PUBLISH other x");
      assertThat(slow.next()).isEqualTo("PUBLISH t " + PAYLOAD);
    }
  }
}
