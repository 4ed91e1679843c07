package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import io.carrick.HeaderNames;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import io.carrick.amqp.Amqp;
import io.carrick.amqp.AmqpSight;
import io.carrick.amqp.codec.PropertiesImage;
import io.carrick.mqtt.Mqtt;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import io.carrick.testing.BrokerExtension;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Some hundred random messages go from one protocol to the other, where a client passes them on
 * with what it was given, and come back as they were (MAP-2, MAP-10, MAP-11, MAP-19 to MAP-26).
 */
class RandomMessagesCrossTest {

  private static final int MESSAGES = 300;

  private static final String THERE = "there";
  private static final String BACK = "back";

  /** A header twice as long, in two places, would not fit into AMQP's frames. */
  private static final int MOST_BYTES = 50_000;

  private static final long PATIENCE_MS = 20_000;

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private Device5 device(String name, String topics) {
    return clients
        .device5(name)
        .subscribe(
            Mqtt5Subscribe.builder()
                .topicFilter(topics + "/#")
                .qos(MqttQos.EXACTLY_ONCE)
                .retainAsPublished(true)
                .noLocal(topics.equals(THERE))
                .build());
  }

  @Test
  @DisplayName("random messages of MQTT 5 come back from a client of AMQP as they were")
  void whatMqttPublishesComesBackFromAmqp() throws Exception {
    Service service = clients.service();
    service.channel.confirmSelect();
    Inbox<Delivery> seen = service.listen(THERE + ".#");
    Device5 device = device("device", BACK);
    var sent = new HashMap<String, Mqtt5Publish>();
    for (long seed = 0; seed < MESSAGES; seed++) {
      Mqtt5Publish message = mqtt(seed);
      sent.put(BACK + message.getTopic().toString().substring(THERE.length()), message);
      device.send(message);
    }

    for (int i = 0; i < MESSAGES; i++) {
      Delivery got = seen.take();
      String key = BACK + got.getEnvelope().getRoutingKey().substring(THERE.length());
      service.channel.basicPublish("amq.topic", key, got.getProperties(), got.getBody());
    }
    service.channel.waitForConfirmsOrDie(PATIENCE_MS);

    for (int i = 0; i < MESSAGES; i++) {
      Mqtt5Publish back = device.take();
      Mqtt5Publish was = sent.remove(back.getTopic().toString());
      assertThat(was).as(back.getTopic().toString()).isNotNull();
      assertThat(back.getPayloadAsBytes()).isEqualTo(was.getPayloadAsBytes());
      assertThat(back.getQos()).isEqualTo(was.getQos());
      assertThat(back.isRetain()).isEqualTo(was.isRetain());
      List<String> words = Said.words(packet(back, was));
      assertThat(words).as(back.getTopic().toString()).isEqualTo(Said.words(packet(was, was)));
    }
  }

  @Test
  @DisplayName("random messages of AMQP come back from a client of MQTT 5 as they were")
  void whatAmqpPublishesComesBackFromMqtt() throws Exception {
    Service service = clients.service();
    service.channel.confirmSelect();
    Inbox<Delivery> arrived = service.listen("#");
    Device5 device = device("device", THERE);
    var sent = new HashMap<String, AMQP.BasicProperties>();
    for (long seed = 0; seed < MESSAGES; seed++) {
      var random = new RandomProperties(seed);
      String key = THERE + "." + seed + "." + RoutingKey.ofTopic(random.topic()).asKey();
      AMQP.BasicProperties properties = amqp(random);
      sent.put(key, properties);
      service.channel.basicPublish("amq.topic", key, properties, random.payload());
    }
    service.channel.waitForConfirmsOrDie(PATIENCE_MS);

    for (int i = 0; i < MESSAGES; i++) {
      Mqtt5Publish got = device.take();
      device.send(got);
    }

    for (int i = 0; i < MESSAGES; i++) {
      Delivery back = arrived.take();
      while (!isOfDevice(back)) {
        back = arrived.take(); // what the service itself has published
      }
      String key = back.getEnvelope().getRoutingKey();
      AMQP.BasicProperties was = sent.remove(key);
      assertThat(was).as(key).isNotNull();
      long number = Long.parseLong(key.split("\\.")[1]);
      assertThat(back.getBody()).isEqualTo(payloadOf(number));
      assertThat(words(back.getProperties(), was)).as(key).isEqualTo(words(was, was));
    }
  }

  private static boolean isOfDevice(Delivery delivery) {
    Map<String, Object> headers = delivery.getProperties().getHeaders();
    return headers != null && headers.containsKey(HeaderNames.MQTT_CLIENT_ID);
  }

  // ---- MQTT

