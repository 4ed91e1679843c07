package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.Receipt;
import io.carrick.ReceiptReport;
import io.carrick.ReceiptReport.Entry;
import io.carrick.Source;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/receipts.md shows, with clients that others made. */
class ReceiptsDocumentTest {

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort());

  private final LinkedBlockingQueue<String> shown = new LinkedBlockingQueue<>();

  @BeforeEach
  void listen() {
    broker.client().consumer(Source.topic("lamps.*")).start(delivery -> delivery.accept());
  }

  private void show(String line) {
    shown.add(line);
  }

  private String next() throws InterruptedException {
    String line = shown.poll(20, TimeUnit.SECONDS);
    assertThat(line).as("a line").isNotNull();
    return line;
  }

  @Test
  void aProgramGetsAReport() throws Exception {
    // snippet
    Publisher lamps = broker.client().publisher("amq.topic");
    Message on = Message.builder("on").receipt(Receipt.all(Duration.ofSeconds(5))).build();
    CompletionStage<ReceiptReport> receipt = lamps.publishForReceipt("lamps.hall", on);
    receipt.thenAccept(
        report -> {
          show(report.counts().acknowledged() + " of " + report.counts().targets());
          for (Entry copy : report.entries()) {
            show(copy.queue() + ": " + copy.outcome());
          }
        });
    // end
    assertThat(next()).isEqualTo("1 of 1");
    assertThat(next()).endsWith(": ACKNOWLEDGED");
  }

  @Test
  void aDeviceGetsAnAnswer() throws Exception {
    InetSocketAddress at = broker.address("mqtt");
    Mqtt5BlockingClient device =
        Mqtt5Client.builder()
            .identifier("switch")
            .serverHost(at.getHostString())
            .serverPort(at.getPort())
            .buildBlocking();
    device.connect();
    device
        .toAsync()
        .subscribeWith()
        .topicFilter("receipts/switch")
        .callback(answer -> show(new String(answer.getPayloadAsBytes(), StandardCharsets.UTF_8)))
        .send()
        .get();
    // snippet
    device.publish(
        Mqtt5Publish.builder()
            .topic("lamps/hall")
            .qos(MqttQos.AT_LEAST_ONCE)
            .responseTopic("receipts/switch")
            .correlationData("42".getBytes(StandardCharsets.UTF_8))
            .userProperties()
            .add("x-receipt", "count=1;timeout=5s")
            .applyUserProperties()
            .payload("on".getBytes(StandardCharsets.UTF_8))
            .build());
    // end
    assertThat(next()).startsWith("{\"result\":\"fulfilled\",\"targets\":1,\"acknowledged\":1,");
    device.disconnect();
  }

  @Test
  void aServiceGetsAnAnswer() throws Exception {
    InetSocketAddress at = broker.address("amqp");
    var factory = new ConnectionFactory();
    factory.setHost(at.getHostString());
    factory.setPort(at.getPort());
    try (Connection connection = factory.newConnection("switch");
        Channel channel = connection.createChannel()) {
      // snippet
      channel.basicConsume(
          "amq.rabbitmq.reply-to",
          true,
          (tag, answer) -> show(answer.getProperties().getHeaders().get("x-receipt-result") + ""),
          tag -> {});
      AMQP.BasicProperties properties =
          new AMQP.BasicProperties.Builder()
              .headers(Map.of("x-receipt", "all;timeout=5s"))
              .replyTo("amq.rabbitmq.reply-to")
              .correlationId("42")
              .build();
      channel.basicPublish("amq.topic", "lamps.hall", properties, "on".getBytes());
      // end
      assertThat(next()).isEqualTo("fulfilled");
    }
  }
}
