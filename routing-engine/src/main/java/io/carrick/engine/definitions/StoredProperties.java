package io.carrick.engine.definitions;

import io.carrick.Guarantee;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.UserProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Properties that are stored by their neutral view, since no adapter knows their form: made in this
 * JVM, or of a message that a program has published again. Stateless.
 */
final class StoredProperties {

  // Tags are for ever: one that is not used any more is not given to something else.
  private static final int USER_PROPERTIES = 1;
  private static final int RESPONSE_TOPIC = 2;
  private static final int PAYLOAD_FORMAT = 3;

  private static final int FIELD_BYTES = 64;
  private static final int MAX_PRIORITY = 255;
  private static final byte[] NO_PAYLOAD = {};

  private StoredProperties() {}

  static void write(MessageProperties p, RecordWriter out) {
    out.flag(p.persistent()).flag(p.retain()).octet(p.guarantee().qos());
    out.number(p.priority().orElse(-1) + 1L);
    OptionalLong expiration = p.expirationMs();
    out.flag(expiration.isPresent());
    expiration.ifPresent(out::fixed);
    Optional<Instant> timestamp = p.timestamp();
    out.flag(timestamp.isPresent());
    timestamp.ifPresent(out::value);
    Optional<byte[]> correlation = p.correlationId();
    out.flag(correlation.isPresent());
    correlation.ifPresent(out::bytes);
    text(p.contentType(), out);
    text(p.contentEncoding(), out);
    text(p.replyTo(), out);
    text(p.messageId(), out);
    text(p.type(), out);
    text(p.userId(), out);
    text(p.appId(), out);
    out.table(p.headers());
    if (!p.userProperties().isEmpty()) {
      out.field(USER_PROPERTIES, userProperties(p.userProperties()));
    }
    p.responseTopic().ifPresent(topic -> out.field(RESPONSE_TOPIC, field().text(topic).toBytes()));
    p.payloadFormat().ifPresent(is -> out.field(PAYLOAD_FORMAT, field().octet(is).toBytes()));
    out.endOfFields();
  }

  private static void text(Optional<String> text, RecordWriter out) {
    out.flag(text.isPresent());
    text.ifPresent(out::text);
  }

  private static RecordWriter field() {
    return new RecordWriter(FIELD_BYTES);
  }

  private static byte[] userProperties(List<UserProperty> properties) {
    RecordWriter out = field().number(properties.size());
    properties.forEach(property -> out.text(property.name()).text(property.value()));
    return out.toBytes();
  }

  static MessageProperties read(RecordReader in) {
    Message.Builder p = Message.builder(NO_PAYLOAD);
    if (in.flag()) {
      p.persistent();
    }
    if (in.flag()) {
      p.retain();
    }
    p.guarantee(guarantee(in.octet()));
    priority(in.number(), p);
    if (in.flag()) {
      p.expiration(Duration.ofMillis(in.fixed()));
    }
    if (in.flag()) {
      p.timestamp(in.instant());
    }
    if (in.flag()) {
      p.correlationId(in.bytes());
    }
    text(in, p::contentType);
    text(in, p::contentEncoding);
    text(in, p::replyTo);
    text(in, p::messageId);
    text(in, p::type);
    text(in, p::userId);
    text(in, p::appId);
    in.table().forEach(p::header);
    Map<Integer, byte[]> fields = in.fields();
    if (fields.containsKey(USER_PROPERTIES)) {
      readUserProperties(new RecordReader(fields.get(USER_PROPERTIES)), p);
    }
    if (fields.containsKey(RESPONSE_TOPIC)) {
      p.responseTopic(new RecordReader(fields.get(RESPONSE_TOPIC)).text());
    }
    if (fields.containsKey(PAYLOAD_FORMAT)) {
      p.payloadFormat(payloadFormat(new RecordReader(fields.get(PAYLOAD_FORMAT)).octet()));
    }
    return p.build().properties();
  }

  private static Guarantee guarantee(int qos) {
    if (qos > Guarantee.EXACTLY_ONCE.qos()) {
      throw new RecordFormatException("unknown guarantee " + qos);
    }
    return Guarantee.ofQos(qos);
  }

  private static int payloadFormat(int stored) {
    if (stored > 1) {
      throw new RecordFormatException("unknown payload format " + stored);
    }
    return stored;
  }

  /** Reads a priority, which is stored as one more, and none as 0. */
  private static void priority(long stored, Message.Builder p) {
    if (stored < 0 || stored > MAX_PRIORITY + 1) {
      throw new RecordFormatException("no message has the priority " + (stored - 1));
    }
    if (stored > 0) {
      p.priority((int) stored - 1);
    }
  }

  private static void text(RecordReader in, Consumer<String> set) {
    if (in.flag()) {
      set.accept(in.text());
    }
  }

  private static void readUserProperties(RecordReader in, Message.Builder p) {
    for (int left = in.count(); left > 0; left--) {
      p.userProperty(in.text(), in.text());
    }
  }
}
