package io.carrick.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.carrick.Source;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The programs under {@code examples/node}, run as they are. */
class NodeProgramsTest {

  @TempDir private static Path folder;

  @RegisterExtension
  final BrokerExtension carrick = BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort());

  @BeforeAll
  static void install() throws Exception {
    Program.assumeInstalled("node", "node", "--version");
    Program.assumeInstalled("npm", "npm", "--version");
    try (Stream<Path> files = Files.list(Path.of("node"))) {
      files.filter(Files::isRegularFile).forEach(NodeProgramsTest::copy);
    }
    try (Program npm =
        Program.start(folder, Map.of(), "npm", "install", "--no-audit", "--no-fund")) {
      assumeTrue(npm.exitCode() == 0, "npm cannot install mqtt and amqplib");
    }
  }

  private static void copy(Path file) {
    try {
      Files.copy(file, folder.resolve(file.getFileName()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void mqttJsSubscribesAndPublishesAtEveryQos() throws Exception {
    try (MessageProbe probe = carrick.probe(Source.topic("home.#"));
        Program program =
            Program.start(
                folder,
                Map.of("MQTT_URL", carrick.url("mqtt", "mqtt")),
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
