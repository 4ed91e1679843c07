package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.Packets5.Properties5.sessionExpiry;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever a session loses of what was acknowledged for it is counted, with its reason. */
class SessionLossTest {

  private static final List<String> REASONS =
      List.of(
          "expired",
          "offline",
          "session-full",
          "max-length",
          "queue-full",
          "queue-deleted",
          "purged",
          "rejected",
          "slow-consumer");

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .limits(Limits.defaults().with(Limit.SESSION_QUEUE_MESSAGES, 3)))
          .inTestThread();

  private void leave() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
  }

  private void publish(String... payloads) {
    TestClient publisher = TestClient.clean(broker, "p");
    for (String payload : payloads) {
      publisher.publishAcked("t", payload);
    }
    publisher.disconnect();
  }

  /** Expects losses for this reason, and for no other. */
  private void expectLost(String reason, long count) {
    for (String each : REASONS) {
      assertThat(broker.broker().metrics().dropped(each))
          .as(each)
          .isEqualTo(each.equals(reason) ? count : 0);
    }
  }

  @Test
  void whatIsTooOldIsCountedAsExpired() {
    leave();
    broker
        .client()
        .publisher("amq.topic")
        .send("t", Message.builder("x").persistent().expiration(Duration.ofSeconds(10)).build());
    broker.settle();
    broker.advance(Duration.ofSeconds(10));
    expectLost("expired", 1);
    TestClient.persistent(broker, "s").expectNothing();
  }

  @Test
  void whatABoundHasNoRoomForIsCountedAsSessionFull() {
    leave();
    publish("1", "2", "3", "4", "5");
    expectLost("session-full", 2);
  }

  @Test
  void whatHasQos0IsCountedAsOffline() {
    leave();
    TestClient.clean(broker, "p").publish("t", "x").expectNothing();
    expectLost("offline", 1);
  }

  @Test
  void whatASessionHasThatIsDiscardedByItsClientIsCountedAsDeleted() {
    leave();
    publish("1", "2");
    TestClient.clean(broker, "s").expectNothing();
    expectLost("queue-deleted", 2);
  }

  @Test
  void whatASessionHasThatExpiresIsCountedAsDeleted() {
    TestClient.five(broker, Packets5.connect("s").with(sessionExpiry(30)))
        .subscribe("t", 1)
        .disconnect();
    publish("1", "2");
    broker.advance(Duration.ofSeconds(29));
    expectLost("", 0);
    broker.advance(Duration.ofSeconds(1));
    expectLost("queue-deleted", 2);
  }

  @Test
  void whatACleanSessionDidNotAcknowledgeIsCountedAsDeleted() {
    TestClient client = TestClient.clean(broker, "s").subscribe("t", 1);
    publish("1", "2");
    assertThat(client.received()).hasSize(2);
    client.vanish();
    broker.settle();
    expectLost("queue-deleted", 2);
  }

  @Test
  void whatAnAdministratorPurgesIsCountedAsPurged() {
    leave();
    publish("1", "2");
    broker.await(broker.broker().admin().purge("/", "mqtt.session.s"));
    expectLost("purged", 2);
    TestClient.persistent(broker, "s").expectNothing();
  }

  @Test
  void whatASessionGetsInTheEndIsNotCountedAtAll() {
    leave();
    publish("1", "2", "3");
    TestClient client = TestClient.persistent(broker, "s");
    assertThat(client.received()).hasSize(3);
    client.ack(PUBACK, 1);
    client.ack(PUBACK, 2);
    client.ack(PUBACK, 3);
    client.disconnect();
    TestClient.clean(broker, "s").disconnect();
    expectLost("", 0);
  }
}
