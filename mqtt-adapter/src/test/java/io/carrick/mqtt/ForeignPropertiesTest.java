package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets5.Properties5.payloadFormat;
import static io.carrick.mqtt.codec.Packets5.Properties5.responseTopic;
import static io.carrick.mqtt.codec.Packets5.connect;
import static io.carrick.mqtt.codec.Packets5.publish;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Binding;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.Publisher;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.testing.BrokerExtension;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What others say about their messages reaches clients of version 5 as far as MQTT can say it. */
class ForeignPropertiesTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort()).inTestThread();

  @Test
  @Tag("MQTT-1.5.4-2/5")
  void aTextThatMqttCannotSayIsLeftOutAndTheClientStays() {
    TestClient s = TestClient.five(broker, connect("s")).subscribe("t", 0);
    broker
        .client()
        .publisher("amq.topic")
        .publish(
            "t",
            Message.builder("1")
                .userProperty("bad", "a\0b")
                .userProperty("ba\0d", "a")
                .userProperty("good", "c")
                .contentType("x\0y")
                .build());
    s.expect("PUBLISH t 1 {user=good:c, user=bad:\"a\\u0000b\", user=x-amqp-json:bad}");
  }

  @Test
  @Tag("MQTT-1.5.4-2/5")
  void aReasonThatMqttCannotSayIsLeftOut() {
    TestClient.five(broker, connect("s"))
        .send(Packets5.subscribe(1, 0, "$queue/a%00b"))
        .expect("SUBACK #1 [143]");
  }

  @Test
  void aNameForATopicThatIsTooLongForOneIsNoResponseTopic() {
    TestClient s = TestClient.five(broker, connect("s")).subscribe("t", 0);
    Publisher publisher = broker.client().publisher("amq.topic");
    publisher.publish("t", Message.builder("1").replyTo("$topic." + "a".repeat(65_536)).build());
    publisher.publish("t", Message.builder("2").replyTo("$topic.a").build());
    s.expect("PUBLISH t 1", "PUBLISH t 2 {response=a}");
  }

  @Test
  void aProgramInThisJvmReadsWhereAnAnswerGoesAndWhatThePayloadIs() {
    Client program = broker.client();
    program.topology().queue("q").declare();
    program.topology().bind(Binding.of("amq.topic", "q", "t"));
    TestClient.five(broker, connect("p"))
        .send(publish("t", "1", responseTopic("a/b"), payloadFormat(1)))
        .send(publish("t", "2"))
        .send(Packets.PINGREQ)
        .expect("PINGRESP");
    MessageProperties first = program.poll("q").orElseThrow().message().properties();
    MessageProperties second = program.poll("q").orElseThrow().message().properties();

    assertThat(first.responseTopic()).contains("a/b");
    assertThat(first.payloadFormat()).hasValue(1);
    assertThat(second.responseTopic()).isEmpty();
    assertThat(second.payloadFormat()).isEmpty();
  }
}
