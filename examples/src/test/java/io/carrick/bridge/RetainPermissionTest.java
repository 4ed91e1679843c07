package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5WillPublish;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.rabbitmq.client.AMQP;
import io.carrick.RoutingKey;
import io.carrick.Selection;
import io.carrick.TopicPermissions;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may publish everything and have only {@code own.…} kept. */
class RetainPermissionTest {

  private static final AMQP.BasicProperties RETAIN =
      Service.headers(2, Map.of("x-mqtt-retain", true));

  private static User limited() {
    return User.of("guest", "guest")
        .permitted("/")
        .permitted("/", "amq.topic", new TopicPermissions(".*", ".*", "^own\\."));
  }

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .users(Users.none().with(limited()).strangersActAs("guest")))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private Device5 device(String id) {
    return clients.keep(Device5.connect(broker.address("mqtt"), id));
  }

  private static Mqtt5Publish retained(String topic, MqttQos qos) {
    return Mqtt5Publish.builder()
        .topic(topic)
        .payload("1".getBytes(StandardCharsets.UTF_8))
        .qos(qos)
        .retain(true)
        .build();
  }

  /** Returns the topics of which something is kept. */
  private static List<String> kept() {
    return broker
        .await(broker.broker().admin().lastValues(RoutingKey.ofKey("#"), Selection.everything()))
        .items()
        .stream()
        .map(value -> value.message().routingKey().asTopic())
        .toList();
  }

  @Test
  @DisplayName("AMQP: the channel gets 403, for clearing too; what is not retained goes [MAP-31]")
  void amqpIsRefused() throws Exception {
    Service service = clients.service();
    service.publish("own.amqp", "1".getBytes(StandardCharsets.UTF_8), RETAIN);
    service.publish("other.amqp", "1");
    for (byte[] body : new byte[][] {{1}, {}}) {
      Service refused = clients.service();
      refused.channel.basicPublish("amq.topic", "other.amqp", RETAIN, body);
      assertThat(refused.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);
    }
    assertThat(kept()).contains("own/amqp").doesNotContain("other/amqp");
  }

  @Test
  @DisplayName("MQTT 5: PUBACK says 0x87, and the connection goes on [MAP-31]")
  void mqtt5IsRefused() throws Exception {
    Device5 device = device("five");
    device.publish(retained("own/five", MqttQos.AT_LEAST_ONCE));
    assertThatThrownBy(() -> device.publish(retained("other/five", MqttQos.AT_LEAST_ONCE)))
        .rootCause()
        .isInstanceOfSatisfying(
            Mqtt5PubAckException.class,
            e ->
                assertThat(e.getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED));
    device.publish("other/five", "goes", 1);
    assertThat(kept()).contains("own/five").doesNotContain("other/five");
  }

  @Test
  @DisplayName("MQTT 3: the connection ends, as for any publish that is not allowed [MAP-31]")
  void mqtt3IsClosed() throws Exception {
    Device device = clients.device("three");
    device.publish("own/three", new byte[] {1}, 1, true);
    device.publish("other/three", new byte[] {1}, 0, true);
    device.expectConnectionLost();
    assertThat(kept()).contains("own/three").doesNotContain("other/three");
  }

  @Test
  @DisplayName("a will that is to be retained is refused with its CONNECT [MAP-31]")
  void aWillIsRefused() {
    Mqtt5Connect connect =
        Mqtt5Connect.builder()
            .willPublish(
                Mqtt5WillPublish.builder()
                    .topic("other/will")
                    .payload(new byte[] {1})
                    .retain(true)
                    .build())
            .build();
    assertThatThrownBy(() -> Device5.connect(broker.address("mqtt"), "will", connect))
        .rootCause()
        .isInstanceOf(Mqtt5ConnAckException.class)
        .hasMessageContaining("NOT_AUTHORIZED");
  }
}
