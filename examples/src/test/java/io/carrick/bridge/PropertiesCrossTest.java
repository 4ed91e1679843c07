package io.carrick.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import io.carrick.Identity;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import io.carrick.amqp.AmqpSight;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.PropertiesImage;
import io.carrick.mqtt.MqttSight;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;

/** What random messages say of themselves comes back from the other protocol (MAP-19 to MAP-26). */
class PropertiesCrossTest {

  private static final Identity DEVICE = new Identity("user", "device");

  private static final Mapping LOSSLESS = Mapping.lossless();
  private static final Mapping RABBITMQ = Mapping.rabbitMq();

  private final AmqpSight amqp = new AmqpSight();

  private static Message message(RoutingKey key, MessageProperties properties, Identity by) {
    return Message.published("amq.topic", key, properties, new byte[0], by, 1_000);
  }

  /** Returns another protocol's view of a message, with the key that it has there. */
  private static RoutingKey otherForm(RoutingKey key) {
    return key.origin() == RoutingKey.Origin.TOPIC
        ? RoutingKey.ofKey(key.asKey())
        : RoutingKey.ofTopic(key.asTopic());
  }

  @net.jqwik.api.Property
  void whatMqttSaysComesBackFromAmqp(@ForAll long seed) {
    var random = new RandomProperties(seed);
    RoutingKey topic = RoutingKey.ofTopic(random.topic());
    int qos = random.number(3);
    boolean retain = random.number(2) == 0;
    PacketProperties sent = random.packet();
    Message there = message(topic, MqttSight.published(qos, retain, sent), DEVICE);

    AmqpProperties seen =
        AmqpSight.published(RabbitMqCodec.passedOn(amqp.delivered(there, LOSSLESS)));
    Message back = message(otherForm(topic), seen, Identity.ofUser("service"));

    assertThat(back.routingKey().asTopic()).isEqualTo(topic.asTopic());
    assertThat(back.properties().guarantee().qos()).isEqualTo(qos);
    assertThat(back.properties().retain()).isEqualTo(retain);
    assertThat(Said.words(MqttSight.delivered(back, LOSSLESS))).isEqualTo(Said.words(sent));
  }

  @net.jqwik.api.Property
  void whatAmqpSaysComesBackFromMqtt(@ForAll long seed) {
    var random = new RandomProperties(seed);
    RoutingKey key = RoutingKey.ofKey(random.key());
    if (!key.hasTopic()) {
      key = RoutingKey.ofKey(RoutingKey.ofTopic(random.topic()).asKey());
    }
    byte[] image = RabbitMqCodec.passedOn(PropertiesImage.of(random.amqp(), Map.of()));
    AmqpProperties sent = AmqpSight.published(image);
    Message there = message(key, sent, Identity.ofUser("service"));

    PacketProperties seen = MqttSight.delivered(there, LOSSLESS);
    int qos = sent.guarantee().qos();
    Message back = message(otherForm(key), MqttSight.published(qos, false, seen), DEVICE);

    assertThat(back.routingKey().asKey()).isEqualTo(key.asKey());
    byte[] delivered = RabbitMqCodec.passedOn(amqp.delivered(back, LOSSLESS));
    assertThat(Said.words(AmqpSight.published(delivered))).isEqualTo(Said.words(sent));
  }

  @net.jqwik.api.Property
  void whateverComesIsConvertedOrRefusedAndNothingElse(@ForAll long seed) {
    var random = new RandomProperties(seed);
    byte[] damaged = random.damaged(PropertiesImage.of(random.amqp(), Map.of()));
    RoutingKey key = RoutingKey.ofKey(random.key());
    AmqpProperties read;
    try {
      read = AmqpSight.published(damaged);
    } catch (AmqpException refused) {
      return;
    }
    for (Mapping mapping : List.of(LOSSLESS, RABBITMQ)) {
      Message there = message(key, read, Identity.ANONYMOUS);
      if (mapping.spelling().spells(key)) {
        isTopic(mapping.spelling().topic(key));
      }
      PacketProperties seen = MqttSight.delivered(there, mapping);
      isPublish(seen);
      Message back = message(RoutingKey.ofTopic("k"), MqttSight.published(1, false, seen), DEVICE);
      byte[] again = amqp.delivered(back, mapping);
      assertThat(RabbitMqCodec.read(again).getDeliveryMode()).isEqualTo(2);
    }
  }

