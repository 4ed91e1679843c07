package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets.publish;
import static io.carrick.mqtt.codec.Packets.retained;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Identity;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Resource;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is not retained, no longer, or not for everybody. */
class RetainedLimitsTest {

  /** Who subscribes may see all but what is a secret. */
  private static final Authorizer SECRETS =
      new Authorizer() {
        @Override
        public boolean allows(Identity who, Action action, Resource resource) {
          return true;
        }

        @Override
        public boolean allowsDelivery(Identity who, Resource topic) {
          return who.clientId().equals("owner") || !topic.name().endsWith(".secret");
        }
      };

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .authorizer(SECRETS)
                  .limits(Limits.defaults().with(Limit.LAST_VALUE_BYTES, 20_000)))
          .inTestThread();

  private long dropped(String reason) {
    return broker.broker().metrics().dropped(reason);
  }

  @Test
  void aRetainedMessageThatIsTooOldIsNotSentAndGoesByItself() {
    broker
        .client()
        .publisher("amq.topic")
        .send("t", Message.builder("x").retain().expiration(Duration.ofSeconds(30)).build());
    broker.settle();
    broker.advance(Duration.ofMillis(29_999));
    TestClient.clean(broker, "early").subscribe("t", 1).expect("PUBLISH t x retain");
    broker.advance(Duration.ofMillis(1));
    TestClient.clean(broker, "late").subscribe("t", 1).expectNothing();
    broker.advance(Duration.ofSeconds(1));
    assertThat(dropped("last-value-expired")).isEqualTo(1);
  }

  @Test
  void beyondTheBytesAMessageIsDeliveredAndNotRetained() {
    TestClient subscriber = TestClient.clean(broker, "s").subscribe("+", 1);
    TestClient publisher = TestClient.clean(broker, "p");
    String large = "x".repeat(15_000);
    publisher.send(retained(publish("a", large, 1, 1)), retained(publish("b", large, 1, 2)));
    publisher.expect("PUBACK #1", "PUBACK #2");
    assertThat(subscriber.received()).hasSize(2);
    TestClient.clean(broker, "late").subscribe("+", 0).expect("PUBLISH a " + large + " retain");
    assertThat(dropped("last-values-full")).isEqualTo(1);
  }

  @Test
  void aRetainedMessageIsForWhoMayHaveItsTopic() {
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.send(retained(publish("a/open", "1")), retained(publish("a/secret", "2")));
    TestClient.clean(broker, "guest").subscribe("a/+", 0).expect("PUBLISH a/open 1 retain");
    assertThat(TestClient.clean(broker, "owner").subscribe("a/+", 0).received())
        .containsExactlyInAnyOrder("PUBLISH a/open 1 retain", "PUBLISH a/secret 2 retain");
  }
}
