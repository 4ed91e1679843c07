package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult.Mqtt5Qos1Result;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is published twice with one id comes once, whichever protocol says it (MAP-17). */
class DeduplicationTest {

  private static final String ID = "x-deduplication-header";

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort().exchange("devices"), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private Inbox<Delivery> listen(Service service) throws Exception {
    Channel channel = service.channel();
    channel.exchangeDeclare(
        "devices", "topic", true, false, Map.of("x-message-deduplication", true));
    String queue = channel.queueDeclare().getQueue();
    channel.queueBind(queue, "devices", "#");
    return service.consume(queue);
  }

  private static Mqtt5PublishResult publish(Device5 device, String id, String text) {
    return device.publish(
        Mqtt5Publish.builder()
            .topic("a/b")
            .qos(MqttQos.AT_LEAST_ONCE)
            .userProperties()
            .add(ID, id)
            .applyUserProperties()
            .payload(text.getBytes(StandardCharsets.UTF_8))
            .build());
  }

  @Test
  @DisplayName("one id is one message for both protocols, and its publishers hear success [MAP-17]")
  void anIdIsOneMessage() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> deliveries = listen(service);
    Device subscriber = clients.device("subscriber").subscribe("#", 1);
    Device5 device = clients.device5("device");
    List<String> returned = new ArrayList<>();
    Channel channel = service.channel();
    channel.confirmSelect();
    channel.addReturnListener(back -> returned.add(back.getReplyText()));

    publish(device, "1", "by MQTT");
    Mqtt5PublishResult again = publish(device, "1", "by MQTT again");
    channel.basicPublish(
        "devices", "a.b", true, Service.headers(2, Map.of(ID, 1)), "by AMQP".getBytes());
    channel.waitForConfirmsOrDie(10_000);
    publish(device, "2", "fence");

    assertThat(Service.text(deliveries.take())).isEqualTo("by MQTT");
    assertThat(Service.text(deliveries.take())).isEqualTo("fence");
    assertThat(subscriber.take().text()).isEqualTo("by MQTT");
    assertThat(subscriber.take().text()).isEqualTo("fence");
    assertThat(((Mqtt5Qos1Result) again).getPubAck().getReasonCode())
        .isEqualTo(Mqtt5PubAckReasonCode.SUCCESS);
    assertThat(returned).isEmpty();
    assertThat(broker.broker().metrics().dropped("duplicate")).isEqualTo(2);
  }
}
