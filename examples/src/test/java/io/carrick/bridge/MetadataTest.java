package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Delivery;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What says always where a message comes from, for who asks for it (MAP-5, MAP-10). */
class MetadataTest {

  private static BrokerExtension broker(Mapping mapping) {
    return BrokerExtension.of(
            EmbeddedBroker.builder()
                .adapter(Mqtt.onAnyPort())
                .adapter(Amqp.onAnyPort())
                .mapping(mapping))
        .realTime();
  }

  @RegisterExtension
  static final BrokerExtension told = broker(Mapping.lossless().exposeMetadata(true));

  @RegisterExtension
  static final BrokerExtension asRabbitMq = broker(Mapping.rabbitMq().exposeMetadata(true));

  @RegisterExtension static final BrokerExtension plain = broker(Mapping.lossless());

  @RegisterExtension final Clients toldClients = new Clients(told);
  @RegisterExtension final Clients rabbitClients = new Clients(asRabbitMq);
  @RegisterExtension final Clients plainClients = new Clients(plain);

  private static Map<String, String> headers(Delivery delivery) {
    var texts = new TreeMap<String, String>();
    Map<String, Object> headers = delivery.getProperties().getHeaders();
    if (headers != null) {
      headers.forEach((name, value) -> texts.put(name, Objects.toString(value)));
    }
    return texts;
  }

  @ParameterizedTest(name = "QoS {1} of {0}")
  @CsvSource({"a/b, 0", "a/b, 1", "a/b, 2", "a.b/c, 1"})
  @DisplayName("topic and QoS of what came by MQTT stand in headers always [MAP-5] [MAP-10]")
  void topicAndQosAreHeaders(String topic, int qos) throws Exception {
    Inbox<Delivery> inbox = toldClients.service().listen("#");

    toldClients.device("device").publish(topic, "x", qos);

    assertThat(headers(inbox.take()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "x-mqtt-topic",
                topic,
                "x-mqtt-qos",
                Integer.toString(qos),
                "x-mqtt-client-id",
                "device"));
  }

  @Test
  @DisplayName("what came by AMQP says what its publisher said [MAP-5]")
  void ownMessagesStayAsTheyAre() throws Exception {
    Service service = toldClients.service();
    Inbox<Delivery> inbox = service.listen("#");

    service.publish("a.b", "x");

    assertThat(headers(inbox.take())).isEmpty();
  }

  @Test
  @DisplayName("what the program publishes has a topic as well [MAP-5]")
  void theProgramsMessagesHaveATopic() throws Exception {
    Inbox<Delivery> inbox = toldClients.service().listen("#");

    told.client().publisher("amq.topic").publish("a.b", Message.of("x"));

    assertThat(headers(inbox.take())).containsEntry("x-mqtt-topic", "a/b");
  }

  @Test
  @DisplayName("the topic is as MQTT's clients see it, whatever the spelling [MAP-4] [MAP-5]")
  void theTopicIsThatOfTheProfile() throws Exception {
    Inbox<Delivery> inbox = rabbitClients.service().listen("#");

    rabbitClients.device("device").publish("a.b/c", "x", 1);

    assertThat(headers(inbox.take())).containsEntry("x-mqtt-topic", "a/b/c");
  }

  @Test
  @DisplayName("nothing is said that needs no saying unless it was asked for [MAP-5] [MAP-10]")
  void nothingIsSaidUnasked() throws Exception {
    Inbox<Delivery> inbox = plainClients.service().listen("#");

    plainClients.device("device").publish("a/b", "x", 1);

    assertThat(headers(inbox.take())).containsOnlyKeys("x-mqtt-client-id");
  }
}
