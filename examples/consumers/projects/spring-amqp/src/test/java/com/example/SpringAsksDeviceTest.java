package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.carrick.Broker;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.AsyncRabbitTemplate;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.adapter.MessageListenerAdapter;

/** Requests between a program of Spring AMQP and a device that speaks MQTT 5 (MAP-19). */
@Timeout(90)
class SpringAsksDeviceTest {

  private static final int SECONDS = 20;

  private final Broker broker =
      EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()).start();
  private final Mqtt5AsyncClient device =
      Mqtt5Client.builder()
          .identifier("lamp")
          .serverHost("127.0.0.1")
          .serverPort(broker.address("mqtt").getPort())
          .buildAsync();
  private CachingConnectionFactory connections;
  private RabbitAdmin admin;
  private RabbitTemplate template;

  @BeforeEach
  void connect() {
    connections = new CachingConnectionFactory("127.0.0.1", broker.address("amqp").getPort());
    admin = new RabbitAdmin(connections);
    template = new RabbitTemplate(connections);
    template.setReplyTimeout(SECONDS * 1_000L);
    device.connect().join();
  }

  @AfterEach
  void stop() {
    device.disconnect().join();
    connections.destroy();
    broker.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Mqtt5Publish message) {
    return new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8);
  }

  private void subscribe(String topic, Consumer<Mqtt5Publish> handler) {
    device
        .subscribeWith()
        .topicFilter(topic)
        .qos(MqttQos.AT_LEAST_ONCE)
        .callback(handler)
        .send()
        .join();
  }

  /** The device says how bright each lamp is. */
  private void answerByMqtt() {
    subscribe(
        "lamp/ask",
        request ->
            device.publish(
                Mqtt5Publish.builder()
                    .topic(request.getResponseTopic().orElseThrow())
                    .correlationData(request.getCorrelationData().orElse(null))
                    .contentType("text/plain")
                    .payload(bytes(text(request) + " is bright"))
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .build()));
  }

  private Object ask(String lamp) {
    return template.convertSendAndReceive("amq.topic", "lamp.ask", lamp);
  }

  @Test
  void aDeviceAnswersOverDirectReplyTo() {
    answerByMqtt();

    assertThat(ask("one")).isEqualTo("one is bright");
    assertThat(ask("two")).isEqualTo("two is bright");
  }

  @Test
  void aDeviceAnswersToAChannelOfTheTemplatesOwn() {
    template.setUseDirectReplyToContainer(false);
    answerByMqtt();

    assertThat(ask("one")).isEqualTo("one is bright");
  }

  @Test
  void aDeviceAnswersToATemporaryQueueForEachRequest() {
    template.setUseTemporaryReplyQueues(true);
    answerByMqtt();

    assertThat(ask("one")).isEqualTo("one is bright");
    assertThat(ask("two")).isEqualTo("two is bright");
  }

  @Test
  void aDeviceAnswersToAQueueThatStays() {
    admin.declareQueue(new Queue("answers"));
    template.setReplyAddress("answers");
    var container = new SimpleMessageListenerContainer(connections);
    container.setQueueNames("answers");
    container.setMessageListener(template);
    container.start();
    answerByMqtt();

    assertThat(ask("one")).isEqualTo("one is bright");
    container.stop();
  }

  @Test
  void aDeviceAnswersAnAsynchronousTemplate() throws Exception {
    answerByMqtt();
    var asynchronous = new AsyncRabbitTemplate(template);
    asynchronous.start();
    try {
      var first = asynchronous.<String>convertSendAndReceive("amq.topic", "lamp.ask", "one");
      var second = asynchronous.<String>convertSendAndReceive("amq.topic", "lamp.ask", "two");
      assertThat(second.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("two is bright");
      assertThat(first.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("one is bright");
    } finally {
      asynchronous.stop();
    }
  }

  /** What a listener returns is sent to the reply address of the message. */
  public static final class Clock {

    public String handleMessage(byte[] request) {
      return "no. " + new String(request, StandardCharsets.UTF_8);
    }
  }

  @Test
  void aListenerThatKnowsNoTopicsAnswersADevice() throws Exception {
    var queue = new Queue("questions");
    admin.declareQueue(queue);
    admin.declareBinding(
        BindingBuilder.bind(queue).to(new TopicExchange("amq.topic")).with("clock.ask"));
    var container = new SimpleMessageListenerContainer(connections);
    container.setQueueNames("questions");
    container.setMessageListener(new MessageListenerAdapter(new Clock()));
    container.start();
    BlockingQueue<Mqtt5Publish> answers = new LinkedBlockingQueue<>();
    subscribe("answers/lamp", answers::add);

    device
        .publish(
            Mqtt5Publish.builder()
                .topic("clock/ask")
                .payload(bytes("is it late?"))
                .qos(MqttQos.AT_LEAST_ONCE)
                .responseTopic("answers/lamp")
                .correlationData(bytes("42"))
                .build())
        .join();

    Mqtt5Publish answer = answers.poll(SECONDS, TimeUnit.SECONDS);
    assertThat(answer).isNotNull();
    assertThat(text(answer)).isEqualTo("no. is it late?");
    assertThat(
            answer
                .getCorrelationData()
                .map(StandardCharsets.UTF_8::decode)
                .orElseThrow()
                .toString())
        .isEqualTo("42");
    container.stop();
  }
}
