package io.carrick.mqtt;

import io.carrick.MessageProperties;
import io.carrick.UserProperty;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a message of another protocol says about itself, as properties of MQTT 5. Stateless. */
final class ForeignProperties {

  private static final int LONGEST = 0xFFFF;
  private static final long MOST_SECONDS = 0xFFFF_FFFFL;

  private ForeignProperties() {}

  /**
   * Converts.
   *
   * @param reply the topic that stands for the queue that they name for a reply
   */
  static MqttProperties of(MessageProperties properties, Optional<String> reply) {
    PacketProperties.Builder made = PacketProperties.builder();
    properties
        .expirationMs()
        .ifPresent(ms -> made.number(Property.MESSAGE_EXPIRY_INTERVAL, seconds(ms)));
    properties
        .contentType()
        .filter(ForeignProperties::fits)
        .ifPresent(type -> made.text(Property.CONTENT_TYPE, type));
    properties
        .correlationId()
        .filter(id -> id.length <= LONGEST)
        .ifPresent(id -> made.binary(Property.CORRELATION_DATA, id)); // MAP-20
    reply.ifPresent(topic -> made.text(Property.RESPONSE_TOPIC, topic)); // MAP-19
    for (UserProperty user : properties.userProperties()) {
      if (fits(user.name()) && fits(user.value())) {
        made.user(user);
      }
    }
    return MqttProperties.of(properties.guarantee().qos(), properties.retain(), made.build());
  }

  private static long seconds(long ms) {
    return Math.min(MOST_SECONDS, Math.max(0, ms) / 1_000 + (ms % 1_000 > 0 ? 1 : 0)); // MAP-23
  }

  /** Returns whether a text can be one of MQTT: not too long, and without U+0000. */
  private static boolean fits(String text) {
    if (text.indexOf('\0') >= 0) {
      return false; // [MQTT-1.5.4-2]: the client would have to end its connection, each time anew
    }
    return text.length() <= LONGEST / 3 || text.getBytes(StandardCharsets.UTF_8).length <= LONGEST;
  }
}
