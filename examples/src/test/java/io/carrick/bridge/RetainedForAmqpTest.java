package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Retained messages of HiveMQ's client for RabbitMQ's, and of that one for itself and Paho's. */
class RetainedForAmqpTest {

  private static final Map<String, Object> ASKS = Map.of("x-mqtt-retained", true);
  private static final Map<String, Object> RETAIN = Map.of("x-mqtt-retain", true);

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Device5 device(String id) {
    return clients.keep(Device5.connect(broker.address("mqtt"), id));
  }

  private static void retain(Device5 device, String topic, String text) {
    device.publish(
        Mqtt5Publish.builder()
            .topic(topic)
            .payload(bytes(text))
            .qos(MqttQos.AT_LEAST_ONCE)
            .retain(true)
            .build());
  }

  private static String bound(Channel channel, String key) throws Exception {
    String queue = channel.queueDeclare().getQueue();
    channel.queueBind(queue, "amq.topic", key, ASKS);
    return queue;
  }

  /** Returns what is in a queue; what had been kept is marked. */
  private static List<String> drain(Channel channel, String queue) throws Exception {
    var all = new ArrayList<String>();
    for (GetResponse r = get(channel, queue); r != null; r = get(channel, queue)) {
      all.add(r.getEnvelope().getRoutingKey() + "=" + Service.text(r) + marks(headers(r)));
    }
    return all;
  }

  private static GetResponse get(Channel channel, String queue) throws Exception {
    return channel.basicGet(queue, true);
  }

  private static Map<String, Object> headers(GetResponse response) {
    Map<String, Object> headers = response.getProps().getHeaders();
    return headers == null ? Map.of() : headers;
  }

  private static String marks(Map<String, Object> headers) {
    return (Boolean.TRUE.equals(headers.get("x-mqtt-retain")) ? " retain" : "")
        + (Boolean.TRUE.equals(headers.get("x-mqtt-retained")) ? " retained" : "");
  }

  @Test
  @DisplayName("a queue bound with x-mqtt-retained gets what devices have retained [MAP-31]")
  void whatDevicesHaveRetainedComesAtTheBinding() throws Exception {
    Device5 house = device("house");
    retain(house, "house/attic/temperature", "-3");
    retain(house, "house/cellar/temperature", "8");
    retain(house, "house/cellar/temperature", "9");
    retain(house, "house/hall/light", "on");
    retain(house, "house/old/temperature", "1");
    retain(house, "house/old/temperature", "");

    Service service = clients.service();
    String queue = bound(service.channel, "house.*.temperature");
    assertThat(drain(service.channel, queue))
        .containsExactlyInAnyOrder(
            "house.attic.temperature=-3 retain retained",
            "house.cellar.temperature=9 retain retained");

    retain(house, "house/cellar/temperature", "10");
    house.publish("house/cellar/temperature", "11", 1);
    assertThat(drain(service.channel, queue))
        .containsExactly("house.cellar.temperature=10 retain", "house.cellar.temperature=11");
  }

  @Test
  @DisplayName("a topic that its key does not show comes with its topic [MAP-31] [MAP-5]")
  void aTopicWithADotComesWithItsTopic() throws Exception {
    retain(device("dotted"), "dotted/a.b", "1");
    Channel channel = clients.service().channel;
    GetResponse got = get(channel, bound(channel, "dotted.#"));
    assertThat(headers(got))
        .hasEntrySatisfying("x-mqtt-topic", topic -> assertThat(topic).hasToString("dotted/a.b"));
    assertThat(marks(headers(got))).isEqualTo(" retain retained");
  }

  @Test
  @DisplayName("the same binding again brings nothing, a new queue's everything [MAP-31]")
  void onlyANewBindingBringsThem() throws Exception {
    retain(device("again"), "again/x", "1");
    Channel channel = clients.service().channel;
    String queue = bound(channel, "again.x");
    channel.queueBind(queue, "amq.topic", "again.x", ASKS);
    assertThat(drain(channel, queue)).hasSize(1);
    channel.queueUnbind(queue, "amq.topic", "again.x", ASKS);
    channel.queueBind(queue, "amq.topic", "again.x", ASKS);
    assertThat(drain(channel, queue)).hasSize(1);
    assertThat(drain(channel, bound(channel, "again.x"))).hasSize(1);
    String plain = channel.queueDeclare().getQueue();
    channel.queueBind(plain, "amq.topic", "again.x");
    assertThat(drain(channel, plain)).as("who does not ask").isEmpty();
  }

