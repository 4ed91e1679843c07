package io.carrick.mqtt;

import io.carrick.HeaderNames;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import io.carrick.crossing.PropertyTexts;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import io.carrick.spi.ReplyRights;
import io.carrick.spi.TopicQueue;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a message of another protocol says about itself, as properties of MQTT 5; what has no form
 * there is left out. Stateless.
 */
final class ForeignProperties {

  private static final int LONGEST = 0xFFFF;
  private static final long MOST_SECONDS = 0xFFFF_FFFFL;
  private static final int MS = 1_000;

  private ForeignProperties() {}

  /**
   * Converts.
   *
   * @param rights lets clients answer it
   */
  static MqttProperties of(Message message, Mapping mapping, ReplyRights rights) {
    return mapping.profile() == Mapping.Profile.RABBITMQ
        ? RabbitMqTexts.of(message.properties())
        : lossless(message, mapping, rights);
  }

  private static MqttProperties lossless(Message message, Mapping mapping, ReplyRights rights) {
    MessageProperties p = message.properties();
    PacketProperties.Builder made = PacketProperties.builder();
    p.payloadFormat().ifPresent(is -> made.number(Property.PAYLOAD_FORMAT_INDICATOR, is)); // MAP-22
    int roundedMs = 0;
    if (p.expirationMs().isPresent()) {
      long ms = Math.max(0, p.expirationMs().getAsLong());
      long seconds = Math.min(MOST_SECONDS, ms / MS + (ms % MS > 0 ? 1 : 0)); // MAP-23
      made.number(Property.MESSAGE_EXPIRY_INTERVAL, seconds);
      roundedMs = (int) Math.max(0, seconds * MS - ms);
    }
    common(p, made, PropertyTexts::isReadable);
    Optional<String> asked =
        p.responseTopic()
            .filter(ForeignProperties::isTopic)
            .filter(PropertyTexts::isReadable); // MAP-19
    Optional<String> reply = asked.isPresent() ? asked : Replies.topic(message, rights);
    reply.ifPresent(topic -> made.text(Property.RESPONSE_TOPIC, topic));
    boolean isQueue = p.replyTo().filter(name -> !name.startsWith(TopicQueue.PREFIX)).isPresent();
    boolean tellsQueue = isQueue && (asked.isPresent() || reply.isEmpty());
    List<UserProperty> user =
        PropertyTexts.of(p, routingKey(message.routingKey(), p, mapping), tellsQueue);
    user.forEach(made::user);
    return MqttProperties.rounded(p.guarantee().qos(), p.retain(), made.build(), roundedMs);
  }

  /**
   * Adds what crosses in the same way by everybody's tables.
   *
   * @param texts those that go on
   */
  static void common(MessageProperties p, PacketProperties.Builder made, Predicate<String> texts) {
    p.contentType()
        .filter(PropertyTexts::fits)
        .filter(texts)
        .ifPresent(type -> made.text(Property.CONTENT_TYPE, type)); // MAP-21
    p.correlationId()
        .filter(id -> id.length <= LONGEST)
        .ifPresent(id -> made.binary(Property.CORRELATION_DATA, id)); // MAP-20
  }

  /** Returns whether a text is a topic name, which a client may be given [MQTT-3.3.2-14]. */
  static boolean isTopic(String text) {
    return !text.isEmpty()
        && text.indexOf('+') < 0
        && text.indexOf('#') < 0
        && PropertyTexts.fits(text);
  }

  /**
   * Returns the routing key that is told: if writing dots for the slashes of the topic does not
   * give it, or always (MAP-5).
   */
  private static Optional<String> routingKey(RoutingKey key, MessageProperties p, Mapping mapping) {
    if (key.origin() == RoutingKey.Origin.TOPIC) {
      return Optional.empty();
    } else if (mapping.exposesMetadata()) {
      return Optional.of(key.asKey());
    }
    boolean plain = key.levelBytes() == key.bytes();
    if (plain || p.headers().containsKey(HeaderNames.MQTT_TOPIC)) {
      return Optional.empty(); // who published the topic by MQTT knows no key
    }
    boolean shown = key.asTopic().replace('/', '.').equals(key.asKey());
    return shown ? Optional.empty() : Optional.of(key.asKey());
  }
}