  private static Mqtt5Publish mqtt(long seed) {
    var random = new RandomProperties(seed);
    Mqtt5PublishBuilder.Complete made =
        Mqtt5Publish.builder()
            .topic(THERE + "/" + seed + "/" + random.topic())
            .payload(random.payload())
            .qos(MqttQos.fromCode(random.number(3)))
            .retain(random.number(4) == 0);
    PacketProperties packet = random.packet();
    while (packet.bytes().length > MOST_BYTES) {
      packet = random.packet();
    }
    long format = packet.number(Property.PAYLOAD_FORMAT_INDICATOR, -1);
    made.payloadFormatIndicator(Mqtt5PayloadFormatIndicator.fromCode((int) format));
    if (packet.find(Property.MESSAGE_EXPIRY_INTERVAL) >= 0) {
      long expiry = packet.number(Property.MESSAGE_EXPIRY_INTERVAL, 0);
      made.messageExpiryInterval(Math.max(60, expiry)); // it is to live as long as the test
    }
    packet
        .text(Property.CONTENT_TYPE)
        .filter(RandomMessagesCrossTest::isReadable)
        .ifPresent(made::contentType);
    packet.text(Property.RESPONSE_TOPIC).ifPresent(made::responseTopic);
    packet.binary(Property.CORRELATION_DATA).ifPresent(made::correlationData);
    var user = Mqtt5UserProperties.builder();
    for (UserProperty property : packet.userProperties()) {
      if (isFree(property.name()) && isReadable(property.name() + property.value())) {
        user.add(property.name(), property.value());
      }
    }
    return made.userProperties(user.build()).build();
  }

  /** Returns whether the broker takes a text of MQTT: without control characters. */
  private static boolean isReadable(String text) {
    return text.chars().noneMatch(Character::isISOControl);
  }

  /**
   * Returns whether a client that passes a message on does not ask for more by what that name says.
   */
  private static boolean isFree(String name) {
    return !name.equals("CC") && !name.equals(HeaderNames.AMQP_REPLY_TO);
  }

  private static PacketProperties packet(Mqtt5Publish message, Mqtt5Publish expiryOf) {
    PacketProperties.Builder made = PacketProperties.builder();
    message
        .getPayloadFormatIndicator()
        .ifPresent(is -> made.number(Property.PAYLOAD_FORMAT_INDICATOR, is.getCode()));
    if (message.getMessageExpiryInterval().isPresent()) {
      long left = message.getMessageExpiryInterval().getAsLong();
      long was = expiryOf.getMessageExpiryInterval().orElse(0);
      boolean some = left <= was && left > was - PATIENCE_MS / 1_000;
      made.number(Property.MESSAGE_EXPIRY_INTERVAL, some ? was : left);
    }
    message.getContentType().ifPresent(t -> made.text(Property.CONTENT_TYPE, t.toString()));
    message.getResponseTopic().ifPresent(t -> made.text(Property.RESPONSE_TOPIC, t.toString()));
    message.getCorrelationData().ifPresent(d -> made.binary(Property.CORRELATION_DATA, bytes(d)));
    message
        .getUserProperties()
        .asList()
        .forEach(p -> made.user(new UserProperty(p.getName().toString(), p.getValue().toString())));
    return made.build();
  }

  private static byte[] bytes(ByteBuffer data) {
    var bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    return bytes;
  }

  // ---- AMQP

  private static AMQP.BasicProperties amqp(RandomProperties random) {
    AMQP.BasicProperties made = RabbitMqCodec.read(PropertiesImage.of(random.amqp(), Map.of()));
    AMQP.BasicProperties.Builder changed = made.builder();
    if (made.getExpiration() != null) {
      long least = Math.max(60_999, Long.parseLong(made.getExpiration()));
      changed.expiration(Long.toString(least)); // it is to live as long as the test
    }
    if (made.getHeaders() != null) {
      Map<String, Object> headers = new HashMap<>(made.getHeaders());
      headers.keySet().removeIf(name -> !isFree(name));
      changed.headers(headers);
    }
    return changed.build();
  }

  private static byte[] payloadOf(long seed) {
    var random = new RandomProperties(seed);
    random.topic();
    amqp(random);
    return random.payload();
  }

  private static List<String> words(AMQP.BasicProperties p, AMQP.BasicProperties expirationOf) {
    AMQP.BasicProperties compared = p;
    if (p.getExpiration() != null && expirationOf.getExpiration() != null) {
      long left = Long.parseLong(p.getExpiration());
      long was = Long.parseLong(expirationOf.getExpiration());
      boolean some = left <= was + 999 && left > was - PATIENCE_MS;
      compared = p.builder().expiration(some ? "some" : p.getExpiration()).build();
    }
    return Said.words(AmqpSight.published(RabbitMqCodec.written(compared)));
  }
}
