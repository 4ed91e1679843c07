package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Endpoint;
import io.carrick.Source;
import io.carrick.WebSocket;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The programs under {@code examples/node}, run as they are. */
class NodeProgramsTest {

  @TempDir private static Path folder;

  @RegisterExtension
  final BrokerExtension carrick =
      BrokerExtension.with(
          Mqtt.onAnyPort()
              .endpoint(Endpoint.onAnyPort().named("ws").webSocket(WebSocket.at("/mqtt"))),
          Amqp.onAnyPort());

  @BeforeAll
  static void install() throws Exception {
    NodePrograms.install(folder);
  }

  @ParameterizedTest(name = "{0}, version {1}")
  @CsvSource({"mqtt, 3", "mqtt, 4", "mqtt, 5", "ws, 3", "ws, 4", "ws, 5"})
  void mqttJsSubscribesAndPublishesAtEveryQos(String scheme, String version) throws Exception {
    String url = carrick.url(scheme, scheme) + (scheme.equals("ws") ? "/mqtt" : "");
    try (MessageProbe probe = carrick.probe(Source.topic("home.#"));
        Program program =
            Program.start(
                folder,
                Map.of("MQTT_URL", url, "MQTT_VERSION", version),
                "node",
                "mqtt-example.js")) {
      assertThat(program.output().lines())
          .contains(
              "subscribed to home/temperature at QoS 1",
              "received home/temperature 23.5 at QoS 1",
              "published at QoS 1",
              "published at QoS 2",
              "published at QoS 0",
              "disconnected");
      assertThat(probe.take().message().text()).isEqualTo("23.5");
      assertThat(probe.take().message().text()).isEqualTo("too warm");
      assertThat(probe.take().message().text()).isEqualTo("40");
    }
  }

  @Test
  @Tag("amqp091:amqplib")
  void amqplibDeclaresPublishesAndConsumes() throws Exception {
    try (Program program =
        Program.start(
            folder, Map.of("AMQP_URL", carrick.url("amqp", "amqp")), "node", "amqp-example.js")) {
      assertThat(program.output().lines())
          .containsSubsequence(
              "published an order",
              "received order.created {\"id\":123,\"item\":\"rope\",\"amount\":2}",
              "received user.123.notification your order is on its way",
              "received  we close at six",
              "disconnected");
      assertThat(carrick.broker().queues())
          .singleElement()
          .satisfies(
              queue -> {
                assertThat(queue.name()).isEqualTo("order_queue");
                assertThat(queue.durable()).isTrue();
                assertThat(queue.ready()).isZero();
                assertThat(queue.unsettled()).isZero();
              });
    }
  }
}