  // ---- RabbitMQ's tables

  @net.jqwik.api.Property
  void rabbitMqsTablesMakeAPlainKeyAndTheFirstOfEachName(@ForAll long seed) {
    var random = new RandomProperties(seed);
    String topic = random.topic();
    PacketProperties sent = random.packet();
    RoutingKey key = RABBITMQ.spelling().address(topic.getBytes(UTF_8));
    Message there = message(key, MqttSight.published(1, false, sent), DEVICE);

    AMQP.BasicProperties seen = RabbitMqCodec.read(amqp.delivered(there, RABBITMQ));

    assertThat(new String(AmqpSight.key(there), UTF_8)).isEqualTo(topic.replace('/', '.'));
    var expected = new TreeMap<String, String>();
    for (UserProperty user : sent.userProperties()) {
      if (user.name().getBytes(UTF_8).length <= 255) {
        expected.putIfAbsent(user.name(), user.value());
      }
    }
    sent.text(Property.RESPONSE_TOPIC)
        .ifPresent(to -> expected.put("x-reply-to-topic", to.replace('/', '.')));
    Optional<byte[]> data = sent.binary(Property.CORRELATION_DATA);
    if (seen.getCorrelationId() == null) {
      data.ifPresent(bytes -> expected.put("x-correlation-id", new String(bytes, UTF_8)));
    } else {
      assertThat(seen.getCorrelationId().getBytes(UTF_8)).isEqualTo(data.orElseThrow());
    }
    var headers = new TreeMap<String, String>();
    Optional.ofNullable(seen.getHeaders())
        .ifPresent(all -> all.forEach((name, value) -> headers.put(name, value.toString())));
    assertThat(headers).isEqualTo(expected);
  }

  @net.jqwik.api.Property
  void rabbitMqsTablesMakeATopicOrNoneAndNoWordsOfTheBridge(@ForAll long seed) {
    var random = new RandomProperties(seed);
    byte[] image = RabbitMqCodec.passedOn(PropertiesImage.of(random.amqp(), Map.of()));
    RoutingKey key = RoutingKey.ofKey(random.key());
    Message there = message(key, AmqpSight.published(image), Identity.ofUser("service"));

    PacketProperties seen = MqttSight.delivered(there, RABBITMQ);

    isPublish(seen);
    assertThat(RABBITMQ.spelling().spells(key)).isEqualTo(isPlain(key.asKey()) && key.hasTopic());
    if (RABBITMQ.spelling().spells(key)) {
      byte[] topic = RABBITMQ.spelling().topic(key);
      isTopic(topic);
      assertThat(new String(topic, UTF_8)).isEqualTo(key.asKey().replace('.', '/'));
    }
    assertThat(seen.text(Property.CONTENT_TYPE)).isEqualTo(there.properties().contentType());
    assertThat(Said.hex(seen.binary(Property.CORRELATION_DATA)))
        .isEqualTo(Said.hex(there.properties().correlationId()));
    var names = new TreeMap<String, Object>(there.properties().headers());
    names.values().removeIf(v -> v instanceof Map || v instanceof List || v instanceof byte[]);
    names.values().removeIf(v -> v instanceof String text && text.indexOf('\0') >= 0);
    assertThat(seen.userProperties().stream().map(UserProperty::name))
        .containsExactlyInAnyOrderElementsOf(names.keySet());
  }

  private static boolean isPlain(String key) {
    return key.chars().noneMatch(c -> "*+#\0".indexOf(c) >= 0);
  }

  // ---- what MQTT allows

  private static void isTopic(byte[] topic) {
    String text = new String(topic, UTF_8);
    assertThat(text.getBytes(UTF_8)).as(text).isEqualTo(topic).hasSizeBetween(1, 0xFFFF);
    assertThat(text).doesNotContain("+", "#", "\0");
  }

  private static void isPublish(PacketProperties packet) {
    packet.text(Property.RESPONSE_TOPIC).ifPresent(topic -> isTopic(topic.getBytes(UTF_8)));
    packet.text(Property.CONTENT_TYPE).ifPresent(PropertiesCrossTest::isText);
    for (UserProperty user : packet.userProperties()) {
      isText(user.name());
      isText(user.value());
    }
  }

  private static void isText(String text) {
    assertThat(text.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(0xFFFF);
    assertThat(text).doesNotContain("\0");
  }
}
