package io.carrick.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.carrick.Client;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.Source;
import io.carrick.Subscription;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.testing.MessageProbe;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What docs/request-response.md shows: everybody asks and everybody answers. */
class RequestResponseDocumentTest {

  private static final int SECONDS = 20;

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private Mqtt5AsyncClient device;
  private Connection connection;
  private Channel channel;

  @BeforeEach
  void connect() throws Exception {
    device =
        Mqtt5Client.builder()
            .identifier("device")
            .serverHost("127.0.0.1")
            .serverPort(broker.address("mqtt").getPort())
            .buildAsync();
    device.connect().join();
    var factory = new ConnectionFactory();
    factory.setPort(broker.address("amqp").getPort());
    connection = factory.newConnection();
    channel = connection.createChannel();
  }

  @AfterEach
  void disconnect() {
    connection.abort();
    device.disconnect().join();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String answer() throws InterruptedException {
    return answers.poll(SECONDS, TimeUnit.SECONDS);
  }

  // ---- who answers

  private void deviceAnswers() {
    // snippet
    device
        .subscribeWith()
        .topicFilter("lamp/ask")
        .callback(
            request ->
                device.publish(
                    Mqtt5Publish.builder()
                        .topic(request.getResponseTopic().orElseThrow())
                        .correlationData(request.getCorrelationData().orElse(null))
                        .payload(bytes("bright"))
                        .build()))
        .send();
    // end
  }

  private void serviceAnswers() throws Exception {
    channel.queueDeclare("questions", false, true, true, null);
    channel.queueBind("questions", "amq.topic", "lamp.ask");
    // snippet
    channel.basicConsume(
        "questions",
        true,
        (tag, request) ->
            channel.basicPublish(
                "",
                request.getProperties().getReplyTo(),
                new AMQP.BasicProperties.Builder()
                    .correlationId(request.getProperties().getCorrelationId())
                    .build(),
                bytes("bright")),
        tag -> {});
    // end
  }

  private static Subscription programAnswers(Client program) {
    // snippet
    return program.subscribe(
        Source.topic("lamp.ask"),
        request -> {
          MessageProperties asked = request.message().properties();
          Message.Builder answer = Message.builder("bright");
          asked.correlationId().ifPresent(answer::correlationId);
          asked.replyTo().ifPresent(queue -> program.publisher("").send(queue, answer.build()));
          asked
              .responseTopic()
              .map(topic -> RoutingKey.ofTopic(topic).asKey())
              .ifPresent(key -> program.publisher("amq.topic").send(key, answer.build()));
        });
    // end
  }

  // ---- who asks

  private String deviceAsks() throws InterruptedException {
    // snippet
    device
        .subscribeWith()
        .topicFilter("answers/device")
        .callback(answer -> answers.add(text(answer)))
        .send()
        .join();
    device.publish(
        Mqtt5Publish.builder()
            .topic("lamp/ask")
            .qos(MqttQos.AT_LEAST_ONCE)
            .payload(bytes("how bright?"))
            .responseTopic("answers/device")
            .correlationData(bytes("42"))
            .build());
    // end
    return answer();
  }

  private static String text(Mqtt5Publish message) {
    return new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8)
        + " "
        + message.getCorrelationData().map(StandardCharsets.UTF_8::decode).orElseThrow();
  }

  private String serviceAsks() throws Exception {
    // snippet
    channel.basicConsume(
        "amq.rabbitmq.reply-to",
        true,
        (tag, answer) ->
            answers.add(
                new String(answer.getBody(), StandardCharsets.UTF_8)
                    + " "
                    + answer.getProperties().getCorrelationId()),
        tag -> {});
    channel.basicPublish(
        "amq.topic",
        "lamp.ask",
        new AMQP.BasicProperties.Builder()
            .replyTo("amq.rabbitmq.reply-to")
            .correlationId("42")
            .build(),
        bytes("how bright?"));
    // end
    return answer();
  }

  private static String programAsks(Client program) {
    program.topology().queue("answers").declare();
    MessageProbe probe = broker.probe(Source.queue("answers"));
    // snippet
    Message request = Message.builder("how bright?").replyTo("answers").correlationId("42").build();
    program.publisher("amq.topic").send("lamp.ask", request);
    // end
    Message answer = probe.take().message();
    program.topology().deleteQueue("answers");
    byte[] id = answer.properties().correlationId().orElseThrow();
    return answer.text() + " " + new String(id, StandardCharsets.UTF_8);
  }

  // ---- everybody asks everybody

  @Test
  void aDeviceAnswersAll() throws Exception {
    deviceAnswers();

    assertThat(deviceAsks()).isEqualTo("bright 42");
    assertThat(serviceAsks()).isEqualTo("bright 42");
    assertThat(programAsks(broker.client())).isEqualTo("bright 42");
  }

  @Test
  void aServiceAnswersAll() throws Exception {
    serviceAnswers();

    assertThat(deviceAsks()).isEqualTo("bright 42");
    assertThat(serviceAsks()).isEqualTo("bright 42");
    assertThat(programAsks(broker.client())).isEqualTo("bright 42");
  }

  @Test
  void aProgramAnswersAll() throws Exception {
    Client program = broker.client();
    try (Subscription answering = programAnswers(program)) {
      assertThat(deviceAsks()).isEqualTo("bright 42");
      assertThat(serviceAsks()).isEqualTo("bright 42");
      assertThat(programAsks(program)).isEqualTo("bright 42");
      assertThat(answering).isNotNull();
    }
  }
}
