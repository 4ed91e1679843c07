package io.carrick;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The properties of a message that was made in this JVM. Immutable. */
record PropertyValues(
    Scalars scalars,
    Map<Text, String> texts,
    Optional<byte[]> correlationId,
    Map<String, Object> headers,
    List<UserProperty> userProperties,
    OptionalInt payloadFormat)
    implements MessageProperties {

  /**
   * The properties that are not text.
   *
   * @param asked null for what goes with {@code persistent}
   */
  record Scalars(
      boolean persistent,
      boolean retain,
      @Nullable Guarantee asked,
      OptionalInt priority,
      OptionalLong expirationMs,
      Optional<Instant> timestamp) {}

  /** The properties that are plain text. */
  enum Text {
    CONTENT_TYPE,
    CONTENT_ENCODING,
    REPLY_TO,
    RESPONSE_TOPIC,
    MESSAGE_ID,
    TYPE,
    USER_ID,
    APP_ID
  }

  /** Copies what others show. */
  static PropertyValues copyOf(MessageProperties p) {
    var texts = new EnumMap<Text, String>(Text.class);
    p.contentType().ifPresent(t -> texts.put(Text.CONTENT_TYPE, t));
    p.contentEncoding().ifPresent(t -> texts.put(Text.CONTENT_ENCODING, t));
    p.replyTo().ifPresent(t -> texts.put(Text.REPLY_TO, t));
    p.responseTopic().ifPresent(t -> texts.put(Text.RESPONSE_TOPIC, t));
    p.messageId().ifPresent(t -> texts.put(Text.MESSAGE_ID, t));
    p.type().ifPresent(t -> texts.put(Text.TYPE, t));
    p.userId().ifPresent(t -> texts.put(Text.USER_ID, t));
    p.appId().ifPresent(t -> texts.put(Text.APP_ID, t));
    return new PropertyValues(
        new Scalars(
            p.persistent(),
            p.retain(),
            p.guarantee(),
            p.priority(),
            p.expirationMs(),
            p.timestamp()),
        Map.copyOf(texts),
        p.correlationId(),
        p.headers(),
        p.userProperties(),
        p.payloadFormat());
  }

  private Optional<String> text(Text which) {
    return Optional.ofNullable(texts.get(which));
  }

  @Override
  public boolean persistent() {
    return scalars.persistent;
  }

  @Override
  public boolean retain() {
    return scalars.retain;
  }

  @Override
  public Guarantee guarantee() {
    Guarantee asked = scalars.asked;
    return asked != null ? asked : MessageProperties.super.guarantee();
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
  public Optional<String> responseTopic() {
    return text(Text.RESPONSE_TOPIC);
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

  /** With them counts what they become in another protocol, if they ever do. */
  @Override
  public int memoryBytes() {
    long sum = HeaderMemory.bytesWithImage(headers);
    sum += correlationId.map(HeaderMemory::bytesWithImage).orElse(0);
    for (String text : texts.values()) {
      sum += HeaderMemory.bytesWithImage(text);
    }
    for (UserProperty property : userProperties) {
      sum += HeaderMemory.bytesWithImage(property.name());
      sum += HeaderMemory.bytesWithImage(property.value());
    }
    return (int) Math.min(Integer.MAX_VALUE / 2, sum);
  }
}
