package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.connect;
import static io.carrick.mqtt.codec.Packets.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Referral;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.storage.Disk;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A broker that lets its clients go while it owes them something: over sockets. */
@Timeout(60)
class DrainUnderWayTest {

  private static final Duration BOUND = Duration.ofMillis(Limit.CLOSE_TIMEOUT_MS.byDefault());

  private final Disk disk = new Disk();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).store(context -> disk.open(context)));

  private CompletableFuture<Boolean> drained;

  @BeforeEach
  void aSessionThatKeepsWhatIsPublished() throws IOException {
    try (var session = new SocketClient(broker.address("mqtt"))) {
      session.send(connect("s").persistent().bytes());
      assertThat(session.next()).isEqualTo("CONNACK 0");
      session.subscribe("t", 1);
    }
  }

  /** Begins, and waits until the clients have been asked. */
  private void drain(Duration timeout) throws IOException {
    drained =
        CompletableFuture.supplyAsync(() -> broker.broker().drain(timeout, Referral.nowhere()));
    String answer;
    do {
      try (var late = new SocketClient(broker.address("mqtt"))) {
        late.send(connect("late").bytes());
        answer = late.next();
      }
    } while (answer.equals("CONNACK 0"));
    assertThat(answer).isEqualTo("CONNACK 3");
    broker.advance(Duration.ZERO);
  }

  @Test
  void whatAClientHasPublishedIsAcknowledgedBeforeItGoes() throws IOException {
    try (SocketClient publisher = SocketClient.clean(broker.address("mqtt"), "p")) {
      disk.hold();
      publisher.send(publish("t", "x", 1, 1));
      drain(Duration.ofSeconds(30));
      assertThat(drained).isNotDone();
      disk.release();
      assertThat(publisher.rest()).isEqualTo(List.of("PUBACK #1"));
    }
    finish();
    assertThat(drained.join()).isTrue();
  }

  @Test
  void whoWaitsForTheStoreForTooLongIsCutOff() throws IOException {
    try (SocketClient publisher = SocketClient.clean(broker.address("mqtt"), "p")) {
      disk.hold();
      publisher.send(publish("t", "x", 1, 1));
      drain(Duration.ofSeconds(30));
      while (!drained.isDone() && !broker.broker().connections().isEmpty()) {
        broker.advance(BOUND);
      }
      assertThat(publisher.rest()).isEmpty();
      disk.release();
    }
    finish();
    assertThat(drained.join()).isTrue();
  }

  private void finish() {
    while (!drained.isDone()) {
      broker.advance(Duration.ofMillis(10));
    }
  }
}
