package io.carrick.amqp.codec;

import io.carrick.HeaderNames;
import io.carrick.MessageProperties;
import io.carrick.amqp.codec.FieldTable.LongBytes;
import io.carrick.crossing.PropertyTexts;
import io.carrick.crossing.SaidInTexts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a message of MQTT says about itself as RabbitMQ shows it to AMQP, with what that loses: the
 * first user property of each name, in the order of the names, a topic for answers as a key, no
 * content type that is not ASCII, nothing of the payload's format (MAP-4). Unlike there, nobody can
 * say in a name of the broker's who has published (MAP-28). Immutable.
 */
record RabbitMqView(MessageProperties origin, long arrivedMs) implements MessageProperties {

  @Override
  public boolean persistent() {
    return origin.persistent();
  }

  @Override
  public Optional<String> contentType() {
    return origin
        .contentType()
        .filter(PropertiesImage::fits)
        .filter(type -> StandardCharsets.US_ASCII.newEncoder().canEncode(type));
  }

  @Override
  public Optional<byte[]> correlationId() {
    return origin.correlationId().filter(PropertiesImage::isShortString);
  }

  @Override
  public OptionalLong expirationMs() {
    return origin.expirationMs();
  }

  /** RabbitMQ sets it on what expires. */
  @Override
  public Optional<Instant> timestamp() {
    return expirationMs().isPresent()
        ? Optional.of(Instant.ofEpochMilli(arrivedMs))
        : Optional.empty();
  }

  @Override
  public Map<String, Object> headers() {
    Map<String, Object> all = new HashMap<>(origin.headers());
    all.putAll(SaidInTexts.asHeaders(PropertyTexts.stated(origin)).headers());
    var headers = new LinkedHashMap<String, Object>();
    PropertyTexts.inOrder(all).forEach(header -> headers.put(header.getKey(), header.getValue()));
    origin
        .responseTopic()
        .ifPresent(topic -> headers.put(HeaderNames.REPLY_TO_TOPIC, topic.replace('/', '.')));
    origin
        .correlationId()
        .filter(id -> !PropertiesImage.isShortString(id))
        .ifPresent(id -> headers.put(HeaderNames.CORRELATION_ID, new LongBytes(id)));
    return headers;
  }
}
