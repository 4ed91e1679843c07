package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult.Mqtt5Qos1Result;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An AMQP client asks and names a queue for the answer, a client of MQTT 5 answers (MAP-19). */
class ServiceAsksDeviceTest {

  private static final int IN_FLIGHT = 1_000;

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  static void ask(Service requester, String replyTo, String correlationId) throws Exception {
    requester.channel.basicPublish(
        "amq.topic",
        "lamp.ask",
        new AMQP.BasicProperties.Builder()
            .deliveryMode(2)
            .replyTo(replyTo)
            .correlationId(correlationId)
            .build(),
        "how bright?".getBytes(StandardCharsets.UTF_8));
  }

  static Mqtt5Publish answer(Mqtt5Publish request, String text) {
    return Mqtt5Publish.builder()
        .topic(request.getResponseTopic().orElseThrow())
        .payload(text.getBytes(StandardCharsets.UTF_8))
        .qos(MqttQos.AT_LEAST_ONCE)
        .correlationData(request.getCorrelationData().orElse(null))
        .build();
  }

  private static Mqtt5Publish to(String topic) {
    return Mqtt5Publish.builder().topic(topic).qos(MqttQos.AT_LEAST_ONCE).build();
  }

  private static Mqtt5PubAckReasonCode outcome(Mqtt5PublishResult result) {
    return ((Mqtt5Qos1Result) result).getPubAck().getReasonCode();
  }

  static Mqtt5PubAckReasonCode refusal(Device5 device, Mqtt5Publish message) {
    try {
      return outcome(device.publish(message));
    } catch (CompletionException refused) {
      return ((Mqtt5PubAckException) refused.getCause()).getMqttMessage().getReasonCode();
    }
  }

  @Test
  @DisplayName("the answer comes to the queue that the request names [MAP-19]")
  void answersToAQueue() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Service requester = clients.service();
    requester.channel.queueDeclare("answers", false, true, true, null);
    Inbox<Delivery> answers = Service.consume(requester.channel, "answers", true);

    ask(requester, "answers", "42");
    Mqtt5Publish request = lamp.take();
    assertThat(request.getResponseTopic().orElseThrow().toString())
        .matches("\\$reply/[-_A-Za-z0-9]{22}/answers");
    lamp.publish(answer(request, "bright"));

