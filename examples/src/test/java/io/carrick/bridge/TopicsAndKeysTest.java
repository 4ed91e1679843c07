package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which filter meets which key, and what has no form on the other side (MAP-1 to MAP-7). */
class TopicsAndKeysTest {

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  // ---- filters

  @ParameterizedTest(name = "filter {0} meets key {1}")
  @CsvSource({
    "a/+/c, a.b.c",
    "a/+/c, a..c",
    "a/#, a",
    "a/#, a.",
    "a/#, a.b.c",
    "#, a",
    "+, a",
    "+/+, .",
    "/+, .a",
    "+/a, .a",
    "a/*/c, a.*.c",
    "a/%2Fb, a./b",
  })
  @DisplayName("an MQTT filter meets the AMQP keys with its levels [MAP-1] [MAP-3]")
  void filterMeetsKey(String filter, String key) throws Exception {
    Device device = clients.device("filter").subscribe(filter, 1);

    clients.service().publish(key, "met");

    assertThat(device.take().text()).isEqualTo("met");
  }

  @ParameterizedTest(name = "filter {0} does not meet key {1}")
  @CsvSource({
    "a/+/c, a.c",
    "a/+, a.b.c",
    "a/*/c, a.b.c",
    "a/+, a",
    "a/b, a/b",
    "a/#, b.a",
  })
  @DisplayName("an MQTT filter meets no other AMQP keys, and a star in it is a star [MAP-3]")
  void filterDoesNotMeetKey(String filter, String key) throws Exception {
    Device device = clients.device("filter").subscribe(filter, 1).subscribe("fence", 1);
    Service service = clients.service();

    service.publish(key, "not met");
    service.publish("fence", "fence");

    assertThat(device.take().text()).isEqualTo("fence");
  }

  @ParameterizedTest(name = "binding {0} meets topic {1}")
  @CsvSource({
    "a.*.c, a/b/c",
    "a.*.c, a//c",
    "a.#, a",
    "a.#.z, a/z",
    "a.#.z, a/b/c/z",
    "#.z, z",
    "a.#.m.#.z, a/m/b/z",
    "*, a.b",
    "a%2Eb, a.b",
    "a.*, a/*",
    "a.*, a/b.c",
  })
  @DisplayName("an AMQP binding meets the MQTT topics with its levels [MAP-1] [MAP-3]")
  void bindingMeetsTopic(String binding, String topic) throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen(binding);

    clients.device("publisher").publish(topic, "met", 1);

