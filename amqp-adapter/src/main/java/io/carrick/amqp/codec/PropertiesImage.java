package io.carrick.amqp.codec;

import io.carrick.HeaderNames;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import io.carrick.crossing.PropertyTexts;
import io.carrick.spi.TopicQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Properties as AMQP wants them on the wire. Stateless. */
public final class PropertiesImage {

  private static final int SHORT_STRING_BYTES = 255;

  /** The longest time to live that a publisher of AMQP may set; it would be refused with more. */
  private static final long MAX_EXPIRATION_MS = 0xFFFF_FFFFL;

  private static final byte[] TRANSIENT = {AmqpProperties.DELIVERY_MODE >> 8, 0, 1};
  private static final byte[] PERSISTENT = {AmqpProperties.DELIVERY_MODE >> 8, 0, 2};

  private PropertiesImage() {}

  /**
   * Returns flags and properties of what did not arrive by AMQP and has no routing key.
   *
   * @param extra headers to be added
   * @return not to be modified
   */
  public static byte[] of(MessageProperties properties, Map<String, Object> extra) {
    return of(properties, extra, RoutingKey.EMPTY);
  }

  /**
   * Returns flags and properties of what did not arrive by AMQP, from their neutral view.
   *
   * @param extra headers to be added
   * @param routingKey of the message
   * @return not to be modified
   */
  public static byte[] of(
      MessageProperties properties, Map<String, Object> extra, RoutingKey routingKey) {
    if (extra.isEmpty() && properties.isPlain()) {
      return properties.persistent() ? PERSISTENT : TRANSIENT; // MAP-10
    }
    return encode(properties, headers(properties, extra, routingKey));
  }

  /**
   * Returns flags and properties as RabbitMQ would have made them (MAP-4).
   *
   * @param extra headers to be added
   * @param arrivedMs when the message arrived, wall time in milliseconds
   * @return not to be modified
   */
  public static byte[] asRabbitMq(
      MessageProperties properties, Map<String, Object> extra, long arrivedMs) {
    if (extra.isEmpty() && properties.isPlain()) {
      return properties.persistent() ? PERSISTENT : TRANSIENT;
    }
    var seen = new RabbitMqView(properties, arrivedMs);
    Map<String, Object> headers = seen.headers();
    headers.putAll(extra);
    return encode(seen, headers);
  }

  private static byte[] encode(MessageProperties p, Map<String, Object> headers) {
    var correlation = p.correlationId().filter(PropertiesImage::isShortString);
    ByteBuf out = Unpooled.buffer(64);
    var writer = new FieldWriter(out);
    writer.shortInt(0);
    int flags = AmqpProperties.DELIVERY_MODE;
    flags |= text(writer, AmqpProperties.CONTENT_TYPE, fitting(p.contentType()));
    flags |= text(writer, AmqpProperties.CONTENT_ENCODING, fitting(p.contentEncoding()));
    if (!headers.isEmpty()) {
      flags |= AmqpProperties.HEADERS;
      writer.table(headers);
    }
    writer.octet(p.persistent() ? 2 : 1); // MAP-10
    if (p.priority().isPresent()) {
      flags |= AmqpProperties.PRIORITY;
      writer.octet(p.priority().getAsInt());
    }
    if (correlation.isPresent()) {
      flags |= AmqpProperties.CORRELATION_ID;
      writer.shortBytes(correlation.get());
    }
    flags |= text(writer, AmqpProperties.REPLY_TO, replyTo(p));
    long expirationMs = p.expirationMs().orElse(-1);
    if (expirationMs >= 0 && expirationMs <= MAX_EXPIRATION_MS) {
      flags |= AmqpProperties.EXPIRATION;
      writer.shortString(Long.toString(expirationMs));
    }
    flags |= text(writer, AmqpProperties.MESSAGE_ID, fitting(p.messageId()));
    Optional<Instant> timestamp = p.timestamp();
    if (timestamp.isPresent()) {
      flags |= AmqpProperties.TIMESTAMP;
      writer.longLong(timestamp.get().getEpochSecond());
    }
    flags |= text(writer, AmqpProperties.TYPE, fitting(p.type()));
    flags |= text(writer, AmqpProperties.USER_ID, fitting(p.userId()));
    flags |= text(writer, AmqpProperties.APP_ID, fitting(p.appId()));
    out.setShort(0, flags);
    return ByteBufUtil.getBytes(out);
  }

  private static Map<String, Object> headers(
      MessageProperties p, Map<String, Object> extra, RoutingKey routingKey) {
    var headers = new LinkedHashMap<>(p.headers());
    headers.putAll(extra);
    p.correlationId()
        .filter(id -> !isShortString(id))
        .ifPresent(id -> headers.put(HeaderNames.CORRELATION_ID, id)); // MAP-20
    p.contentType()
        .filter(type -> !fits(type))
        .ifPresent(type -> headers.put(HeaderNames.MQTT_CONTENT_TYPE, type)); // MAP-21
    p.payloadFormat().ifPresent(is -> headers.put(HeaderNames.MQTT_PAYLOAD_FORMAT, is)); // MAP-22
    if (p.expirationMs().orElse(0) > MAX_EXPIRATION_MS) {
      headers.put(HeaderNames.MQTT_MESSAGE_EXPIRY, p.expirationMs().getAsLong() / 1_000); // MAP-23
    }
    p.responseTopic()
        .ifPresent(
            topic -> {
              headers.put(HeaderNames.REPLY_TO_TOPIC, RoutingKey.ofTopic(topic).asKey());
              headers.put(HeaderNames.MQTT_RESPONSE_TOPIC, topic); // MAP-19
            });
    List<UserProperty> stated = PropertyTexts.stated(p);
    if (!PropertyTexts.show(stated, p, routingKey)) {
      headers.put(
          HeaderNames.MQTT_USER_PROPERTIES,
          stated.stream().map(u -> List.of(u.name(), u.value())).toList()); // MAP-24
    }
    return headers;
  }

  /** Returns whether bytes are what a short string may have: not many, text, and no NUL. */
  static boolean isShortString(byte[] bytes) {
    if (bytes.length > SHORT_STRING_BYTES) {
      return false;
    }
    boolean ascii = true;
    for (byte b : bytes) {
      if (b == 0) {
        return false; // AMQP 0-9-1 §4.2.5.3
      }
      ascii &= b > 0;
    }
    return ascii || ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), StandardCharsets.UTF_8);
  }

  /** A text that does not fit is left out rather than cut: half a name is another name. */
  private static Optional<String> fitting(Optional<String> text) {
    return text.filter(PropertiesImage::fits);
  }

  static boolean fits(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length <= SHORT_STRING_BYTES;
  }

  /** Returns where an answer goes: to a queue, or to the name that stands for a topic (MAP-19). */
  private static Optional<String> replyTo(MessageProperties p) {
    return fitting(p.replyTo()).or(() -> p.responseTopic().flatMap(TopicQueue::name));
  }

  private static int text(FieldWriter writer, int flag, Optional<String> text) {
    if (text.isEmpty()) {
      return 0;
    }
    writer.shortString(text.get());
    return flag;
  }
}
