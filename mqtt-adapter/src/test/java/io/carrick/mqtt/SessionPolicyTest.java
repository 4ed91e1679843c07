package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Death;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Overflow;
import io.carrick.Policy;
import io.carrick.Policy.AppliesTo;
import io.carrick.Policy.Kind;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What policies make of the queues of sessions, while they are there. */
class SessionPolicyTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .limits(Limits.defaults().with(Limit.SESSION_QUEUE_MESSAGES, 4)))
          .inTestThread();

  @BeforeEach
  void declare() {
    broker.client().topology().queue("dead").declare();
  }

  private static Policy sessions(AppliesTo kind) {
    return Policy.of("/", "sessions", "^mqtt\\.session\\.")
        .appliesTo(kind)
        .set("dead-letter-exchange", "")
        .set("dead-letter-routing-key", "dead");
  }

  private static Policy sessions() {
    return sessions(AppliesTo.QUEUES);
  }

  private void put(Policy policy) {
    broker.await(broker.broker().admin().policies().put(policy));
  }

  private void leave() {
    TestClient.persistent(broker, "s").subscribe("t", 1).disconnect();
  }

  private void publish(String... payloads) {
    TestClient publisher = TestClient.clean(broker, "p");
    for (String payload : payloads) {
      publisher.publishAcked("t", payload);
    }
    publisher.vanish();
  }

  private TestClient back() {
    return TestClient.persistent(broker, "s");
  }

  private void assertDead(Death.Reason reason, String... payloads) {
    for (String payload : payloads) {
      var dead = broker.client().poll("dead").orElseThrow().message();
      assertThat(dead.text()).isEqualTo(payload);
      assertThat(dead.annotations().lastDeath())
          .contains(new Death.Event("mqtt.session.s", reason, "amq.topic"));
    }
    assertThat(broker.client().poll("dead")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"ALL", "QUEUES", "CLASSIC_QUEUES"})
  void aTimeToLiveIsForWhatIsThereAsWell(AppliesTo kind) {
    leave();
    publish("1");
    broker.advance(Duration.ofHours(23));
    put(sessions(kind).set("message-ttl", 86_400_000));
    publish("2");
    broker.advance(Duration.ofHours(1));
    assertDead(Death.Reason.EXPIRED, "1");
    broker.await(broker.broker().admin().policies().delete("/", Kind.USER, "sessions"));
    broker.advance(Duration.ofDays(2));
    back().expect("PUBLISH t 2 qos1 #1");
    assertDead(Death.Reason.EXPIRED);
  }

  @Test
  void aLengthAndBytesHoldBesideTheBoundOfSessions() {
    leave();
    put(sessions());
    publish("1", "2", "3", "4", "5");
    assertDead(Death.Reason.MAXLEN, "1");
    put(sessions().set("max-length", 3));
    assertDead(Death.Reason.MAXLEN, "2");
    put(sessions().set("max-length", 100).set("max-length-bytes", 2));
    assertDead(Death.Reason.MAXLEN, "3");
    put(sessions().set("max-length", 100));
    publish("6", "7", "8");
    assertDead(Death.Reason.MAXLEN, "4");
    back()
        .expect(
            "PUBLISH t 5 qos1 #1",
            "PUBLISH t 6 qos1 #2",
            "PUBLISH t 7 qos1 #3",
            "PUBLISH t 8 qos1 #4");
  }

  @Test
  void whatBecomesOfTheRestIsSaidByAPolicyToo() {
    leave();
    put(sessions().set("max-length", 1).set("overflow", Overflow.DROP_NEWEST.text()));
    publish("1", "2");
    assertDead(Death.Reason.MAXLEN, "2");
    put(sessions().set("max-length", 1).set("overflow", Overflow.REJECT_PUBLISH_DLX.text()));
    TestClient publisher = TestClient.clean(broker, "p");
    publisher.send(Version.MQTT_3_1_1.publish("t", "3", 1, 1)).expect().expectClosed();
    assertDead(Death.Reason.MAXLEN, "3");
    back().expect("PUBLISH t 1 qos1 #1");
  }

  @Test
  void whatComesBackTooOftenIsADeadLetter() {
    put(sessions().set("delivery-limit", 1));
    leave();
    publish("1");
    back().expect("PUBLISH t 1 qos1 #1").vanish();
    back().expect("PUBLISH t 1 qos1 #1 dup").vanish();
    assertDead(Death.Reason.DELIVERY_LIMIT, "1");
    publish("2");
    back().expect("PUBLISH t 2 qos1 #2");
  }

  @Test
  void aSessionThatIsUnusedForTooLongEndsWithItsMessages() {
    put(sessions().set("expires", 60_000));
    leave();
    publish("1");
    broker.advance(Duration.ofMinutes(1));
    assertThat(broker.broker().metrics().dropped("queue-deleted")).isEqualTo(1);
    TestClient.connected(broker, io.carrick.mqtt.codec.Packets.connect("s").persistent());
    assertDead(Death.Reason.EXPIRED);
  }

  @Test
  void aClientMayTakeItsTimeToAcknowledgeWhateverAPolicySays() {
    put(sessions().set("consumer-timeout", 60_000));
    TestClient client =
        TestClient.connected(
            broker, io.carrick.mqtt.codec.Packets.connect("s").persistent().keepAlive(0));
    client.subscribe("t", 1);
    publish("1");
    client.expect("PUBLISH t 1 qos1 #1");
    broker.advance(Duration.ofHours(1));
    client.expectNothing();
  }

  @Test
  void anOperatorsPolicyLowersALimitAndSaysNothingOfDeadLetters() {
    put(sessions().set("max-length", 3));
    put(Policy.of("/", "few", "^mqtt").operator().set("max-length", 1));
    leave();
    publish("1", "2");
    assertDead(Death.Reason.MAXLEN, "1");
  }
}
