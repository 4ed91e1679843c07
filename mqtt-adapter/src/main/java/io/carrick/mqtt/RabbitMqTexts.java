package io.carrick.mqtt;

import io.carrick.HeaderNames;
import io.carrick.MessageProperties;
import io.carrick.UserProperty;
import io.carrick.crossing.PropertyTexts;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a message of another protocol says about itself as RabbitMQ shows it to MQTT 5, with what
 * that loses: headers in the order of their names, without tables, lists and bytes, and no property
 * of AMQP but content type and correlation id (MAP-4). Dead letters show why they are that, which
 * RabbitMQ does not. Stateless.
 */
final class RabbitMqTexts {

  private RabbitMqTexts() {}

  static MqttProperties of(MessageProperties p) {
    PacketProperties.Builder made = PacketProperties.builder();
    ForeignProperties.common(p, made, every -> true);
    Map<String, Object> headers = p.headers();
    Optional.ofNullable(headers.get(HeaderNames.REPLY_TO_TOPIC))
        .map(key -> key.toString().replace('.', '/'))
        .filter(ForeignProperties::isTopic)
        .ifPresent(topic -> made.text(Property.RESPONSE_TOPIC, topic));
    for (Map.Entry<String, Object> header : PropertyTexts.inOrder(headers)) {
      String name = header.getKey();
      boolean hasItsPlace =
          name.equals(HeaderNames.REPLY_TO_TOPIC) || name.equals(HeaderNames.CORRELATION_ID);
      if (name.equals(HeaderNames.DEATH)) {
        PropertyTexts.json(name, header.getValue()).ifPresent(made::user); // MAP-25
      } else if (!hasItsPlace) {
        text(header.getValue())
            .filter(text -> PropertyTexts.fits(name) && PropertyTexts.fits(text))
            .ifPresent(text -> made.user(new UserProperty(name, text)));
      }
    }
    return MqttProperties.of(p.guarantee().qos(), p.retain(), made.build());
  }

  private static Optional<String> text(Object value) {
    if (value instanceof Map || value instanceof List || value instanceof byte[]) {
      return Optional.empty();
    } else if (value == MessageProperties.VOID) {
      return Optional.of("");
    } else if (value instanceof Instant time) {
      return Optional.of(Long.toString(time.getEpochSecond()));
    } else if (value instanceof BigDecimal decimal) {
      return Optional.of(decimal.toString());
    } else if (value instanceof Float || value instanceof Double) {
      return Optional.of(asErlangDoes(((Number) value).doubleValue()));
    }
    return Optional.of(value.toString());
  }

  private static String asErlangDoes(double number) {
    boolean finite = Double.isFinite(number);
    return finite
        ? String.format(Locale.ROOT, "%.20e", new BigDecimal(number))
        : Double.toString(number);
  }
}
