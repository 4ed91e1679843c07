package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Broker;
import io.carrick.MessagePath;
import io.carrick.Trace;
import io.carrick.TraceEvent;
import io.carrick.TraceFilter;
import io.carrick.TraceListener;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What docs/trace.md shows, with clients that others made. */
class TraceDocumentTest {

  private static final LinkedBlockingQueue<String> log = new LinkedBlockingQueue<>();
  private static final LinkedBlockingQueue<String> shown = new LinkedBlockingQueue<>();

  private final Broker broker =
      EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()).start();

  @AfterEach
  void close() {
    broker.close();
  }

  private static void log(TraceEvent event) {
    log.add(event.stage() + " " + event.queue());
  }

  private Mqtt5BlockingClient device(String clientId) {
    InetSocketAddress at = broker.address("mqtt");
    Mqtt5BlockingClient client =
        Mqtt5Client.builder()
            .identifier(clientId)
            .serverHost(at.getHostString())
            .serverPort(at.getPort())
            .buildBlocking();
    client.connectWith().noSessionExpiry().send();
    return client;
  }

  private Connection service() throws Exception {
    InetSocketAddress at = broker.address("amqp");
    var factory = new ConnectionFactory();
    factory.setHost(at.getHostString());
    factory.setPort(at.getPort());
    return factory.newConnection("climate");
  }

  /** Keeps a tree with its times made the same. */
  private static void show(String tree) {
    shown.add(withoutTimes(tree.replaceAll(" at [0-9:.]+", " at 12:00:00.000")));
  }

  private static String withoutTimes(String tree) {
    return tree.replaceAll("\\+[0-9]+ ms", "+1 ms");
  }

  /** Returns the tree in the document, with its times made the same. */
  private static String documented() {
    return withoutTimes(
        Documents.blocks(Documents.root().resolve("docs/trace.md")).stream()
            .filter(block -> block.language().equals("text"))
            .findFirst()
            .orElseThrow()
            .text());
  }

  @Test
  void aReadingIsFollowedFromADeviceToAServiceAndADisplayThatIsAway() throws Exception {
    Mqtt5BlockingClient sensor = device("sensor-17");
    Mqtt5BlockingClient display = device("display");
    display.subscribeWith().topicFilter("greenhouse/#").qos(MqttQos.AT_LEAST_ONCE).send();
    display.disconnect();
    try (Connection connection = service()) {
      Channel channel = connection.createChannel();
      channel.queueDeclare("readings", true, false, false, null);
      channel.queueBind("readings", "amq.topic", "greenhouse.*.temp");
      channel.basicConsume(
          "readings",
          false,
          (tag, delivery) -> channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false),
          tag -> {});
      var accepted = new CountDownLatch(1);
      Runnable publishing =
          () -> sensor.publishWith().topic("greenhouse/1/temp").qos(MqttQos.AT_LEAST_ONCE).send();
      TraceListener listener =
          event -> {
            if (event.stage() == TraceEvent.Stage.ACCEPTED) {
              accepted.countDown();
            }
          };
      // snippet
      TraceFilter temperatures = TraceFilter.everything().topic("greenhouse/+/temp");
      try (Trace trace = broker.trace(temperatures, listener)) {
        publishing.run();
        accepted.await();
        for (MessagePath path : trace.messages()) {
          show(path.tree());
        }
      }
      // end
    }
    assertThat(shown.poll()).isEqualTo(documented());
    assertThat(shown).isEmpty();
    sensor.disconnect();
  }

  @Test
  void aListenerHearsWhatIsDropped() throws Exception {
    Mqtt5BlockingClient sensor = device("sensor-17");
    // snippet
    TraceFilter fromSensor = TraceFilter.everything().publisher("sensor-17").oneIn(10);
    Trace trace =
        broker.trace(
            fromSensor,
            event -> {
              if (event.stage() == TraceEvent.Stage.UNROUTABLE) {
                log(event);
              }
            });
    // end
    sensor.publishWith().topic("nobody/listens").qos(MqttQos.AT_LEAST_ONCE).send();
    assertThat(log.poll(10, TimeUnit.SECONDS)).isEqualTo("UNROUTABLE ");
    trace.close();
    sensor.disconnect();
  }
}
