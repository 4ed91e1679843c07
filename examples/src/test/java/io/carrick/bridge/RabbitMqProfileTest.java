package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Delivery;
import io.carrick.Mapping;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics and keys as RabbitMQ spells them, where that is legal (MAP-4). */
class RabbitMqProfileTest {

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .mapping(Mapping.rabbitMq()))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  @ParameterizedTest(name = "topic {0}, key {1}, back {2}")
  @CsvSource({
    "a/b, a.b, a/b",
    "a.b/c, a.b.c, a/b/c",
    "/a, .a, /a",
    "a//b, a..b, a//b",
    "a/, a., a/",
    "x%2Fy/z, x%2Fy.z, x%2Fy/z",
    "a%2Eb, a%2Eb, a%2Eb",
  })
  @DisplayName("slashes and dots are replaced, nothing is escaped [MAP-4]")
  void topicsAreReplaced(String topic, String key, String back) throws Exception {
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("#");
    Device device = clients.device("device").subscribe("#", 1).subscribe(topic, 1);

    device.publish(topic, "by MQTT", 1);
    Delivery delivery = deliveries.take();
    assertThat(delivery.getEnvelope().getRoutingKey()).isEqualTo(key);
    assertThat(delivery.getProperties().getHeaders()).isNull();
    assertThat(device.take().topic()).isEqualTo(back);

    service.publish(key, "by AMQP");
    assertThat(device.take().topic()).isEqualTo(back);
  }

  @Test
  @DisplayName("a key with a slash is a topic with two levels, which only # and itself see [MAP-4]")
  void slashesInKeysAreNoSeparators() throws Exception {
    Device device = clients.device("device").subscribe("#", 1).subscribe("+/+", 1);

    clients.service().publish("a/b", "x");

    assertThat(device.take().topic()).isEqualTo("a/b");
  }

  @Test
  @DisplayName("a dot in a filter separates, and a star in it is a wildcard [MAP-4]")
  void filtersAreReplaced() throws Exception {
    Device device = clients.device("device").subscribe("a.b/+", 1).subscribe("s/*/e", 1);
    Service service = clients.service();

    service.publish("a.b.c", "dot");
    service.publish("s.t.e", "star");

    assertThat(device.take().text()).isEqualTo("dot");
    assertThat(device.take().text()).isEqualTo("star");
  }

  @ParameterizedTest(name = "key {0}")
  @ValueSource(strings = {"a.*.b", "a*", "a.+", "a.#.b", "nul\0"})
  @DisplayName("what would be no legal topic is not delivered to MQTT, and counted [MAP-4]")
  void illegalTopicsAreNotDelivered(String key) throws Exception {
    Device device = clients.device("device").subscribe("#", 1);
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("#");
    long before = broker.broker().metrics().dropped("illegal-topic");

    service.publish(key, "no topic");
    service.publish("fence", "fence");

    assertThat(device.take().text()).isEqualTo("fence");
    assertThat(deliveries.take().getEnvelope().getRoutingKey()).isEqualTo(key);
    assertThat(broker.broker().metrics().dropped("illegal-topic") - before).isEqualTo(1);
  }

  @Test
  @DisplayName("a star that MQTT publishes is not delivered to MQTT, and AMQP sees it [MAP-4]")
  void starsInTopicsGoToAmqpAlone() throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("a.#");
    Device device = clients.device("device").subscribe("#", 1);

    device.publish("a/*/b", "star", 1);
    device.publish("a/b", "fence", 1);

    assertThat(device.take().text()).isEqualTo("fence");
    assertThat(deliveries.take().getEnvelope().getRoutingKey()).isEqualTo("a.*.b");
  }

  @Test
  @DisplayName("$ topics are hidden from leading wildcards here too [MAP-7]")
  void dollarTopicsAreHidden() throws Exception {
    Device device = clients.device("device").subscribe("#", 1).subscribe("$dev/+", 1);
    Service service = clients.service();

    service.publish("$other.x", "hidden");
    service.publish("$dev.x", "seen");

    assertThat(device.take().text()).isEqualTo("seen");
    RawMqtt rude = clients.rawMqtt();
    rude.connect("rude", true);
    rude.publish("$SYS/x", "never", 1, false, 1);
    rude.expectClosed();
  }

  @Test
  @DisplayName("retained messages are found by the same spelling, live and later [MAP-4]")
  void retainedMessagesAreFound() throws Exception {
    Device publisher = clients.device("publisher");
    publisher.publish("kept.here/x", "v".getBytes(StandardCharsets.UTF_8), 1, true);

    assertThat(clients.device("late").subscribe("kept/+/x", 1).take().topic())
        .isEqualTo("kept/here/x");
    publisher.publish("kept/here/x", new byte[0], 1, true);
    Device later = clients.device("later").subscribe("kept/#", 1);
    publisher.publish("kept/live", "live", 1);
    assertThat(later.take().text()).isEqualTo("live");
  }
}
