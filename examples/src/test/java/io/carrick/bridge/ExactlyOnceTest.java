package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** QoS 2 across the bridge, with HiveMQ's client behind connections that break (MAP-11, MAP-17). */
class ExactlyOnceTest {

  private static final int MESSAGES = 600;
  private static final int CUT_EVERY = 97;

  private static final List<String> ALL =
      IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList();

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  /** Connects a client which comes back to its session by itself. */
  private Mqtt3AsyncClient connect(String clientId, CuttableProxy proxy) throws Exception {
    Mqtt3AsyncClient client =
        Mqtt3Client.builder()
            .identifier(clientId)
            .serverHost("127.0.0.1")
            .serverPort(proxy.port())
            .automaticReconnect()
            .initialDelay(1, TimeUnit.MILLISECONDS)
            .maxDelay(50, TimeUnit.MILLISECONDS)
            .applyAutomaticReconnect()
            .buildAsync();
    clients.keep(() -> client.disconnect().exceptionally(gone -> null).join());
    client.connectWith().cleanSession(false).keepAlive(30).send().get(20, TimeUnit.SECONDS);
    return client;
  }

  @Test
  @DisplayName(
      "what MQTT publishes at QoS 2 comes once and in order, however often it breaks [MAP-17]")
  void fromMqttExactlyOnce() throws Exception {
    CuttableProxy proxy = clients.keep(new CuttableProxy(broker.address("mqtt")));
    Inbox<Delivery> deliveries = clients.service().listen("once.up");
    Mqtt3AsyncClient publisher = connect("publisher", proxy);

    var sent = new ArrayList<CompletableFuture<Mqtt3Publish>>();
    for (String text : ALL) {
      sent.add(
          publisher
              .publishWith()
              .topic("once/up")
              .qos(MqttQos.EXACTLY_ONCE)
              .payload(text.getBytes(StandardCharsets.UTF_8))
              .send());
    }
    var received = new ArrayList<String>();
    while (received.size() < MESSAGES) {
      received.add(Service.text(deliveries.take()));
      if (received.size() % CUT_EVERY == 0) {
        proxy.cut();
      }
    }
    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);

    clients.service().publish("once.up", "fence");
    assertThat(Service.text(deliveries.take())).isEqualTo("fence");
    assertThat(received).containsExactlyElementsOf(ALL);
  }

  @Test
  @DisplayName(
      "what AMQP publishes with x-mqtt-qos 2 comes to MQTT once, however often it breaks [MAP-11]")
  void toMqttExactlyOnce() throws Exception {
    CuttableProxy proxy = clients.keep(new CuttableProxy(broker.address("mqtt")));
    var inbox = new Inbox<String>("the subscriber");
    Mqtt3AsyncClient subscriber = connect("subscriber", proxy);
    subscriber
        .subscribeWith()
        .topicFilter("once/down")
        .qos(MqttQos.EXACTLY_ONCE)
        .callback(p -> inbox.add(new String(p.getPayloadAsBytes(), StandardCharsets.UTF_8)))
        .send()
        .get(20, TimeUnit.SECONDS);
    Service service = clients.service();
    service.channel.confirmSelect();

    for (String text : ALL) {
      service.channel.basicPublish(
          "amq.topic",
          "once.down",
          Service.headers(2, Map.of("x-mqtt-qos", 2)),
          text.getBytes(StandardCharsets.UTF_8));
    }
    service.channel.waitForConfirmsOrDie(20_000);
    var received = new ArrayList<String>();
    while (received.size() < MESSAGES) {
      received.add(inbox.take());
      if (received.size() % CUT_EVERY == 0) {
        proxy.cut();
      }
    }

    service.publish("once.down", new byte[] {'f'}, Service.headers(2, Map.of("x-mqtt-qos", 2)));
    assertThat(inbox.take()).isEqualTo("f");
    assertThat(received).containsExactlyElementsOf(ALL);
  }
}
