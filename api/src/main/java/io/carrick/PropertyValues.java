package io.carrick;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The properties of a message that was made in this JVM. Immutable. */
record PropertyValues(
    boolean persistent,
    boolean retain,
    Map<String, Object> headers,
    OptionalInt priority,
    OptionalLong expirationMs,
    Map<Text, String> texts,
    Optional<Instant> timestamp,
    @Nullable Guarantee asked)
    implements MessageProperties {

  /** The properties that are plain text. */
  enum Text {
    CONTENT_TYPE,
    CONTENT_ENCODING,
    CORRELATION_ID,
    REPLY_TO,
    MESSAGE_ID,
    TYPE,
    USER_ID,
    APP_ID
  }

  private Optional<String> text(Text which) {
    return Optional.ofNullable(texts.get(which));
  }

  @Override
  public Guarantee guarantee() {
    return asked != null ? asked : MessageProperties.super.guarantee();
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
  public Optional<byte[]> correlationId() {
    return text(Text.CORRELATION_ID).map(t -> t.getBytes(StandardCharsets.UTF_8));
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
    int sum = HeaderMemory.bytes(headers);
    for (String text : texts.values()) {
      sum += HeaderMemory.bytes(text);
    }
    return sum;
  }
}
