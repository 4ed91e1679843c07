package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Death;
import io.carrick.Delivery;
import io.carrick.Message;
import io.carrick.Policy;
import io.carrick.Policy.AppliesTo;
import io.carrick.QueueOptions;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/mqtt.md shows of dead letters. */
class DeadLettersOfDevicesTest {

  @RegisterExtension final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort());

  private void leaveSession(String clientId) throws Exception {
    try (var client =
        new MqttClient(broker.url("tcp", "mqtt"), clientId, new MemoryPersistence())) {
      var options = new MqttConnectOptions();
      options.setCleanSession(false);
      client.connect(options);
      client.subscribe("t", 1);
      client.disconnect();
    }
  }

  @Test
  void aPolicySaysWhereTheMessagesOfDevicesGo() throws Exception {
    // snippet
    Policy devices =
        Policy.of("/", "devices", "^mqtt\\.session\\.device-")
            .appliesTo(AppliesTo.QUEUES)
            .options(
                QueueOptions.none()
                    .messageTtl(Duration.ofDays(1))
                    .deadLetterTo("", "devices-failed"));
    // end
    broker.client().topology().queue("devices-failed").declare();
    broker.await(broker.broker().admin().policies().put(devices));
    leaveSession("device-1");
    leaveSession("other");
    broker.await(
        broker
            .client()
            .publisher("amq.topic")
            .publish("t", Message.builder("1").persistent().build()));
    assertThat(broker.client().poll("devices-failed")).isEmpty();

    broker.advance(Duration.ofDays(1));
    Delivery dead = broker.client().poll("devices-failed").orElseThrow();
    Death.Event death = dead.message().annotations().lastDeath().orElseThrow();
    assertThat(death.queue()).isEqualTo("mqtt.session.device-1");
    assertThat(death.reason()).isEqualTo(Death.Reason.EXPIRED);
    assertThat(broker.client().poll("devices-failed")).isEmpty();
  }
}
