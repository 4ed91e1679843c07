package io.carrick.crossing;

import io.carrick.HeaderNames;
import io.carrick.UserProperty;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What user properties say of a message: those with a name of the bridge's the property that it
 * stands for, the others a header, of each name the first. It is the inverse of {@link
 * PropertyTexts}; what cannot be read as what it says to be is a text. Immutable.
 */
public final class SaidInTexts {

  /** Nothing is said. */
  public static final SaidInTexts NOTHING = new SaidInTexts(Map.of(), Map.of());

  private static final int MOST_PRIORITY = 255;

  private final Map<String, Object> headers;

  /** Of the bridge's names but for markers the first text of each. */
  private final Map<String, String> words;

  private SaidInTexts(Map<String, Object> headers, Map<String, String> words) {
    this.headers = Collections.unmodifiableMap(headers);
    this.words = words;
  }

  /** Reads user properties. */
  public static SaidInTexts of(List<UserProperty> all) {
    if (all.isEmpty()) {
      return NOTHING;
    }
    var headers = new LinkedHashMap<String, Object>();
    Map<String, String> words = Map.of();
    Map<String, StringBuilder> markers = Map.of();
    for (UserProperty property : all) {
      String name = property.name();
      if (!Words.noHeader(name)) {
        headers.putIfAbsent(name, property.value());
      } else if (isMarker(name)) {
        markers = markers.isEmpty() ? new HashMap<>() : markers;
        mark(markers, name, property.value());
      } else if (Words.isOfAmqp(name)) {
        words = words.isEmpty() ? new HashMap<>() : words;
        words.putIfAbsent(name, property.value());
      }
    }
    if (!markers.isEmpty()) {
      giveTypes(headers, markers);
    }
    return new SaidInTexts(headers, words);
  }

  /** Reads user properties all of which are headers, and texts. */
  public static SaidInTexts asHeaders(List<UserProperty> all) {
    var headers = new LinkedHashMap<String, Object>();
    all.forEach(property -> headers.putIfAbsent(property.name(), property.value()));
    return headers.isEmpty() ? NOTHING : new SaidInTexts(headers, Map.of());
  }

  private static void mark(Map<String, StringBuilder> markers, String name, String names) {
    StringBuilder before = markers.get(name);
    if (before == null) {
      markers.put(name, new StringBuilder(names));
    } else {
      before.append(',').append(names);
    }
  }

  private static boolean isMarker(String name) {
    return name.equals(HeaderNames.AMQP_JSON)
        || name.equals(HeaderNames.AMQP_BASE64)
        || name.equals(HeaderNames.AMQP_TYPES);
  }

  private static void giveTypes(Map<String, Object> headers, Map<String, StringBuilder> markers) {
    Map<String, String> types = types(marked(markers.get(HeaderNames.AMQP_TYPES)));
    for (String name : names(markers.get(HeaderNames.AMQP_JSON))) {
      String given = types.remove(name);
      give(headers, name, text -> JsonReader.read(text, given == null ? "" : given));
    }
    for (String name : names(markers.get(HeaderNames.AMQP_BASE64))) {
      give(headers, name, text -> FieldTypes.read(FieldTypes.BYTES, text));
    }
    types.forEach(
        (name, type) -> {
          if (type.length() == 1) {
            give(headers, name, text -> FieldTypes.read(type.charAt(0), text));
          }
        });
  }

  /** Reads a text. */
  private interface Reading {
    @Nullable Object value(String text);
  }

  private static void give(Map<String, Object> headers, String name, Reading as) {
    if (headers.get(name) instanceof String text) {
      Object value = as.value(text);
      if (value != null) {
        headers.put(name, value);
      }
    }
  }

  private static List<String> marked(@Nullable StringBuilder list) {
    return list == null ? List.of() : NameList.split(list.toString());
  }

  /** Returns the names that are marked: each once, for a long text is not to be read often. */
  private static Set<String> names(@Nullable StringBuilder list) {
    var names = new LinkedHashSet<String>();
    marked(list).forEach(marked -> names.add(NameList.name(marked)));
    return names;
  }

  private static Map<String, String> types(List<String> all) {
    var types = new HashMap<String, String>();
    for (String marked : all) {
      int colon = marked.lastIndexOf(':');
      if (colon >= 0) {
        types.putIfAbsent(NameList.name(marked.substring(0, colon)), marked.substring(colon + 1));
      }
    }
    return types;
  }

  /** Returns the headers, in the types of {@link io.carrick.MessageProperties#headers()}. */
  public Map<String, Object> headers() {
    return headers;
  }

  /** Returns what is said there, if it is not too long for a short string. */
  private Optional<String> word(String name) {
    return Optional.ofNullable(words.get(name)).filter(PropertyTexts::canBeHeader);
  }

  /** Returns the MIME encoding of the payload. */
  public Optional<String> contentEncoding() {
    return word(HeaderNames.AMQP_CONTENT_ENCODING);
  }

  /** Returns the queue that an answer goes to. */
  public Optional<String> replyTo() {
    return word(HeaderNames.AMQP_REPLY_TO);
  }

  /** Returns the application's message id. */
  public Optional<String> messageId() {
    return word(HeaderNames.AMQP_MESSAGE_ID);
  }

  /** Returns the application's message type. */
  public Optional<String> type() {
    return word(HeaderNames.AMQP_TYPE);
  }

  /** Returns the publishing application. */
  public Optional<String> appId() {
    return word(HeaderNames.AMQP_APP_ID);
  }

  /** Returns the priority, 0 to 255; empty also if what is said is none. */
  public OptionalInt priority() {
    String text = words.get(HeaderNames.AMQP_PRIORITY);
    boolean number = text != null && FieldTypes.read(FieldTypes.INT, text) instanceof Integer;
    int priority = number ? Integer.parseInt(text) : -1;
    return priority >= 0 && priority <= MOST_PRIORITY
        ? OptionalInt.of(priority)
        : OptionalInt.empty();
  }

  /** Returns when the message was made, from ISO 8601 or seconds since 1970. */
  public Optional<Instant> timestamp() {
    String text = words.get(HeaderNames.AMQP_TIMESTAMP);
    return text == null ? Optional.empty() : Optional.ofNullable(FieldTypes.time(text));
  }

  /** Returns the key that stands for the topic, as the publisher states it. */
  Optional<String> routingKey() {
    return word(HeaderNames.AMQP_ROUTING_KEY);
  }
}
