package com.example.greenhouse;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * What a device publishes reaches a service; run on the module path, it fails where it does not.
 */
public final class Greenhouse {

  private Greenhouse() {}

  /** Exits with 1 if anything is not as it should be. */
  public static void main(String[] arguments) throws Exception {
    expect(Broker.class.getModule().isNamed(), "Carrick is a module");
    expect(!Broker.class.getModule().getDescriptor().isAutomatic(), "which describes itself");
    try (Broker broker =
        EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()).start()) {
      expect("21.5".equals(crossed(broker, "21.5")), "the message arrives");
      expect(
          !System.getProperty("os.name").equals("Linux")
              || somebodyWaitsIn("io.carrick.internal.io.netty.channel.epoll.Native"),
          "the loops use epoll");
    }
    System.out.println("all is well");
  }

  private static String crossed(Broker broker, String reading) throws Exception {
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

      String url = "tcp://127.0.0.1:" + broker.address("mqtt").getPort();
      var device = new MqttClient(url, "attic", new MemoryPersistence());
      device.connect();
      device.publish(
          "sensors/attic/temperature", reading.getBytes(StandardCharsets.UTF_8), 1, false);
      String arrived = readings.poll(10, TimeUnit.SECONDS);
      device.disconnect();
      device.close();
      return arrived;
    }
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

  private static void expect(boolean so, String what) {
    if (!so) {
      System.err.println("not so: " + what);
      System.exit(1);
    }
  }
}