    assertThat(Service.text(deliveries.take())).isEqualTo("met");
  }

  @ParameterizedTest(name = "binding {0} does not meet topic {1}")
  @CsvSource({"a.*.c, a/c", "a.*, a/b/c", "a.b, a.b", "a.#.z, a/zz", "+, a", "a.+, a/b"})
  @DisplayName("an AMQP binding meets no other MQTT topics, and a plus in it is a plus [MAP-3]")
  void bindingDoesNotMeetTopic(String binding, String topic) throws Exception {
    Service service = clients.service();
    String queue = service.queue(binding);
    service.channel.queueBind(queue, "amq.topic", "fence");
    Inbox<Delivery> deliveries = Service.consume(service.channel, queue, true);
    Device device = clients.device("publisher");

    device.publish(topic, "not met", 1);
    device.publish("fence", "fence", 1);

    assertThat(Service.text(deliveries.take())).isEqualTo("fence");
  }

  // ---- what has no MQTT form

  @Test
  @DisplayName(
      "a key of no words, no UTF-8 or with control characters stays with AMQP and is counted [MAP-2]")
  void keysWithoutTopicAreCounted() throws Exception {
    Device device = clients.device("all").subscribe("#", 1);
    Inbox<Delivery> deliveries = clients.service().listen("#");
    RawAmqp raw = clients.rawAmqp();
    long before = broker.broker().metrics().dropped("illegal-topic");

    raw.publish(new byte[0], "no words".getBytes(StandardCharsets.UTF_8));
    raw.publish(new byte[] {'a', (byte) 0xFF}, "no UTF-8".getBytes(StandardCharsets.UTF_8));
    raw.publish(
        new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
        "a surrogate".getBytes(StandardCharsets.UTF_8));
    raw.publish(new byte[] {(byte) 0xC0, (byte) 0xAF}, "too long".getBytes(StandardCharsets.UTF_8));
    raw.publish(new byte[] {'a', 7}, "a bell".getBytes(StandardCharsets.UTF_8));
    raw.publish(new byte[] {'f'}, "fence".getBytes(StandardCharsets.UTF_8));

    assertThat(device.take().text()).isEqualTo("fence");
    assertThat(deliveries.take(6))
        .extracting(Service::text)
        .startsWith("no words")
        .endsWith("fence");
    assertThat(broker.broker().metrics().dropped("illegal-topic") - before).isEqualTo(5);
  }

  @Test
  @DisplayName(
      "a QoS 0 subscriber does not get what has no topic either, and it is counted [MAP-2]")
  void keysWithoutTopicAreCountedAtQosZero() throws Exception {
    Device device = clients.device("all-0").subscribe("#", 0);
    RawAmqp raw = clients.rawAmqp();
    long before = broker.broker().metrics().dropped("illegal-topic");

    raw.publish(new byte[0], new byte[] {'n'});
    raw.publish(new byte[] {'f'}, "fence".getBytes(StandardCharsets.UTF_8));

    assertThat(device.take().text()).isEqualTo("fence");
    assertThat(broker.broker().metrics().dropped("illegal-topic") - before).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "a topic that does not fit a frame of the consumer's stays there and is counted [MAP-6]")
  void topicsBeyondTheFrameAreCounted() throws Exception {
    Service service = clients.keep(Service.connectWithSmallFrames(broker.address("amqp")));
    Inbox<Delivery> deliveries = Service.consume(service.channel, service.queue("#"), false);
    Device device = clients.device("long");
    long before = broker.broker().metrics().dropped("header-too-large");

    device.publish("a/" + "b".repeat(5_000), "long", 1);
    device.publish("f", "fence", 1);

    assertThat(Service.text(deliveries.take())).isEqualTo("fence");
    assertThat(service.channel.isOpen()).isTrue();
    assertThat(broker.broker().metrics().dropped("header-too-large") - before).isEqualTo(1);
  }

  // ---- what AMQP is told beside the key

  @ParameterizedTest(name = "topic {0}")
  @ValueSource(strings = {"a.b/c", "x%2Fy", "a%2Eb/c", "%2B"})
  @DisplayName("a topic that its key does not show is in the header x-mqtt-topic [MAP-5]")
  void headerShowsTheTopic(String topic) throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("#");

    clients.device("publisher").publish(topic, "x", 1);

    Delivery delivery = deliveries.take();
    assertThat(delivery.getProperties().getHeaders().get("x-mqtt-topic")).hasToString(topic);
  }

  @ParameterizedTest(name = "topic {0}")
  @ValueSource(strings = {"a/b", "/a//", "50%/x", "a/*/b", "é/漢"})
  @DisplayName("a topic that its key shows has no header [MAP-5]")
  void noHeaderWhereTheKeyShowsTheTopic(String topic) throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("#");

    clients.device("publisher").publish(topic, "x", 1);

    assertThat(deliveries.take().getProperties().getHeaders()).containsOnlyKeys("x-mqtt-client-id");
  }

  @Test
  @DisplayName(
      "a key too long for AMQP is cut at a level, with a hash, and the topic beside [MAP-6]")
  void longKeysAreCut() throws Exception {
    String topic = "level/".repeat(60) + "end";
    String other = "level/".repeat(60) + "END";
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("#");
    Device device = clients.device("long").subscribe("#", 1);

    device.publish(topic, "one", 1);
    device.publish(other, "two", 1);
    device.publish(topic, "three", 1);

    Delivery one = deliveries.take();
    Delivery two = deliveries.take();
    Delivery three = deliveries.take();
    String key = one.getEnvelope().getRoutingKey();
    assertThat(LevelSpelling.bytes(key)).isLessThanOrEqualTo(255);
    assertThat(key).matches("(level\\.)+level\\.~[0-9a-f]{16}");
    assertThat(two.getEnvelope().getRoutingKey()).isNotEqualTo(key);
    assertThat(three.getEnvelope().getRoutingKey()).isEqualTo(key);
    assertThat(one.getProperties().getHeaders().get("x-mqtt-topic")).hasToString(topic);
    assertThat(device.take().topic()).isEqualTo(topic);
    assertThat(service.channel.isOpen()).isTrue();
  }

  @ParameterizedTest(name = "{0} levels")
  @ValueSource(ints = {129, 200, 32_768})
  @DisplayName("a topic may have as many levels as it has bytes, and crosses [MAP-6] [MAP-39]")
  void manyLevelsCross(int levels) throws Exception {
    String topic = "/x".repeat(levels - 1);
    Inbox<Delivery> deliveries = clients.service().listen("#.x");
    Device device = clients.device("deep").subscribe("#", 1);

    device.publish(topic, "deep", 1);

    Delivery delivery = deliveries.take();
    assertThat(delivery.getEnvelope().getRoutingKey()).matches("(\\.x)+\\.~[0-9a-f]{16}");
    assertThat(delivery.getProperties().getHeaders().get("x-mqtt-topic").toString().equals(topic))
        .isTrue();
    assertThat(device.take().topic().equals(topic)).isTrue();
  }

  @Test
  @DisplayName("a single level too long for AMQP is cut before it and kills nobody [MAP-6]")
  void oneLongLevelIsCut() throws Exception {
    String topic = "é".repeat(30_000);
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("#");
    String fetched = service.queue("#");
    Device device = clients.device("long");

    device.publish(topic, "long", 1);
    device.publish("short", "short", 1);

    Delivery delivery = deliveries.take();
    assertThat(delivery.getEnvelope().getRoutingKey()).matches("\\.~[0-9a-f]{16}");
    assertThat(delivery.getProperties().getHeaders().get("x-mqtt-topic")).hasToString(topic);
    assertThat(Service.text(deliveries.take())).isEqualTo("short");
    assertThat(Service.text(service.channel.basicGet(fetched, true))).isEqualTo("long");
  }

  @Test
  @DisplayName("a long topic survives a basic.return and meets its exact filter [MAP-6]")
  void aLongTopicMeetsItsFilter() throws Exception {
    String topic = "x".repeat(2_000) + "/y";
    Device device = clients.device("long").subscribe(topic, 1);

    device.publish(topic, "met", 1);

    assertThat(device.take().topic()).isEqualTo(topic);
  }

  // ---- dollars

  @Test
  @DisplayName("a filter that starts with a wildcard does not see $ topics of either side [MAP-7]")
  void wildcardsDoNotSeeDollarTopics() throws Exception {
    Device device =
        clients.device("wild").subscribe("#", 1).subscribe("+/x", 1).subscribe("$dev/#", 1);
    Service service = clients.service();

    service.publish("$other.x", "hidden");
    device.publish("$other/x", "hidden", 1);
    service.publish("$dev.x", "by AMQP");
    device.publish("$dev/x", "by MQTT", 1);
    service.publish("fence", "fence");

    assertThat(device.inbox().take(3))
        .extracting(Device.Arrived::text)
        .containsExactly("by AMQP", "by MQTT", "fence");
  }

  @Test
  @DisplayName("AMQP bindings see $ topics [MAP-7]")
  void bindingsSeeDollarTopics() throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("#");

    clients.device("publisher").publish("$dev/x", "seen", 1);

    assertThat(deliveries.take().getEnvelope().getRoutingKey()).isEqualTo("$dev.x");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"$SYS/x", "$share/group/x"})
  @DisplayName("MQTT clients may not publish to the broker's own topics [MAP-7]")
  void mqttMayNotPublishToTheBrokersTopics(String topic) throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("#");
    RawMqtt rude = clients.rawMqtt();
    rude.connect("rude", true);

    rude.publish(topic, "never", 1, false, 1);

    rude.expectClosed();
    clients.device("polite").publish("fence", "fence", 1);
    assertThat(Service.text(deliveries.take())).isEqualTo("fence");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"$SYS.x", "$share.group.x"})
  @DisplayName("AMQP clients may not publish to the broker's own topics: 403 [MAP-7]")
  void amqpMayNotPublishToTheBrokersTopics(String key) throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("#");
    Service rude = clients.service();

    rude.channel.basicPublish("amq.topic", key, new AMQP.BasicProperties(), new byte[1]);

    assertThat(rude.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);
    clients.service().publish("fence", "fence");
    assertThat(Service.text(deliveries.take())).isEqualTo("fence");
  }

  @Test
  @DisplayName("a header x-mqtt-topic of an AMQP publisher changes no routing [MAP-5]")
  void publishersHeadersDoNotRoute() throws Exception {
    Device device = clients.device("all").subscribe("#", 1);

    clients
        .service()
        .publish("real", new byte[1], Service.headers(2, Map.of("x-mqtt-topic", "other/+")));

    assertThat(device.take().topic()).isEqualTo("real");
  }
}
