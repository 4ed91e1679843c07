package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.GetResponse;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Guarantee;
import io.carrick.Identity;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import io.carrick.amqp.Amqp;
import io.carrick.amqp.AmqpSight;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.mqtt.MqttSight;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import io.carrick.transport.NettyLoops;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A message that goes to many consumers of the other protocol is converted once. */
class OneConversionTest {

  private static final int CONSUMERS = 40;

  private static final Map<String, Object> HEADERS = tenHeaders();

  private static final String[] NAMES = HEADERS.keySet().toArray(String[]::new);

  /** A table of headers in types that nothing here writes: {@code B}, {@code u}, {@code i}. */
  private static final byte[] ODD_TYPES =
      HexFormat.of().parseHex("20000000001001614207016275000801636900000009");

  private final AtomicInteger written = new AtomicInteger();

  private final Broker broker =
      EmbeddedBroker.builder()
          .loops(NettyLoops.factory(1))
          .adapter(Mqtt.onAnyPort())
          .adapter(Amqp.onAnyPort())
          .interceptor(this::counted)
          .start();

  private static Map<String, Object> tenHeaders() {
    var headers = new TreeMap<String, Object>();
    headers.put("text", "ä");
    headers.put("int", 7);
    headers.put("long", 7L);
    headers.put("double", 0.5);
    headers.put("truth", true);
    headers.put("time", Instant.ofEpochSecond(1_700_000_000));
    headers.put("bytes", new byte[] {1, 2});
    headers.put("void", MessageProperties.VOID);
    headers.put("list", List.of(1, "b"));
    headers.put("table", Map.of("k", "v"));
    return headers;
  }

  /** Counts how often it is written in another form. */
  private record Counted(MessageProperties origin, AtomicInteger written)
      implements MessageProperties {

    @Override
    public boolean persistent() {
      return origin.persistent();
    }

    @Override
    public Guarantee guarantee() {
      return origin.guarantee();
    }

    @Override
    public Map<String, Object> headers() {
      return HEADERS;
    }

    @Override
    public Optional<String> appId() {
      written.incrementAndGet();
      return Optional.of("app");
    }
  }

  private Message counted(Message m) {
    return Message.published(
        m.exchange(),
        m.routingKey(),
        new Counted(m.properties(), written),
        m.payload(),
        m.publisher(),
        m.arrivedMs());
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void fromMqttToManyConsumersOfAmqp() throws Exception {
    String uri = "tcp://127.0.0.1:" + broker.address("mqtt").getPort();
    try (Service service = Service.connect(broker.address("amqp"));
        Device device = Device.connect(uri, "device", Device.options(true))) {
      for (int i = 0; i < CONSUMERS; i++) {
        service.channel.queueDeclare("q" + i, false, false, false, Map.of());
        service.channel.queueBind("q" + i, "amq.topic", "#");
      }

      device.publish("a.b/c", "one", 1);
      device.publish("a/b", "two", 1);

      // Not one after the other, as they would be if a queue had a consumer already.
      for (String text : new String[] {"one", "two"}) {
        for (int i = 0; i < CONSUMERS; i++) {
          GetResponse got = service.channel.basicGet("q" + i, true);
          assertThat(new String(got.getBody())).isEqualTo(text);
          assertThat(got.getProps().getAppId()).isEqualTo("app");
          assertThat(got.getProps().getHeaders()).containsKeys(NAMES);
        }
      }
      assertThat(written).hasValue(2);
    }
  }

  @Test
  void fromAmqpToManyConsumersOfMqtt() throws Exception {
    try (Service service = Service.connect(broker.address("amqp"));
        Device5 device = Device5.connect(broker.address("mqtt"), "device")) {
      for (int i = 0; i < CONSUMERS; i++) {
        service.channel.queueDeclare("q" + i, false, false, false, Map.of());
        service.channel.queueBind("q" + i, "amq.topic", "#");
      }
      service.publish("a.b", "one");

      // Each queue has a consumer of its own, after the message is in all of them.
      for (int i = 0; i < CONSUMERS; i++) {
        device.consume("q" + i, 1);
        Mqtt5Publish got = device.take();
        var texts = new TreeMap<String, String>();
        got.getUserProperties()
            .asList()
            .forEach(p -> texts.put(p.getName().toString(), p.getValue().toString()));
        assertThat(texts).containsKeys(NAMES).containsEntry("x-amqp-app-id", "app");
        assertThat(texts).containsEntry("bytes", "AQI=").containsEntry("list", "[1,\"b\"]");
      }
      assertThat(written).hasValue(1);
    }
  }

  @Test
  void whatStaysInItsProtocolKeepsItsVeryBytes() {
    AmqpProperties amqp = AmqpSight.published(ODD_TYPES);
    Message service = message(RoutingKey.ofKey("k"), amqp);
    PacketProperties packet =
        PacketProperties.builder()
            .text(Property.CONTENT_TYPE, "t")
            .user(new UserProperty("b", "1"))
            .user(new UserProperty("a", "2"))
            .build();
    Message device = message(RoutingKey.ofTopic("k"), MqttSight.published(1, false, packet));

    for (Mapping mapping : List.of(Mapping.lossless(), Mapping.rabbitMq())) {
      assertThat(new AmqpSight().delivered(service, mapping)).isSameAs(ODD_TYPES);
      assertThat(MqttSight.delivered(device, mapping)).isSameAs(packet);
    }
    assertThat(amqp.headers()).containsEntry("a", (short) 7).containsEntry("b", 8);
  }

  private static Message message(RoutingKey key, MessageProperties properties) {
    return Message.published("amq.topic", key, properties, new byte[0], Identity.ANONYMOUS, 1_000);
  }

  @Test
  void fromThisJvmToManyConsumersOfAmqp() throws Exception {
    try (Service service = Service.connect(broker.address("amqp"));
        Client client = broker.connect()) {
      for (int i = 0; i < CONSUMERS; i++) {
        service.channel.queueDeclare("q" + i, false, false, false, Map.of());
        service.channel.queueBind("q" + i, "amq.fanout", "");
      }

      client.publisher("amq.fanout").publish("k", Message.of("m")).toCompletableFuture().join();

      for (int i = 0; i < CONSUMERS; i++) {
        assertThat(service.channel.basicGet("q" + i, true).getProps().getAppId()).isEqualTo("app");
      }
      assertThat(written).hasValue(1);
    }
  }
}
