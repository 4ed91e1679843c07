package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client of MQTT 5 sends again after its connection was cut (MAP-17). */
class PublishersDup5Test {

  private final GatedStore store = new GatedStore();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .store(store.factory()))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  /** Connects a client which comes back to its session by itself, and sends again. */
  private Mqtt5AsyncClient connect(CuttableProxy proxy) throws Exception {
    Mqtt5AsyncClient client =
        Mqtt5Client.builder()
            .identifier("publisher")
            .serverHost("127.0.0.1")
            .serverPort(proxy.port())
            .automaticReconnect()
            .initialDelay(1, TimeUnit.MILLISECONDS)
            .maxDelay(50, TimeUnit.MILLISECONDS)
            .applyAutomaticReconnect()
            .buildAsync();
    clients.keep(() -> client.disconnect().exceptionally(gone -> null).join());
    client.connectWith().cleanStart(false).noSessionExpiry().send().get(20, TimeUnit.SECONDS);
    return client;
  }

  private static CompletableFuture<Mqtt5PublishResult> publish(
      Mqtt5AsyncClient client, String text, int qos) {
    return client
        .publishWith()
        .topic("t")
        .qos(MqttQos.fromCode(qos))
        .payload(text.getBytes(StandardCharsets.UTF_8))
        .send();
  }

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("what comes again is not redelivered for anyone, and with QoS 2 comes once [MAP-17]")
  void aPublishersDupIsNotRedelivered(int qos) throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("q", true, false, false, Map.of());
    service.channel.queueBind("q", "amq.topic", "t");
    Inbox<Delivery> deliveries = Service.consume(service.channel, "q", true);
    CuttableProxy proxy = clients.keep(new CuttableProxy(broker.address("mqtt")));
    Mqtt5AsyncClient publisher = connect(proxy);

    store.shut();
    CompletableFuture<Mqtt5PublishResult> answer = publish(publisher, "x", qos);
    assertThat(Service.text(deliveries.take())).isEqualTo("x");
    proxy.cut();
    CompletableFuture<Mqtt5PublishResult> fence = publish(publisher, "fence", qos);
    if (qos == 1) {
      Delivery again = deliveries.take();
      assertThat(Service.text(again)).isEqualTo("x");
      assertThat(again.getEnvelope().isRedeliver()).isFalse();
    }
    store.open();

    CompletableFuture.allOf(answer, fence).get(20, TimeUnit.SECONDS);
    Delivery last = deliveries.take();
    assertThat(Service.text(last)).isEqualTo("fence");
    assertThat(last.getEnvelope().isRedeliver()).isFalse();
  }
}
