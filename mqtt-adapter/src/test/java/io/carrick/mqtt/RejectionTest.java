package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.Packets5.Properties5.reasonString;
import static io.carrick.mqtt.codec.Packets5.Properties5.receiveMaximum;
import static io.carrick.mqtt.codec.Packets5.Properties5.responseTopic;
import static io.carrick.mqtt.codec.Packets5.Properties5.user;
import static io.carrick.mqtt.codec.Packets5.ack;
import static io.carrick.mqtt.codec.Packets5.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Death;
import io.carrick.Message;
import io.carrick.QueueOptions;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients of MQTT 5 that do not want a message: it is a dead letter and tells why (MAP-15). */
class RejectionTest {

  private static final String SHARED_QUEUE =
      SharedFilter.read("$share/g/t".getBytes(StandardCharsets.UTF_8)).orElseThrow().queue();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(
                      Mqtt.onAnyPort().sessionQueues(QueueOptions.none().deadLetterTo("", "dead"))))
          .inTestThread();

  @BeforeEach
  void declare() {
    broker.client().topology().queue("dead").declare();
  }

  private void publish(String payload, int qos) {
    TestClient.clean(broker, "p").send(Version.MQTT_3_1_1.publish("t", payload, qos, 1)).vanish();
  }

  /** Returns the only dead letter, once it has shown where it comes from. */
  private Message dead(String payload, String queue) {
    Message dead = broker.client().poll("dead").orElseThrow().message();
    assertThat(broker.client().poll("dead")).isEmpty();
    assertThat(dead.text()).isEqualTo(payload);
    assertThat(dead.annotations().lastDeath())
        .contains(new Death.Event(queue, Death.Reason.REJECTED, "amq.topic"));
    return dead;
  }

  private static Map<String, Object> headers(Message dead) {
    return dead.properties().headers();
  }

  @ParameterizedTest
  @CsvSource({"1, PUBACK", "2, PUBREC"})
  void aDeadLetterHasTheReasonCodeAndItsText(int qos, PacketType answer) {
    TestClient client = TestClient.five(broker, connect("c")).subscribe("t", qos);
    publish("1", qos);
    client.expect("PUBLISH t 1 qos" + qos + " #1");
    client.send(ack(answer, 1, 0x83, user("a", "b"), reasonString("too hot"))).expect();
    assertThat(headers(dead("1", "mqtt.session.c")))
        .containsEntry("x-mqtt-reason", 0x83)
        .containsEntry("x-mqtt-reason-string", "too hot");

    publish("2", qos);
    client.expect("PUBLISH t 2 qos" + qos + " #2");
    client.send(ack(answer, 2, 0x99)).expect();
    assertThat(headers(dead("2", "mqtt.session.c")))
        .containsEntry("x-mqtt-reason", 0x99)
        .doesNotContainKey("x-mqtt-reason-string");
  }

  @Test
  void aCodeThatIsNoFailureTakesTheMessage() {
    TestClient client = TestClient.five(broker, connect("c")).subscribe("t", 1);
    publish("1", 1);
    client.expect("PUBLISH t 1 qos1 #1").send(ack(PUBACK, 1, 0x10, reasonString("nobody")));
    publish("2", 1);
    client.expect("PUBLISH t 2 qos1 #2").send(ack(PUBACK, 2, 0x80));
    dead("2", "mqtt.session.c");
  }

  @Test
  void whatAMemberOfASharedSubscriptionRejectsIsADeadLetterOfTheSharedQueue() {
    TestClient client = TestClient.five(broker, connect("c")).subscribe("$share/g/t", 2);
    publish("1", 1);
    publish("2", 2);
    client.expect("PUBLISH t 1 qos1 #1", "PUBLISH t 2 qos2 #2");
    client.send(ack(PUBACK, 1, 0x83, reasonString("one"))).expect();
    assertThat(headers(dead("1", SHARED_QUEUE))).containsEntry("x-mqtt-reason-string", "one");
    client.send(ack(PUBREC, 2, 0x83, reasonString("two"))).expect();
    assertThat(headers(dead("2", SHARED_QUEUE))).containsEntry("x-mqtt-reason-string", "two");
  }

  @Test
  void whatAnEarlierConnectionWasGivenOfASharedSubscriptionIsRejectedWhenItComesAgain() {
    TestClient client = TestClient.five(broker, connect("c").persistent());
    client.subscribe("$share/other/t", 2).subscribe("$share/g/t", 2);
    publish("1", 2);
    client.expect("PUBLISH t 1 qos2 #1", "PUBLISH t 1 qos2 #2").vanish();

    client = TestClient.five(broker, connect("c").persistent().with(receiveMaximum(1)));
    client.expect("PUBLISH t 1 qos2 #1 dup");
    client.send(ack(PUBREC, 2, 0x83, reasonString("no"))).expect();
    assertThat(broker.client().poll("dead")).isEmpty();
    client.send(ack(PUBREC, 1, 0x80)).expect();
    Message second = broker.client().poll("dead").orElseThrow().message();
    assertThat(headers(second)).containsEntry("x-mqtt-reason", 0x80);
    assertThat(headers(dead("1", SHARED_QUEUE)))
        .containsEntry("x-mqtt-reason", 0x83)
        .containsEntry("x-mqtt-reason-string", "no");
    publish("2", 1);
    client.expect("PUBLISH t 2 qos1 #3");
  }

  @Test
  void aDeadLetterOfADeviceNamesNoOtherTopicForAnswersThanTheDeviceDid() {
    TestClient client = TestClient.five(broker, connect("c")).subscribe("t", 1);
    TestClient.five(broker, connect("p"))
        .send(Packets5.publish("t", "1", 1, 1, user("x-amqp-reply-to", "secret")))
        .send(Packets5.publish("t", "2", 1, 2, responseTopic("$reply/guessed/secret")))
        .send(Packets5.publish("t", "3", 1, 3, responseTopic("answers")));
    client.send(ack(PUBACK, 1, 0x80), ack(PUBACK, 2, 0x80), ack(PUBACK, 3, 0x80));

    TestClient dead = TestClient.five(broker, connect("d")).subscribe("$queue/dead", 0);
    assertThat(dead.next()).startsWith("PUBLISH dead 1 {user=x-amqp-reply-to:secret, user=x-death");
    assertThat(dead.next()).startsWith("PUBLISH dead 2 {response=$reply/guessed/secret, user=x-d");
    assertThat(dead.next()).startsWith("PUBLISH dead 3 {response=answers, user=x-death");
  }
}
