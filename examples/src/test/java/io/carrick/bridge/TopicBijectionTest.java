package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics become keys and keys become topics without loss, through both adapters (MAP-1, MAP-2). */
class TopicBijectionTest {

  private static final int HOW_MANY = 100;

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 20})
  @DisplayName("any topic comes back from its key, level by level [MAP-2]")
  void anyTopicComesBackFromItsKey(long seed) throws Exception {
    List<String> topics = distinct(seed, LevelSpelling::randomTopic);
    Service service = clients.service();
    Inbox<Delivery> keys = service.listen("#");
    Device device = clients.device("bijection-t").subscribe("#", 1);

    for (String topic : topics) {
      device.publish(topic, topic, 1);
      assertThat(device.take().topic()).as("MQTT to MQTT").isEqualTo(topic);
      String key = keys.take().getEnvelope().getRoutingKey();
      assertThat(key).as("key of %s", topic).isEqualTo(LevelSpelling.keyOf(topic));

      service.publish(key, topic);
      assertThat(keys.take().getEnvelope().getRoutingKey()).as("AMQP to AMQP").isEqualTo(key);
      assertThat(device.take().topic()).as("topic of %s", key).isEqualTo(topic);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {4, 50})
  @DisplayName("any key comes back from its topic, level by level [MAP-2]")
  void anyKeyComesBackFromItsTopic(long seed) throws Exception {
    List<String> wanted = distinct(seed, LevelSpelling::randomKey);
    Service service = clients.service();
    Inbox<Delivery> keys = service.listen("#");
    Device device = clients.device("bijection-k").subscribe("#", 1);

    for (String key : wanted) {
      service.publish(key, key);
      assertThat(keys.take().getEnvelope().getRoutingKey()).as("AMQP to AMQP").isEqualTo(key);
      String topic = device.take().topic();
      assertThat(topic).as("topic of %s", key).isEqualTo(LevelSpelling.topicOf(key));

      device.publish(topic, key, 1);
      assertThat(device.take().topic()).as("MQTT to MQTT").isEqualTo(topic);
      assertThat(keys.take().getEnvelope().getRoutingKey()).as("key of %s", topic).isEqualTo(key);
    }
  }

  private static List<String> distinct(
      long seed, java.util.function.Function<Random, String> next) {
    var random = new Random(seed);
    return Stream.generate(() -> next.apply(random)).distinct().limit(HOW_MANY).toList();
  }

  @ParameterizedTest(name = "topic {0} is key {1}")
  @CsvSource({
    "a/b, a.b",
    "a.b/c, a%2Eb.c",
    "x%2Fy/z, x/y.z",
    "50%/x, 50%.x",
    "a%2Eb, a%252Eb",
    "a%252Eb, a%25252Eb",
    "%2B, +",
    "%232/x, #2.x",
    "a/*/b, a.*.b",
    "/a, .a",
    "a/, a.",
    "a//b, a..b",
    "/, .",
    "//, ..",
  })
  @DisplayName("what the rule gives as examples holds on both sides [MAP-1] [MAP-2]")
  void examplesHold(String topic, String key) throws Exception {
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("#");
    Device device = clients.device("examples").subscribe(topic, 1);

    device.publish(topic, "by MQTT", 1);
    assertThat(deliveries.take().getEnvelope().getRoutingKey()).isEqualTo(key);
    assertThat(device.take().text()).isEqualTo("by MQTT");
    service.publish(key, "by AMQP");
    assertThat(device.take().topic()).isEqualTo(topic);
  }

  @Test
  @DisplayName("characters beyond the basic plane cross as they are [MAP-2]")
  void charactersBeyondTheBasicPlaneCross() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("#");
    RawMqtt device = clients.rawMqtt();
    device.connect("beyond", true);
    device.subscribe("+/😀", 0);

    device.publish("😀/😀", "by MQTT", 0, false, 0);
    assertThat(deliveries.take().getEnvelope().getRoutingKey()).isEqualTo("😀.😀");
    assertThat(device.read(RawMqtt.PUBLISH).topic()).isEqualTo("😀/😀");
    service.publish("😀.😀", "by AMQP");
    assertThat(device.read(RawMqtt.PUBLISH).topic()).isEqualTo("😀/😀");
  }

  @Test
  @DisplayName("random strings of both kinds are spelled differently and never collide [MAP-2]")
  void differentTopicsHaveDifferentKeys() {
    var random = new Random(7);
    var topics = new HashSet<String>();
    var keys = new HashSet<String>();
    for (int i = 0; i < 50_000; i++) {
      String topic = LevelSpelling.randomTopic(random);
      topics.add(topic);
      keys.add(LevelSpelling.keyOf(topic));
      assertThat(LevelSpelling.topicOf(LevelSpelling.keyOf(topic))).isEqualTo(topic);
    }
    assertThat(keys).hasSameSizeAs(topics);
  }
}
