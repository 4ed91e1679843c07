package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.GetResponse;
import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Names and texts that an application gives a message, on their way through the protocols. */
class UserPropertiesTest {

  private static final Message MESSAGE =
      Message.builder("m")
          .userProperty("b", "1")
          .userProperty("a", "2")
          .userProperty("b", "3")
          .build();

  private final Broker broker =
      EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()).start();
  private final Client client = broker.connect();

  @AfterEach
  void close() {
    client.close();
    broker.close();
  }

  private void publish(String exchange) {
    client.publisher(exchange).publish("a.b", MESSAGE).toCompletableFuture().join();
  }

  @Test
  @DisplayName("AMQP sees them as headers and comes back with all of them [MAP-24]")
  void throughAmqpAndBack() throws Exception {
    client.topology().queue("out").declare();
    client.topology().queue("back").declare();
    try (Service service = Service.connect(broker.address("amqp"))) {
      client.publisher("").publish("out", MESSAGE).toCompletableFuture().join();
      GetResponse got = service.channel.basicGet("out", true);
      AMQP.BasicProperties seen = got.getProps();
      assertThat(seen.getHeaders()).containsKeys("a", "b", "x-mqtt-user-properties");
      assertThat(seen.getHeaders().get("b")).hasToString("1");

      service.channel.basicPublish("", "back", seen, got.getBody());
      service.channel.queueDeclarePassive("back");
    }
    MessageProperties back = client.poll("back").orElseThrow().message().properties();
    assertThat(back.userProperties())
        .containsExactly(
            new UserProperty("b", "1"), new UserProperty("a", "2"), new UserProperty("b", "3"));
  }

  @Test
  @DisplayName("a headers exchange matches them [MAP-24]")
  void aHeadersExchangeMatchesThem() {
    client.topology().queue("matched").declare();
    client
        .topology()
        .bind(
            new Binding(
                "amq.headers",
                Binding.Target.QUEUE,
                "matched",
                RoutingKey.EMPTY,
                Map.of("x-match", "all", "a", "2", "b", "1"),
                null));

    publish("amq.headers");

    List<UserProperty> got =
        client.poll("matched").orElseThrow().message().properties().userProperties();
    assertThat(got).isEqualTo(MESSAGE.properties().userProperties());
  }

  @Test
  @DisplayName("an MQTT 3 subscriber gets the message without them [MAP-24] [MAP-27]")
  void mqtt3DoesNotSeeThem() throws Exception {
    String uri = "tcp://127.0.0.1:" + broker.address("mqtt").getPort();
    try (Device device = Device.connect(uri, "d", Device.options(true)).subscribe("a/b", 1)) {
      publish("amq.topic");

      assertThat(device.take().text()).isEqualTo("m");
    }
  }
}
