package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client of MQTT 5 asks and names a topic for the answer, an AMQP client answers (MAP-19). */
class DeviceAsksServiceTest {

  private static final int IN_FLIGHT = 1_000;

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Mqtt5Publish request(String responseTopic, String correlation) {
    return Mqtt5Publish.builder()
        .topic("clock/ask")
        .payload(bytes("how late?"))
        .qos(MqttQos.AT_LEAST_ONCE)
        .responseTopic(responseTopic)
        .correlationData(bytes(correlation))
        .build();
  }

  /** Answers as every AMQP client does that has never heard of MQTT. */
  private static void answer(Channel channel, Delivery request, String text) throws IOException {
    channel.basicPublish(
        "",
        request.getProperties().getReplyTo(),
        new AMQP.BasicProperties.Builder()
            .correlationId(request.getProperties().getCorrelationId())
            .build(),
        bytes(text));
  }

  private static String correlation(Mqtt5Publish message) {
    var data = message.getCorrelationData().orElseThrow();
    var copy = new byte[data.remaining()];
    data.get(copy);
    return new String(copy, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"answers/watch", "/a//", "a.b/50%/c%2E", "ä/x y"})
  @DisplayName("reply_to is a name that stands for the topic [MAP-19]")
  void answersToReplyTo(String topic) throws Exception {
    Device5 watch = clients.device5("watch").subscribe(topic, 1);
    Service clock = clients.service();
    Inbox<Delivery> requests = clock.listen("clock.ask");

    watch.publish(request(topic, "42"));
    Delivery request = requests.take();
    assertThat(request.getProperties().getReplyTo()).startsWith("$topic.").doesNotContain("/");
    answer(clock.channel, request, "too late");

    Mqtt5Publish got = watch.take();
    assertThat(got.getTopic()).hasToString(topic);
    assertThat(Device5.text(got)).isEqualTo("too late");
    assertThat(correlation(got)).isEqualTo("42");
  }

  @Test
  @DisplayName("a topic that is no name of a queue, being too long, is in no reply_to [MAP-19]")
  void aLongTopic() throws Exception {
    Inbox<Delivery> requests = clients.service().listen("clock.ask");

    clients.device5("watch").publish(request("a".repeat(249), "42"));

    assertThat(requests.take().getProperties().getReplyTo()).isNull();
  }

  @Test
  @DisplayName("there seems to be such a queue, and nobody can declare it [MAP-19] [MAP-36]")
  void noSuchQueue() throws Exception {
    Service clock = clients.service();

    assertThat(clock.channel.queueDeclarePassive("$topic.answers.watch").getConsumerCount())
        .isZero();
    assertThat(
            Service.replyCode(
                () -> clock.channel.queueDeclare("$topic.a", false, false, false, null)))
        .isEqualTo(AMQP.ACCESS_REFUSED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"$topic.$SYS.x", "$topic.$share.g.x", "$topic.$reply.x.q"})
  @DisplayName("nor does it open what is closed: 403 [MAP-19] [MAP-7]")
  void noWayAround(String name) throws Exception {
    Service rude = clients.service();
    rude.channel.basicPublish("", name, null, new byte[0]);
    assertThat(rude.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);
  }

  @Test
  @DisplayName("what stands for no topic is unroutable, as what is for a topic of nobody's is")
  void toNobody() throws Exception {
    Service clock = clients.service();
    Inbox<String> returned = new Inbox<>("the publisher");
    clock.channel.addReturnListener(back -> returned.add(back.getRoutingKey()));
    for (String key : new String[] {"$topic.", "$topic.%", "$topic.+", "$topic.nobody"}) {
      clock.channel.basicPublish("", key, true, null, new byte[0]);
      assertThat(returned.take()).isEqualTo(key);
    }
  }

  @Test
  @DisplayName("a forwarded reply_to is the Response Topic again [MAP-19]")
  void backInMqtt() throws Exception {
    Device5 watch = clients.device5("watch").subscribe("forwarded", 1);
    Service clock = clients.service();
    Inbox<Delivery> requests = clock.listen("clock.ask");
    watch.publish(request("answers/watch", "42"));
    Delivery request = requests.take();

    AMQP.BasicProperties bare =
        new AMQP.BasicProperties.Builder().replyTo(request.getProperties().getReplyTo()).build();
    clock.publish("forwarded", request.getBody(), bare);

    assertThat(watch.take().getResponseTopic().orElseThrow()).hasToString("answers/watch");
  }

  @Test
  @DisplayName("1,000 requests are in flight, and each has its answer [MAP-19]")
  void manyInFlight() throws Exception {
    Device5 watch = clients.device5("watch").subscribe("answers/watch", 0);
    Service clock = clients.service();
    Inbox<Delivery> requests = clock.listen("clock.ask");
    for (int i = 0; i < IN_FLIGHT; i++) {
      watch.send(
          request("answers/watch", Integer.toString(i)).extend().qos(MqttQos.AT_MOST_ONCE).build());
    }
    for (Delivery request : requests.take(IN_FLIGHT)) {
      answer(clock.channel, request, "late");
    }

    Set<String> ids = new HashSet<>();
    watch.inbox().take(IN_FLIGHT).forEach(got -> ids.add(correlation(got)));
    assertThat(ids).hasSize(IN_FLIGHT);
  }
}
