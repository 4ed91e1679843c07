package io.carrick.mqtt;

import static io.carrick.mqtt.codec.Packets5.connect;

import io.carrick.Message;
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
    s.expect("PUBLISH t 1 {user=good:c}");
  }
}
