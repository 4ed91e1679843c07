package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.netty.util.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Spring AMQP speaks with Carrick beside the Netty whose version Spring Boot sets. */
class GreenhouseTest {

  private static ConfigurableApplicationContext program;

  @BeforeAll
  static void start() {
    program = SpringApplication.run(Greenhouse.class);
  }

  @AfterAll
  static void stop() {
    program.close();
  }

  @Test
  void aDevicePublishesToAListenerAndHearsTheTemplate() throws Exception {
    int port = program.getBean(Broker.class).address("mqtt").getPort();
    BlockingQueue<String> orders = new LinkedBlockingQueue<>();
    var device = new MqttClient("tcp://127.0.0.1:" + port, "attic", new MemoryPersistence());
    device.connect();
    device.subscribe("valves/attic", 1, (topic, order) -> orders.add(order.toString()));

    device.publish("sensors/attic/temperature", "31.5".getBytes(StandardCharsets.UTF_8), 1, false);
    Greenhouse greenhouse = program.getBean(Greenhouse.class);
    assertThat(greenhouse.readings.poll(10, TimeUnit.SECONDS)).isEqualTo("31.5");

    Greenhouse.openValve(program.getBean(RabbitTemplate.class), "attic");
    assertThat(orders.poll(10, TimeUnit.SECONDS)).isEqualTo("open");
    device.disconnect();
    device.close();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void carrickUsesTheEpollOfItsOwnNetty() {
    assertThat(Version.identify().get("netty-common").artifactVersion()).startsWith("4.1.");
    assertThat(somebodyWaitsIn("io.carrick.internal.io.netty.channel.epoll.Native")).isTrue();
  }

  /** Idle loops wait there; one that is busy will be idle soon. */
  private static boolean somebodyWaitsIn(String type) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(10));
    boolean found = false;
    while (!found && Instant.now().isBefore(deadline)) {
      found =
          Thread.getAllStackTraces().values().stream()
              .flatMap(Stream::of)
              .anyMatch(frame -> frame.getClassName().equals(type));
    }
    return found;
  }
}
