package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Identity;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import net.jqwik.api.ForAll;

/** What random messages say of themselves comes back from the other protocol (MAP-19 to MAP-26). */
class PropertiesCrossTest {

  private static final Identity DEVICE = new Identity("user", "device");

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

    AmqpProperties seen = AmqpSight.published(amqp.delivered(there));
    Message back = message(otherForm(topic), seen, Identity.ofUser("service"));

    assertThat(back.routingKey().asTopic()).isEqualTo(topic.asTopic());
    assertThat(back.properties().guarantee().qos()).isEqualTo(qos);
    assertThat(back.properties().retain()).isEqualTo(retain);
    assertThat(words(MqttSight.delivered(back))).isEqualTo(words(sent));
  }

  @net.jqwik.api.Property
  void whatAmqpSaysComesBackFromMqtt(@ForAll long seed) {
    var random = new RandomProperties(seed);
    RoutingKey key = RoutingKey.ofKey(RoutingKey.ofTopic(random.topic()).asKey());
    AmqpProperties sent = AmqpSight.published(PropertiesImage.of(random.amqp(), Map.of()));
    Message there = message(key, sent, Identity.ofUser("service"));

    PacketProperties seen = MqttSight.delivered(there);
    int qos = sent.guarantee().qos();
    Message back = message(otherForm(key), MqttSight.published(qos, false, seen), DEVICE);

    assertThat(back.routingKey().asKey()).isEqualTo(key.asKey());
    assertThat(words(AmqpSight.published(amqp.delivered(back)))).isEqualTo(words(sent));
  }

  @net.jqwik.api.Property
  void whateverComesIsConvertedOrRefusedAndNothingElse(@ForAll long seed) {
    var random = new RandomProperties(seed);
    byte[] damaged = random.damaged(PropertiesImage.of(random.amqp(), Map.of()));
    AmqpProperties read;
    try {
      read = AmqpSight.published(damaged);
    } catch (AmqpException refused) {
      return;
    }
    PacketProperties seen =
        MqttSight.delivered(message(RoutingKey.ofKey("k"), read, Identity.ANONYMOUS));
    Message back = message(RoutingKey.ofTopic("k"), MqttSight.published(1, false, seen), DEVICE);
    assertThat(AmqpSight.published(amqp.delivered(back)).persistent()).isTrue();
    for (UserProperty user : seen.userProperties()) {
      assertThat(user.name() + user.value()).doesNotContain("\0");
    }
  }

  // ---- in words

  private static List<String> words(PacketProperties packet) {
    var words = new ArrayList<String>();
    words.add("format " + packet.number(Property.PAYLOAD_FORMAT_INDICATOR, -1));
    words.add("expiry " + packet.number(Property.MESSAGE_EXPIRY_INTERVAL, -1));
    words.add("type " + packet.text(Property.CONTENT_TYPE));
    words.add("topic " + packet.text(Property.RESPONSE_TOPIC));
    words.add("data " + hex(packet.binary(Property.CORRELATION_DATA)));
    packet.userProperties().forEach(user -> words.add(user.toString()));
    return words;
  }

  private static List<String> words(AmqpProperties p) {
    var headers = new TreeMap<>(p.headers());
    headers.keySet().removeAll(List.of("x-mqtt-client-id", "x-mqtt-username", "x-mqtt-topic"));
    var words = new ArrayList<String>();
    words.add("persistent " + p.persistent());
    words.add("type " + p.contentType());
    words.add("encoding " + p.contentEncoding());
    words.add("priority " + p.priority());
    words.add("correlation " + hex(p.correlationId()));
    words.add("reply " + p.replyTo());
    OptionalLong expiration = p.expirationMs();
    words.add("expiration " + expiration);
    words.add("id " + p.messageId());
    words.add("timestamp " + p.timestamp());
    words.add("type " + p.type());
    words.add("app " + p.appId());
    headers.forEach((name, value) -> words.add(name + " " + text(value)));
    return words;
  }

  private static String hex(Optional<byte[]> bytes) {
    return bytes.map(HexFormat.of()::formatHex).toString();
  }

  private static String text(Object value) {
    if (value instanceof Map<?, ?> table) {
      var sorted = new TreeMap<String, String>();
      table.forEach((name, one) -> sorted.put((String) name, text(one)));
      return sorted.toString();
    } else if (value instanceof List<?> list) {
      return list.stream().map(PropertiesCrossTest::text).toList().toString();
    } else if (value instanceof byte[] bytes) {
      return Arrays.toString(bytes);
    }
    return value.getClass().getSimpleName() + ":" + value;
  }
}
