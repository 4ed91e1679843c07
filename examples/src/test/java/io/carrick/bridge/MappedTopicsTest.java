package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.TopicMapper;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Topics that a mapper of one's own spells, and what the store remembers of it (MAP-9). */
class MappedTopicsTest {

  private static final Mapping SPARKPLUG = Mapping.lossless().topics(TopicMapper.sparkplug());

  /** Knows no word for what begins with an x. */
  private static final class Choosy implements TopicMapper {
    @Override
    public String name() {
      return "choosy";
    }

    @Override
    public String word(int place, String level) {
      return level.startsWith("x") ? "no.word" : TopicMapper.losslessWord(level);
    }

    @Override
    public String level(int place, String word) {
      return word.startsWith("x") ? "no/level" : TopicMapper.losslessLevel(word);
    }
  }

  private static BrokerExtension broker(Mapping mapping) {
    return BrokerExtension.of(
            EmbeddedBroker.builder()
                .adapter(Mqtt.onAnyPort())
                .adapter(Amqp.onAnyPort())
                .mapping(mapping))
        .realTime();
  }

  @RegisterExtension static final BrokerExtension sparkplug = broker(SPARKPLUG);

  @RegisterExtension
  static final BrokerExtension choosy = broker(Mapping.lossless().topics(new Choosy()));

  @RegisterExtension final Clients plant = new Clients(sparkplug);
  @RegisterExtension final Clients picky = new Clients(choosy);

  @Test
  @DisplayName("Sparkplug's topics have RabbitMQ's keys and come back, live and retained [MAP-9]")
  void sparkplugCrosses() throws Exception {
    Service service = plant.service();
    Inbox<Delivery> deliveries = service.listen("spBv1___0.*.NDATA.#");
    Device host = plant.device("host").subscribe("spBv1.0/+/NDATA/#", 1);
    Device node = plant.device("node");

    node.publish("spBv1.0/plant/NDATA/press", "by MQTT", 1);

    Delivery delivery = deliveries.take();
    assertThat(delivery.getEnvelope().getRoutingKey()).isEqualTo("spBv1___0.plant.NDATA.press");
    assertThat(delivery.getProperties().getHeaders().get("x-mqtt-topic"))
        .hasToString("spBv1.0/plant/NDATA/press");
    assertThat(host.take().topic()).isEqualTo("spBv1.0/plant/NDATA/press");

    service.publish("spBv1___0.plant.NDATA.saw", "by AMQP");
    assertThat(host.take().topic()).isEqualTo("spBv1.0/plant/NDATA/saw");

    node.publish("spBv1.0/plant/NBIRTH", "born".getBytes(StandardCharsets.UTF_8), 1, true);
    assertThat(plant.device("late").subscribe("spBv1.0/plant/+", 1).take().topic())
        .isEqualTo("spBv1.0/plant/NBIRTH");
  }

  @Test
  @DisplayName("what has no word is refused, what has no level stays with AMQP [MAP-9]")
  void whatIsNotMappedIsRefused() throws Exception {
    Service service = picky.service();
    Inbox<Delivery> deliveries = service.listen("#");
    long before = choosy.broker().metrics().dropped("illegal-topic");
    Device5 device = picky.device5("device").subscribe("#", 1);
    RawMqtt old = picky.rawMqtt();
    old.connect("old", true);

    assertThatThrownBy(() -> device.publish("a/x", "never", 1))
        .rootCause()
        .hasMessageContaining("PUBACK");
    assertThatThrownBy(() -> device.subscribe("x/#", 1)).rootCause().hasMessageContaining("SUBACK");
    old.publish("x", "never", 1, false, 1);
    old.expectClosed();
    service.publish("x.y", "no topic");
    service.publish("fence", "fence");

    assertThat(Service.text(deliveries.take())).isEqualTo("no topic");
    assertThat(Device5.text(device.take())).isEqualTo("fence");
    assertThat(choosy.broker().metrics().dropped("illegal-topic") - before).isEqualTo(1);
  }

