package io.carrick.examples;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * A device that speaks MQTT, a service that speaks AMQP, and the broker between them. The topic
 * {@code greenhouse/7/moisture} is the routing key {@code greenhouse.7.moisture}, and back.
 *
 * <p>Run: {@code java -cp examples/target/carrick.jar io.carrick.examples.Greenhouse}
 */
public final class Greenhouse {

  private static final int AT_LEAST_ONCE = 1;

  private Greenhouse() {}

  /**
   * Runs the program.
   *
   * @param args none
   * @throws MqttException when the device cannot talk to the broker
   * @throws IOException when the service cannot
   * @throws TimeoutException when the service gets no answer
   */
  @SuppressWarnings("try") // the service works until its connection is closed
  public static void main(String[] args) throws MqttException, IOException, TimeoutException {
    try (Broker broker =
            EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()).start();
        Connection service = connect(broker.address("amqp"))) {
      Irrigation.start(service);
      water(broker.address("mqtt"));
    }
  }

  private static Connection connect(InetSocketAddress broker) throws IOException, TimeoutException {
    var factory = new ConnectionFactory(); // guest, guest, "/"
    factory.setHost(broker.getHostString());
    factory.setPort(broker.getPort());
    return factory.newConnection("irrigation");
  }

  /** Is bed 7: tells its moisture until it is told to open its valve. */
  private static void water(InetSocketAddress broker) throws MqttException {
    String url = "tcp://" + broker.getHostString() + ":" + broker.getPort();
    try (var bed = new MqttClient(url, "bed-7", new MemoryPersistence())) {
      bed.connect();
      var valve = new CompletableFuture<String>();
      bed.subscribe(
          "greenhouse/7/valve",
          AT_LEAST_ONCE,
          (topic, message) ->
              valve.complete(new String(message.getPayload(), StandardCharsets.UTF_8)));
      for (String percent : new String[] {"35", "22", "12"}) {
        System.out.println("moisture " + percent + " %");
        bed.publish(
            "greenhouse/7/moisture",
            percent.getBytes(StandardCharsets.UTF_8),
            AT_LEAST_ONCE,
            false);
      }
      System.out.println("valve: " + valve.join());
      bed.disconnect();
    }
  }
}
