package io.carrick.crossing;

import io.carrick.HeaderNames;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.UserProperty;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a message says of itself, as the names and texts that MQTT 5 has (MAP-24 to MAP-26): its
 * user properties, then headers that these do not show, in the order of their names, then the
 * properties of AMQP that MQTT has no other place for, then what types the headers have. What has
 * no form as a text of 65,535 bytes without control characters is left out. Confined to the calling
 * thread.
 */
public final class PropertyTexts {

  private static final int MOST_BYTES = 0xFFFF;
  private static final int MOST_HEADER_NAME_BYTES = 255;

  private final List<UserProperty> made;
  private final Set<UserProperty> stated;
  private final SaidInTexts said;
  private final NameList json = new NameList();
  private final NameList base64 = new NameList();
  private final NameList types = new NameList();

  private PropertyTexts(List<UserProperty> stated) {
    this.made = new ArrayList<>(stated);
    this.stated = stated.isEmpty() ? Set.of() : new HashSet<>(stated);
    this.said = SaidInTexts.of(stated);
  }

  /**
   * Returns the user properties that say what a message does.
   *
   * @param routingKey what stands for the topic, if it is to be told
   * @param tellsQueue whether the queue that an answer goes to is to be told
   */
  public static List<UserProperty> of(
      MessageProperties properties, Optional<String> routingKey, boolean tellsQueue) {
    List<UserProperty> stated = stated(properties);
    var texts = new PropertyTexts(stated);
    texts.headers(properties.headers());
    texts.properties(properties, routingKey, tellsQueue);
    texts.markers();
    return texts.made;
  }

  /**
   * Returns a message's user properties but for those that only the broker says: a client's own of
   * these names go no further than its protocol (MAP-26, MAP-28).
   */
  public static List<UserProperty> stated(MessageProperties properties) {
    List<UserProperty> all = properties.userProperties();
    for (UserProperty one : all) {
      if (Words.brokersOnly(one.name()) || !fits(one.name()) || !fits(one.value())) {
        return all.stream()
            .filter(p -> !Words.brokersOnly(p.name()) && fits(p.name()) && fits(p.value()))
            .toList();
      }
    }
    return all;
  }

  /**
   * Returns whether headers and properties alone say what user properties do, in their order.
   *
   * @param stated the user properties
   * @param properties whose headers and properties count
   * @param routingKey of the message
   */
  public static boolean show(
      List<UserProperty> stated, MessageProperties properties, RoutingKey routingKey) {
    if (stated.isEmpty() || areShownPlainly(stated, properties.headers())) {
      return true;
    }
    for (UserProperty one : stated) {
      if (Words.isOfAmqp(one.name())) {
        return areShownInWords(stated, properties, routingKey);
      }
    }
    return false;
  }

  /** Most are: texts that are headers, each under a name of its own, in order. */
  private static boolean areShownPlainly(List<UserProperty> stated, Map<String, Object> headers) {
    String last = null;
    for (UserProperty one : stated) {
      String name = one.name();
      boolean inOrder = last == null || Words.compare(last, name) < 0;
      boolean there = one.value().equals(headers.get(name)) && canBeHeader(name);
      if (!inOrder || !there || !isReadable(name) || !isReadable(one.value())) {
        return false;
      }
      last = name;
    }
    return true;
  }

  private static boolean areShownInWords(
      List<UserProperty> stated, MessageProperties p, RoutingKey routingKey) {
    SaidInTexts said = SaidInTexts.of(stated);
    boolean inShortStrings =
        said.headers().keySet().stream().allMatch(PropertyTexts::canBeHeader)
            && Stream.of(p.contentEncoding(), p.replyTo(), p.messageId(), p.type(), p.appId())
                .flatMap(Optional::stream)
                .allMatch(PropertyTexts::canBeHeader);
    if (!inShortStrings) {
      return false;
    }
    var texts = new PropertyTexts(List.of());
    texts.headers(said.headers());
    // A queue that the Response Topic names is not told a second time.
    boolean tellsQueue = said.replyTo().isPresent();
    texts.properties(p, said.routingKey().filter(routingKey.asKey()::equals), tellsQueue);
    texts.markers();
    return texts.made.equals(stated);
  }

  /** Returns whether a text is not too long for a short string, as names of headers are. */
  static boolean canBeHeader(String name) {
    return name.length() <= MOST_HEADER_NAME_BYTES / 3
        || name.getBytes(StandardCharsets.UTF_8).length <= MOST_HEADER_NAME_BYTES;
  }

  /** Returns headers in the order of their names, as bytes. */
  public static List<Map.Entry<String, Object>> inOrder(Map<String, Object> headers) {
    var all = new ArrayList<>(headers.entrySet());
    all.sort((one, other) -> Words.compare(one.getKey(), other.getKey()));
    return all;
  }

