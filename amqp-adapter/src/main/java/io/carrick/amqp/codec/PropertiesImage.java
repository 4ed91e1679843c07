package io.carrick.amqp.codec;

import io.carrick.HeaderNames;
import io.carrick.MessageProperties;
import io.carrick.UserProperty;
import io.carrick.spi.TopicQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Properties as AMQP wants them on the wire. Stateless. */
public final class PropertiesImage {

  private static final int SHORT_STRING_BYTES = 255;
  private static final byte[] TRANSIENT = {AmqpProperties.DELIVERY_MODE >> 8, 0, 1};
  private static final byte[] PERSISTENT = {AmqpProperties.DELIVERY_MODE >> 8, 0, 2};

  private PropertiesImage() {}

  /**
   * Returns flags and properties of what did not arrive by AMQP, from their neutral view.
   *
   * @param extra headers to be added
   * @return not to be modified
   */
  public static byte[] of(MessageProperties properties, Map<String, Object> extra) {
    if (extra.isEmpty() && saysNothing(properties)) {
      return properties.persistent() ? PERSISTENT : TRANSIENT; // MAP-10
    }
    return encode(properties, extra);
  }

  /** Returns whether properties have nothing to say but how persistent they are. */
  public static boolean saysNothing(MessageProperties p) {
    return p.headers().isEmpty()
        && p.userProperties().isEmpty()
        && p.contentType().isEmpty()
        && p.contentEncoding().isEmpty()
        && p.priority().isEmpty()
        && p.correlationId().isEmpty()
        && p.replyTo().isEmpty()
        && p.responseTopic().isEmpty()
        && p.expirationMs().isEmpty()
        && p.messageId().isEmpty()
        && p.timestamp().isEmpty()
        && p.type().isEmpty()
        && p.userId().isEmpty()
        && p.appId().isEmpty();
  }

  private static byte[] encode(MessageProperties p, Map<String, Object> extra) {
    Map<String, Object> headers = headers(p, extra);
    var correlation = p.correlationId().filter(id -> id.length <= SHORT_STRING_BYTES);
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
    if (p.expirationMs().isPresent()) {
      flags |= AmqpProperties.EXPIRATION;
      writer.shortString(Long.toString(p.expirationMs().getAsLong()));
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

  private static Map<String, Object> headers(MessageProperties p, Map<String, Object> extra) {
    var headers = new LinkedHashMap<>(p.headers());
    headers.putAll(extra);
    // MAP-20
    p.correlationId()
        .filter(id -> id.length > SHORT_STRING_BYTES)
        .ifPresent(id -> headers.put(HeaderNames.CORRELATION_ID, id));
    if (!showAll(headers, p.userProperties())) {
      headers.put(
          HeaderNames.MQTT_USER_PROPERTIES,
          p.userProperties().stream().map(u -> List.of(u.name(), u.value())).toList());
    }
    return headers;
  }

  /**
   * Returns whether headers show user properties as they are: each under its name, which is one
   * that a header can have, and none twice (MAP-24).
   */
  private static boolean showAll(Map<String, Object> headers, List<UserProperty> properties) {
    var seen = new HashSet<String>();
    for (UserProperty property : properties) {
      if (!property.value().equals(headers.get(property.name()))
          || !seen.add(property.name())
          || !fits(property.name())) {
        return false;
      }
    }
    return true;
  }

  /** A text that does not fit is left out rather than cut: half a name is another name. */
  private static Optional<String> fitting(Optional<String> text) {
    return text.filter(PropertiesImage::fits);
  }

  private static boolean fits(String text) {
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
