package io.carrick.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.amqp.codec.ChannelMethod;
import io.carrick.amqp.codec.ConnectionMethod.TuneOk;
import io.carrick.amqp.codec.FrameReader;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Heartbeats in time that the test moves. AMQP 0-9-1 §4.2.7 */
class HeartbeatTest {

  private static final byte[] HEARTBEAT = RawClient.frame(FrameReader.HEARTBEAT, 0);

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Amqp.onAnyPort()).inTestThread();

  private RawClient client(int heartbeatSeconds) {
    return RawClient.open(broker, new TuneOk(1, RawClient.FRAME_BYTES, heartbeatSeconds));
  }

  @Test
  @Tag("amqp091:heartbeat")
  void theBrokerIsHeardOfInEveryInterval() {
    RawClient client = client(10);
    for (int i = 0; i < 5; i++) {
      broker.advance(Duration.ofSeconds(10));
      assertThat(client.nextFrame().type()).isEqualTo(FrameReader.HEARTBEAT);
      while (!client.silent()) {
        assertThat(client.nextFrame().type()).isEqualTo(FrameReader.HEARTBEAT);
      }
      client.bytes(HEARTBEAT);
    }
    assertThat(client.closed()).isFalse();
  }

  @Test
  @Tag("amqp091:heartbeat")
  void aClientThatIsSilentForTwoIntervalsIsGone() {
    RawClient client = client(10);
    broker.advance(Duration.ofSeconds(19));
    assertThat(client.closed()).isFalse();
    broker.advance(Duration.ofSeconds(6));
    assertThat(client.closed()).isTrue();
  }

  @Test
  void anythingThatTheClientSendsCountsAsAHeartbeat() {
    RawClient client = client(10);
    for (int number = 0; number < 5; number++) {
      broker.advance(Duration.ofSeconds(15));
      client.send(1, new ChannelMethod.Open());
      client.send(1, new ChannelMethod.Close(200, "", 0, 0));
    }
    assertThat(client.closed()).isFalse();
  }

  @Test
  void withoutHeartbeatsNobodyIsMissed() {
    RawClient client = client(0);
    broker.advance(Duration.ofHours(10));
    assertThat(client.silent()).isTrue();
    assertThat(client.closed()).isFalse();
  }

  @Test
  void oneClientThatIsGoneIsNothingToAnother() {
    RawClient lively = client(10);
    RawClient dead = client(10);
    for (int i = 0; i < 3; i++) {
      broker.advance(Duration.ofSeconds(10));
      lively.bytes(HEARTBEAT);
    }
    assertThat(dead.closed()).isTrue();
    assertThat(lively.closed()).isFalse();
  }
}