  @Test
  @DisplayName("an answer to a topic that has no word goes nowhere [MAP-9] [MAP-19]")
  void anAnswerToWhatIsNotMappedGoesNowhere() throws Exception {
    Service service = picky.service();
    Inbox<Delivery> deliveries = service.listen("ask");
    picky.device5("asks").publish(asking("x/y"));
    Delivery request = deliveries.take();
    var returned = new Inbox<String>("who answers");
    Channel channel = service.channel();
    channel.addReturnListener(r -> returned.add(r.getReplyText()));

    channel.basicPublish("", request.getProperties().getReplyTo(), true, null, new byte[0]);

    assertThat(returned.take()).isEqualTo("NO_ROUTE");
  }

  @Test
  @DisplayName("a receipt to a topic that has no word is refused, and the client stays [MAP-18]")
  void aReceiptToWhatIsNotMappedIsRefused() {
    Device5 device = picky.device5("device");
    Mqtt5Publish request =
        asking("x/y")
            .extend()
            .userProperties()
            .add("x-receipt", "all")
            .applyUserProperties()
            .build();

    assertThatThrownBy(() -> device.publish(request)).rootCause().hasMessageContaining("PUBACK");
    assertThat(device.publish("fence", "fence", 1).getError()).isEmpty();
  }

  private static Mqtt5Publish asking(String answers) {
    return Mqtt5Publish.builder()
        .topic("ask")
        .qos(MqttQos.AT_LEAST_ONCE)
        .responseTopic(answers)
        .build();
  }

  // ---- the store

  @TempDir Path directory;

  private Broker start(Mapping mapping) {
    return EmbeddedBroker.builder()
        .adapter(Mqtt.onAnyPort())
        .store(Journal.in(directory).sync(Journal.Sync.NONE))
        .mapping(mapping)
        .start();
  }

  private void refused(Mapping mapping, String stored, String asked) {
    assertThatThrownBy(() -> start(mapping))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("in the virtual host '/'")
        .hasMessageContaining("'" + stored + "', not by '" + asked + "'");
  }

  @Test
  @DisplayName("a store with queues is not opened with another spelling of topics [MAP-9]")
  void aStoreRemembersTheSpelling() {
    try (Broker broker = start(SPARKPLUG);
        Client client = broker.connect()) {
      client.topology().queue("kept").durable().declare();
    }
    refused(Mapping.lossless(), "sparkplug", "LOSSLESS");
    refused(Mapping.rabbitMq(), "sparkplug", "RABBITMQ");
    refused(Mapping.lossless().topics(new Choosy()), "sparkplug", "choosy");
    try (Broker broker = start(SPARKPLUG.exposeMetadata(true));
        Client client = broker.connect()) {
      client.topology().deleteQueue("kept");
    }
    start(Mapping.rabbitMq()).close();
  }

  @Test
  @DisplayName("nor is one with retained messages, of a profile either [MAP-4] [MAP-9]")
  void aStoreRemembersTheProfile() {
    try (Broker broker = start(Mapping.rabbitMq());
        Client client = broker.connect()) {
      Message retained = Message.builder("x").persistent().retain().build();
      client.publisher("amq.topic").publish("a.b", retained);
    }
    refused(Mapping.lossless(), "RABBITMQ", "LOSSLESS");
    start(Mapping.rabbitMq()).close();
  }

  @Test
  @DisplayName("a virtual host that is made while the broker runs is remembered as well [MAP-9]")
  void aLaterVirtualHostIsRemembered() throws Exception {
    try (Broker broker = start(SPARKPLUG)) {
      broker.admin().createVirtualHost("later").toCompletableFuture().get();
      try (Client client = broker.connect("later")) {
        client.topology().queue("kept").durable().declare();
      }
    }
    assertThatThrownBy(() -> start(Mapping.lossless()))
        .hasMessageContaining("in the virtual host 'later'");
    start(SPARKPLUG).close();
  }
}