  /** Returns a table or list of headers as JSON; empty if it is too long for a user property. */
  public static Optional<UserProperty> json(String name, Object value) {
    return Optional.ofNullable(JsonWriter.of(value))
        .map(JsonWriter::json)
        .filter(json -> fits(name) && fits(json))
        .map(json -> new UserProperty(name, json));
  }

  private void headers(Map<String, Object> headers) {
    if (!headers.isEmpty()) {
      inOrder(headers).forEach(header -> header(header.getKey(), header.getValue()));
    }
  }

  private void header(String name, Object value) {
    Object before = said.headers().get(name);
    if (Words.noUserProperty(name) || (before != null && same(before, value))) {
      return;
    }
    char type = FieldTypes.of(value);
    if (type == FieldTypes.TABLE || type == FieldTypes.LIST) {
      structure(name, value);
      return;
    }
    String text = FieldTypes.text(value);
    if (type == FieldTypes.TEXT) {
      if (isReadable(text)) {
        add(name, text);
      } else {
        structure(name, text);
      }
    } else if (add(name, text)) {
      if (type == FieldTypes.BYTES) {
        base64.add(name, "");
      } else {
        types.add(name, ":" + type);
      }
    }
  }

  private static boolean same(Object one, Object other) {
    char type = FieldTypes.of(one);
    if (type != FieldTypes.of(other)) {
      return false;
    }
    if (type != FieldTypes.TABLE && type != FieldTypes.LIST) {
      return FieldTypes.text(one).equals(FieldTypes.text(other));
    }
    JsonWriter written = JsonWriter.of(one);
    JsonWriter otherwise = JsonWriter.of(other);
    return written != null
        && otherwise != null
        && written.json().equals(otherwise.json())
        && written.types().equals(otherwise.types());
  }

  private void structure(String name, Object value) {
    JsonWriter written = JsonWriter.of(value);
    if (written != null && add(name, written.json())) {
      json.add(name, "");
      if (!written.types().isEmpty()) {
        types.add(name, ":" + written.types());
      }
    }
  }

  private void properties(MessageProperties p, Optional<String> routingKey, boolean tellsQueue) {
    word(HeaderNames.AMQP_ROUTING_KEY, routingKey, Optional.empty());
    word(HeaderNames.AMQP_CONTENT_ENCODING, p.contentEncoding(), said.contentEncoding());
    Optional<String> saidPriority = text(said.priority().stream().boxed().findFirst());
    word(HeaderNames.AMQP_PRIORITY, text(p.priority().stream().boxed().findFirst()), saidPriority);
    if (tellsQueue) {
      word(HeaderNames.AMQP_REPLY_TO, p.replyTo(), said.replyTo());
    }
    word(HeaderNames.AMQP_MESSAGE_ID, p.messageId(), said.messageId());
    word(HeaderNames.AMQP_TIMESTAMP, text(p.timestamp()), text(said.timestamp()));
    word(HeaderNames.AMQP_TYPE, p.type(), said.type());
    word(HeaderNames.AMQP_USER_ID, p.userId(), Optional.empty());
    word(HeaderNames.AMQP_APP_ID, p.appId(), said.appId());
  }

  private static Optional<String> text(Optional<?> value) {
    return value.map(Object::toString);
  }

  /** A property that somebody has set anew on the way counts, not what was stated before. */
  private void word(String name, Optional<String> now, Optional<String> said) {
    if (now.isEmpty() && said.isEmpty()) {
      return;
    } else if (said.isPresent()) {
      if (said.equals(now)) {
        return;
      }
      made.removeIf(property -> property.name().equals(name));
    }
    now.ifPresent(text -> add(name, text));
  }

  private void markers() {
    marker(HeaderNames.AMQP_JSON, json);
    marker(HeaderNames.AMQP_BASE64, base64);
    marker(HeaderNames.AMQP_TYPES, types);
  }

  private void marker(String name, NameList list) {
    if (!list.isEmpty()) {
      add(name, list.toString());
    }
  }

  /** Returns whether it is said now and was not before. */
  private boolean add(String name, String text) {
    if (!fits(name) || !fits(text) || !isReadable(name) || !isReadable(text)) {
      return false;
    }
    var property = new UserProperty(name, text);
    return !stated.contains(property) && made.add(property);
  }

  /**
   * Returns whether a text has no control characters, for which a client may end its connection,
   * each time anew when it gets the message again, as this broker does [MQTT-1.5.4-2].
   */
  public static boolean isReadable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether a text can be one of MQTT: not too long, and without U+0000. */
  public static boolean fits(String text) {
    if (text.indexOf('\0') >= 0) {
      return false; // [MQTT-1.5.4-2]: the client would have to end its connection, each time anew
    }
    return text.length() <= MOST_BYTES / 3
        || text.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES;
  }
}
