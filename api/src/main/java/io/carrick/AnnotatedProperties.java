package io.carrick;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a message says about itself with what the broker has noted on it: the publisher's properties
 * as they arrived, headers beside them, and no time to live for a dead letter. Immutable.
 *
 * <p>It stands where the publisher's properties would, so that a message without annotations is no
 * larger for them, and who reads properties need not know of them.
 */
final class AnnotatedProperties implements MessageProperties {

  private static final int OBJECT_BYTES = 24;

  private final MessageProperties origin;
  private final Annotations annotations;
  private volatile @Nullable Map<String, Object> headers;

  AnnotatedProperties(MessageProperties origin, Annotations annotations) {
    this.origin = origin;
    this.annotations = annotations;
  }

  MessageProperties origin() {
    return origin;
  }

  Annotations annotations() {
    return annotations;
  }

  /** A header of the broker hides a publisher's of the same name. */
  @Override
  public Map<String, Object> headers() {
    Map<String, Object> made = headers;
    if (made == null) {
      var both = new LinkedHashMap<>(origin.headers());
      both.putAll(annotations.headers());
      made = Collections.unmodifiableMap(both);
      headers = made;
    }
    return made;
  }

  /** A dead letter has none any more, and a last value's goes on from when it came first. */
  @Override
  public OptionalLong expirationMs() {
    if (!annotations.deaths().isEmpty()) {
      return OptionalLong.empty();
    }
    OptionalLong whole = origin.expirationMs();
    OptionalLong kept = annotations.keptMs();
    return whole.isEmpty() || kept.isEmpty()
        ? whole
        : OptionalLong.of(Math.max(0, whole.getAsLong() - kept.getAsLong()));
  }

  /** What goes out is a copy of the publisher's, with the notes. */
  @Override
  public int memoryBytes() {
    long sum = OBJECT_BYTES + 2L * origin.memoryBytes() + annotations.memoryBytes();
    return (int) Math.min(Integer.MAX_VALUE / 2, sum);
  }

  @Override
  public boolean persistent() {
    return origin.persistent();
  }

  @Override
  public Guarantee guarantee() {
    return origin.guarantee();
  }

  /** A dead letter does not become the last value of where it goes. */
  @Override
  public boolean retain() {
    return annotations.deaths().isEmpty() && origin.retain();
  }

  @Override
  public Optional<String> contentType() {
    return origin.contentType();
  }

  @Override
  public Optional<String> contentEncoding() {
    return origin.contentEncoding();
  }

  /** So it is with a user property: nobody can pretend what the broker says. */
  @Override
  public List<UserProperty> userProperties() {
    List<UserProperty> all = origin.userProperties();
    if (all.isEmpty()) {
      return all;
    }
    Set<String> noted = annotations.headers().keySet();
    if (noted.isEmpty()) {
      return all;
    }
    return all.stream().filter(property -> !noted.contains(property.name())).toList();
  }

  @Override
  public OptionalInt priority() {
    return origin.priority();
  }

  @Override
  public Optional<byte[]> correlationId() {
    return origin.correlationId();
  }

  @Override
  public Optional<String> replyTo() {
    return origin.replyTo();
  }

  @Override
  public Optional<String> responseTopic() {
    return origin.responseTopic();
  }

  @Override
  public OptionalInt payloadFormat() {
    return origin.payloadFormat();
  }

  @Override
  public Optional<String> messageId() {
    return origin.messageId();
  }

  @Override
  public Optional<Instant> timestamp() {
    return origin.timestamp();
  }

  @Override
  public Optional<String> type() {
    return origin.type();
  }

  @Override
  public Optional<String> userId() {
    return origin.userId();
  }

  @Override
  public Optional<String> appId() {
    return origin.appId();
  }
}
