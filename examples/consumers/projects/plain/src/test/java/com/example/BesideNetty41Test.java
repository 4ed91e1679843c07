package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.netty.channel.epoll.Epoll;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Carrick has its own Netty and this program another, and both have their epoll. */
class BesideNetty41Test {

  @RegisterExtension
  static final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort());

  @Test
  void whatADevicePublishesReachesAService() throws Exception {
    var factory = new ConnectionFactory();
    factory.setPort(broker.address("amqp").getPort());
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      String queue = channel.queueDeclare().getQueue();
      channel.queueBind(queue, "amq.topic", "sensors.*.temperature");
      BlockingQueue<String> readings = new LinkedBlockingQueue<>();
      channel.basicConsume(
          queue,
          true,
          (tag, delivery) -> readings.add(new String(delivery.getBody(), StandardCharsets.UTF_8)),
          tag -> {});

      var device = new MqttClient(broker.url("tcp", "mqtt"), "attic", new MemoryPersistence());
      device.connect();
      device.publish(
          "sensors/attic/temperature", "21.5".getBytes(StandardCharsets.UTF_8), 1, false);

      assertThat(readings.poll(10, TimeUnit.SECONDS)).isEqualTo("21.5");
      device.disconnect();
      device.close();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void bothNettysUseTheirOwnEpoll() {
    assertThat(Version.identify().get("netty-common").artifactVersion()).startsWith("4.1.");
    assertThat(Epoll.isAvailable()).isTrue();
    assertThat(somebodyWaitsIn("io.carrick.internal.io.netty.channel.epoll.Native")).isTrue();
  }

  @Test
  void testingBringsNoSecondBroker() {
    ClassLoader all = BrokerExtension.class.getClassLoader();
    assertThat(all.resources("io/carrick/engine/EmbeddedBroker.class")).hasSize(1);
    assertThat(all.resources("io/carrick/transport/VirtualTime.class")).hasSize(1);
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