  @Test
  @DisplayName("a consumer is given them like other messages, and settles them [MAP-31]")
  void aConsumerGetsThemAndRejectsThemToADeadLetterQueue() throws Exception {
    retain(device("consumed"), "consumed/x", "1");
    Service service = clients.service();
    String dead = service.queue("dead.consumed");
    var arguments = new HashMap<String, Object>();
    arguments.put("x-dead-letter-exchange", "amq.topic");
    arguments.put("x-dead-letter-routing-key", "dead.consumed");
    String queue = service.channel.queueDeclare("", false, true, true, arguments).getQueue();
    Inbox<Delivery> deliveries = service.consume(queue);
    service.channel.queueBind(queue, "amq.topic", "consumed.#", ASKS);
    Delivery got = deliveries.take();
    service.channel.basicReject(got.getEnvelope().getDeliveryTag(), false);
    Inbox<Delivery> letters = Service.consume(service.channel(), dead, true);
    assertThat(letters.take().getProperties().getHeaders())
        .containsKeys("x-death", "x-mqtt-retained")
        .doesNotContainKey("x-mqtt-retain");
    service.publish("dead.consumed", "live");
    Device5 late = device("late").subscribe("dead/#", 1);
    service.publish("dead.consumed", "later");
    assertThat(late.take().getPayloadAsBytes())
        .as("a dead letter is not retained")
        .isEqualTo(bytes("later"));
  }

  @Test
  @DisplayName("what AMQP has kept comes to AMQP and MQTT until its time is over [MAP-31]")
  void whatAmqpHasKeptComesToBoth() throws Exception {
    Service service = clients.service();
    service.publish("kept.for.ever", bytes("1"), Service.headers(1, RETAIN));
    service.publish(
        "kept.no.time", bytes("2"), Service.headers(1, RETAIN).builder().expiration("1").build());
    service.publish("kept.not", bytes("3"), Service.headers(1, Map.of("x-mqtt-retain", "true")));
    while (!drain(service.channel, bound(service.channel, "kept.no.time")).isEmpty()) {
      Thread.onSpinWait(); // until a millisecond has gone by
    }

    Device device = clients.device("all").subscribe("kept/#", 1);
    assertThat(device.take().topic()).isEqualTo("kept/for/ever");
    assertThat(drain(service.channel, bound(service.channel, "kept.#")))
        .containsExactly("kept.for.ever=1 retain retained");
    service.publish("kept.for.ever", new byte[0], Service.headers(1, RETAIN));
    assertThat(drain(service.channel, bound(service.channel, "kept.#"))).isEmpty();
    assertThat(device.take().payload()).as("live").isEmpty();
  }

  @Test
  @DisplayName("a commit keeps them [MAP-31]")
  void aCommitKeepsThem() throws Exception {
    Channel channel = clients.service().channel;
    channel.txSelect();
    channel.basicPublish("amq.topic", "committed.x", Service.headers(2, RETAIN), bytes("1"));
    assertThat(drain(channel, bound(channel, "committed.#"))).isEmpty();
    channel.txCommit();
    assertThat(drain(channel, bound(channel, "committed.#"))).hasSize(1);
  }

  @Test
  @DisplayName("another exchange keeps nothing, nor does a key without a topic [MAP-31]")
  void elsewhereAndWithoutATopicNothingIsKept() throws Exception {
    Service service = clients.service();
    Channel channel = service.channel;
    String queue = bound(channel, "#.without.#");
    AMQP.BasicProperties retain = Service.headers(2, RETAIN);
    channel.basicPublish("", queue, retain, bytes("by its name"));
    channel.basicPublish("amq.direct", "without", retain, bytes("nowhere"));
    service.publish("without.\u0001", bytes("live"), retain);
    assertThat(drain(channel, queue))
        .containsExactly(queue + "=by its name retain", "without.\u0001=live retain");
    assertThat(drain(channel, bound(channel, "#.without.#"))).isEmpty();
    assertThat(drain(channel, bound(channel, queue))).isEmpty();
  }

  @Test
  @DisplayName("who asks where they are not, or in another way, is told so: 406 [MAP-31]")
  void whoAsksInVainIsTold() throws Exception {
    Channel channel = clients.service().channel;
    String queue = channel.queueDeclare().getQueue();
    assertThat(Service.replyCode(() -> channel.queueBind(queue, "amq.fanout", "", ASKS)))
        .isEqualTo(AMQP.PRECONDITION_FAILED);
    Channel other = clients.service().channel;
    other.exchangeDeclare("behind", BuiltinExchangeType.FANOUT);
    assertThat(Service.replyCode(() -> other.exchangeBind("behind", "amq.topic", "#", ASKS)))
        .isEqualTo(AMQP.PRECONDITION_FAILED);
    Channel third = clients.service().channel;
    String own = third.queueDeclare().getQueue();
    Map<String, Object> text = Map.of("x-mqtt-retained", "yes");
    assertThat(Service.replyCode(() -> third.queueBind(own, "amq.topic", "#", text)))
        .isEqualTo(AMQP.PRECONDITION_FAILED);
  }
}