    Delivery got = answers.take();
    assertThat(Service.text(got)).isEqualTo("bright");
    assertThat(got.getEnvelope().getExchange()).isEmpty();
    assertThat(got.getEnvelope().getRoutingKey()).isEqualTo("answers");
    assertThat(got.getProperties().getCorrelationId()).isEqualTo("42");
    assertThat(got.getProperties().getReplyTo()).isNull();
  }

  @Test
  @DisplayName("direct reply-to needs no queue [MAP-19]")
  void answersDirectly() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Service requester = clients.service();
    Inbox<Delivery> answers = Service.consume(requester.channel, "amq.rabbitmq.reply-to", true);

    ask(requester, "amq.rabbitmq.reply-to", "42");
    lamp.publish(answer(lamp.take(), "bright"));

    Delivery got = answers.take();
    assertThat(Service.text(got)).isEqualTo("bright");
    assertThat(got.getProperties().getCorrelationId()).isEqualTo("42");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a.b", ".", "..a.", "a/b", "+", "#", "%2F", "50%", "wärme", "a\u0001b\u0085"})
  @DisplayName("a queue may have any name [MAP-19]")
  void anyName(String name) throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Service requester = clients.service();
    requester.channel.queueDeclare(name, false, true, true, null);
    Inbox<Delivery> answers = Service.consume(requester.channel, name, true);

    ask(requester, name, "42");
    lamp.publish(answer(lamp.take(), "bright"));

    assertThat(Service.text(answers.take())).isEqualTo("bright");
  }

  @Test
  @DisplayName("nobody answers who was not asked: 0x87 [MAP-19]")
  void noForgedTopic() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Service requester = clients.service();
    requester.channel.queueDeclare("mine", false, true, true, null);
    requester.channel.queueDeclare("secret", false, true, true, null);
    ask(requester, "mine", "42");
    Mqtt5Publish request = lamp.take();
    String topic = request.getResponseTopic().orElseThrow().toString();

    for (String forged :
        new String[] {
          "$reply",
          "$reply/secret",
          "$reply//secret",
          "$reply/AAAAAAAAAAAAAAAAAAAAAA/secret",
          topic.replace("/mine", "/secret"),
          topic.replace("/mine", "/secret/mine"),
          topic + "%",
          topic + "/"
        }) {
      assertThat(refusal(lamp, to(forged))).isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED);
    }
    lamp.publish(answer(request, "bright"));
    assertThat(Service.text(requester.channel.basicGet("mine", true))).isEqualTo("bright");
    assertThat(requester.channel.basicGet("mine", true)).isNull();
    assertThat(requester.channel.basicGet("secret", true)).isNull();
  }

  @Test
  @DisplayName("who has gone gets no answer: 0x10 [MAP-19]")
  void toNobody() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Service requester = clients.service();
    requester.channel.queueDeclare("gone", false, true, true, null);
    ask(requester, "gone", "1");
    requester.channel.queueDelete("gone");
    Service.consume(requester.channel, "amq.rabbitmq.reply-to", true);
    ask(requester, "amq.rabbitmq.reply-to", "2");
    Mqtt5Publish first = lamp.take();
    Mqtt5Publish second = lamp.take();
    requester.connection.close(); // which the broker has answered

    assertThat(outcome(lamp.publish(answer(first, "bright"))))
        .isEqualTo(Mqtt5PubAckReasonCode.NO_MATCHING_SUBSCRIBERS);
    assertThat(outcome(lamp.publish(answer(second, "bright"))))
        .isEqualTo(Mqtt5PubAckReasonCode.NO_MATCHING_SUBSCRIBERS);
  }

  @Test
  @DisplayName("nobody reads along: $reply is no topic, and # does not match it [MAP-19] [MAP-7]")
  void nobodyReadsAlong() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Device5 watcher = clients.device5("watcher").subscribe("#", 1);
    Inbox<Delivery> amqpWatcher = clients.service().listen("#");
    for (String filter :
        new String[] {"$reply/#", "$reply/+/answers", "$reply", "$share/g/$reply/#"}) {
      assertThatThrownBy(() -> watcher.subscribe(filter, 1))
          .hasCauseInstanceOf(Mqtt5SubAckException.class);
    }
    Service requester = clients.service();
    Inbox<Delivery> answers = Service.consume(requester.channel, "amq.rabbitmq.reply-to", true);
    ask(requester, "amq.rabbitmq.reply-to", "42");
    Mqtt5Publish request = lamp.take();
    lamp.publish(answer(request, "bright"));
    answers.take();
    lamp.publish("end", "", 1);

    assertThat(watcher.take().getTopic()).hasToString("lamp/ask");
    assertThat(watcher.take().getTopic()).hasToString("end");
    assertThat(amqpWatcher.take().getEnvelope().getRoutingKey()).isEqualTo("lamp.ask");
    assertThat(amqpWatcher.take().getEnvelope().getRoutingKey()).isEqualTo("end");
  }

  @Test
  @DisplayName("an answer is no retained message, and no will [MAP-19]")
  void neitherRetainedNorAWill() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Service requester = clients.service();
    requester.channel.queueDeclare("kept", false, true, true, null);
    ask(requester, "kept", "42");
    Mqtt5Publish request = lamp.take();
    long before = broker.broker().metrics().counters().get("last-values");

    lamp.publish(answer(request, "bright").extend().retain(true).build());

    assertThat(Service.text(requester.channel.basicGet("kept", true))).isEqualTo("bright");
    assertThat(broker.broker().metrics().counters().get("last-values")).isEqualTo(before);
    Mqtt5Connect willing =
        Mqtt5Connect.builder().willPublish(answer(request, "dark").asWill()).build();
    assertThatThrownBy(() -> clients.device5("willing", willing))
        .hasCauseInstanceOf(Mqtt5ConnAckException.class)
        .satisfies(
            refused ->
                assertThat(
                        ((Mqtt5ConnAckException) refused.getCause())
                            .getMqttMessage()
                            .getReasonCode())
                    .isEqualTo(Mqtt5ConnAckReasonCode.TOPIC_NAME_INVALID));
  }

  @Test
  @DisplayName("an AMQP client answers to the queue and has no such key: 403 [MAP-19]")
  void notByAmqp() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Service requester = clients.service();
    requester.channel.queueDeclare("mine", false, true, true, null);
    ask(requester, "mine", "42");
    String topic = lamp.take().getResponseTopic().orElseThrow().toString();

    Service rude = clients.service();
    rude.channel.basicPublish("amq.topic", topic.replace('/', '.'), null, new byte[0]);
    assertThat(rude.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);
  }

  @Test
  @DisplayName("who shares a subscription may answer, whoever of them was asked [MAP-19] [MAP-8]")
  void sharedResponders() throws Exception {
    Device5 one = clients.device5("one").subscribe("$share/lamps/lamp/ask", 1);
    Device5 two = clients.device5("two").subscribe("$share/lamps/lamp/ask", 1);
    Service requester = clients.service();
    Inbox<Delivery> answers = Service.consume(requester.channel, "amq.rabbitmq.reply-to", true);

    ask(requester, "amq.rabbitmq.reply-to", "1");
    ask(requester, "amq.rabbitmq.reply-to", "2");
    one.publish(answer(one.take(), "by one"));
    two.publish(answer(two.take(), "by two"));

    assertThat(answers.take(2)).extracting(Service::text).contains("by one", "by two");
  }

  @Test
  @DisplayName("1,000 requests are in flight, and each has its answer [MAP-19]")
  void manyInFlight() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 0);
    Service requester = clients.service();
    Inbox<Delivery> answers = Service.consume(requester.channel, "amq.rabbitmq.reply-to", true);
    for (int i = 0; i < IN_FLIGHT; i++) {
      ask(requester, "amq.rabbitmq.reply-to", Integer.toString(i));
    }
    for (Mqtt5Publish request : lamp.inbox().take(IN_FLIGHT)) {
      lamp.send(answer(request, "bright").extend().qos(MqttQos.AT_MOST_ONCE).build());
    }

    Set<String> ids = new HashSet<>();
    answers.take(IN_FLIGHT).forEach(got -> ids.add(got.getProperties().getCorrelationId()));
    assertThat(ids)
        .hasSize(IN_FLIGHT)
        .containsAll(IntStream.range(0, IN_FLIGHT).mapToObj(Integer::toString).toList());
  }

  @Test
  @DisplayName("a request that is forwarded to AMQP names the queue again [MAP-19]")
  void backInAmqp() throws Exception {
    Device5 lamp = clients.device5("lamp").subscribe("lamp/ask", 1);
    Service requester = clients.service();
    requester.channel.queueDeclare("mine", false, true, true, null);
    Inbox<Delivery> forwarded = requester.listen("other.ask");
    ask(requester, "mine", "42");
    Mqtt5Publish request = lamp.take();

    lamp.publish(request.extend().topic("other/ask").build());

    Delivery got = forwarded.take();
    assertThat(got.getProperties().getReplyTo()).isEqualTo("mine");
    assertThat(got.getProperties().getCorrelationId()).isEqualTo("42");
  }
}
