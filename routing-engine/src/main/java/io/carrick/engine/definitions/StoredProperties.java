package io.carrick.engine.definitions;

import io.carrick.Guarantee;
import io.carrick.HeaderMemory;
import io.carrick.MessageProperties;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Properties that were stored by their neutral view, since no adapter knew their form. Immutable.
 */
record StoredProperties(
    Scalars scalars,
    Map<Text, String> texts,
    Optional<byte[]> correlationId,
    Map<String, Object> headers)
    implements MessageProperties {

  private static final byte[] NO_BYTES = {};

  /** The properties that are not text. */
  record Scalars(
      boolean persistent,
      boolean retain,
      Guarantee guarantee,
      OptionalInt priority,
      OptionalLong expirationMs,
      Optional<Instant> timestamp) {}

  /** The properties that are text, in an order that stored records rely on. */
  enum Text {
    CONTENT_TYPE,
    CONTENT_ENCODING,
    REPLY_TO,
    MESSAGE_ID,
    TYPE,
    USER_ID,
    APP_ID;

    static final Text[] ALL = values();
  }

  static Map<Text, Optional<String>> textsOf(MessageProperties p) {
    var texts = new EnumMap<Text, Optional<String>>(Text.class);
    texts.put(Text.CONTENT_TYPE, p.contentType());
    texts.put(Text.CONTENT_ENCODING, p.contentEncoding());
    texts.put(Text.REPLY_TO, p.replyTo());
    texts.put(Text.MESSAGE_ID, p.messageId());
    texts.put(Text.TYPE, p.type());
    texts.put(Text.USER_ID, p.userId());
    texts.put(Text.APP_ID, p.appId());
    return texts;
  }

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
    textsOf(p)
        .forEach(
            (which, text) -> {
              out.flag(text.isPresent());
              text.ifPresent(out::text);
            });
    out.table(p.headers()).endOfFields();
  }

  static StoredProperties read(RecordReader in) {
    boolean persistent = in.flag();
    boolean retain = in.flag();
    Guarantee guarantee = guarantee(in.octet());
    int priority = (int) in.number() - 1;
    OptionalLong expiration = in.flag() ? OptionalLong.of(in.fixed()) : OptionalLong.empty();
    var scalars =
        new Scalars(
            persistent,
            retain,
            guarantee,
            priority < 0 ? OptionalInt.empty() : OptionalInt.of(priority),
            expiration,
            in.flag() ? Optional.of(in.instant()) : Optional.empty());
    Optional<byte[]> correlation = in.flag() ? Optional.of(in.bytes()) : Optional.empty();
    var texts = new EnumMap<Text, String>(Text.class);
    for (Text which : Text.ALL) {
      if (in.flag()) {
        texts.put(which, in.text());
      }
    }
    Map<String, Object> headers = in.table();
    in.noFields();
    return new StoredProperties(scalars, texts, correlation, headers);
  }

  private static Guarantee guarantee(int qos) {
    if (qos > Guarantee.EXACTLY_ONCE.qos()) {
      throw new RecordFormatException("unknown guarantee " + qos);
    }
    return Guarantee.ofQos(qos);
  }

  private Optional<String> text(Text which) {
    return Optional.ofNullable(texts.get(which));
  }

  @Override
  public boolean persistent() {
    return scalars.persistent;
  }

  @Override
  public Guarantee guarantee() {
    return scalars.guarantee;
  }

  @Override
  public boolean retain() {
    return scalars.retain;
  }

  @Override
  public OptionalInt priority() {
    return scalars.priority;
  }

  @Override
  public OptionalLong expirationMs() {
    return scalars.expirationMs;
  }

  @Override
  public Optional<Instant> timestamp() {
    return scalars.timestamp;
  }

  @Override
  public Optional<String> contentType() {
    return text(Text.CONTENT_TYPE);
  }

  @Override
  public Optional<String> contentEncoding() {
    return text(Text.CONTENT_ENCODING);
  }

  @Override
  public Optional<String> replyTo() {
    return text(Text.REPLY_TO);
  }

  @Override
  public Optional<String> messageId() {
    return text(Text.MESSAGE_ID);
  }

  @Override
  public Optional<String> type() {
    return text(Text.TYPE);
  }

  @Override
  public Optional<String> userId() {
    return text(Text.USER_ID);
  }

  @Override
  public Optional<String> appId() {
    return text(Text.APP_ID);
  }

  @Override
  public int memoryBytes() {
    int sum = HeaderMemory.bytes(headers) + HeaderMemory.bytes(correlationId.orElse(NO_BYTES));
    for (String text : texts.values()) {
      sum += HeaderMemory.bytes(text);
    }
    return sum;
  }
}
