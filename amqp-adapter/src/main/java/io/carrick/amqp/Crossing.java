package io.carrick.amqp;

import io.carrick.Guarantee;
import io.carrick.HeaderNames;
import io.carrick.Identity;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.amqp.codec.PropertiesImage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a message that did not come by AMQP looks like to an AMQP consumer. Confined to the event
 * loop of its connection.
 */
final class Crossing {

  private static final int KEY_BYTES = 255;
  private static final byte[] CUT = ".~".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_DIGITS = 16;

  /** Under which a message keeps its properties in AMQP's form. */
  private static final Object PROTOCOL = AmqpProperties.class;

  // MAP-10
  static final Map<String, Object> QOS_2 =
      Map.of(HeaderNames.MQTT_QOS, Guarantee.EXACTLY_ONCE.qos());

  // MAP-31
  private static final Map<String, Object> RETAIN = Map.of(HeaderNames.MQTT_RETAIN, true);

  private static final byte[] PERSISTENT_QOS_2 =
      PropertiesImage.of(
          new MessageProperties() {
            @Override
            public boolean persistent() {
              return true;
            }
          },
          QOS_2);

  /** Null before the first message of a device that says nothing else of itself. */
  private @Nullable KnownPublishers known;

  /** Returns the routing key, shortened if it is longer than AMQP allows (MAP-6). */
  static byte[] key(Message message) {
    byte[] key = message.routingKey().keyBytes();
    return key.length <= KEY_BYTES ? key : shortened(key);
  }

  private static byte[] shortened(byte[] key) {
    int end = KEY_BYTES - CUT.length - HASH_DIGITS;
    while (end > 0 && key[end] != '.') {
      end--;
    }
    byte[] hash = HexFormat.of().toHexDigits(fnv1a(key)).getBytes(StandardCharsets.US_ASCII);
    byte[] made = Arrays.copyOf(key, end + CUT.length + HASH_DIGITS);
    System.arraycopy(CUT, 0, made, end, CUT.length);
    System.arraycopy(hash, 0, made, end + CUT.length, HASH_DIGITS);
    return made;
  }

  private static long fnv1a(byte[] bytes) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
    }
    return hash;
  }

  /**
   * Returns a message's properties as they stand on the wire: those that arrived by AMQP as they
   * are, with what the broker has noted on the message among the headers. What crosses is converted
   * once, for however many consumers.
   *
   * @param mapping of the virtual host
   * @return not to be modified
   */
  byte[] properties(Message message, Mapping mapping) {
    RoutingKey key = message.routingKey();
    if (key.origin() == RoutingKey.Origin.KEY
        && message.properties() instanceof AmqpProperties amqp) {
      return amqp.image();
    }
    if (message.image(PROTOCOL) instanceof byte[] made) {
      return made;
    }
    return message.origin() instanceof AmqpProperties amqp
        ? byAmqp(message, amqp, mapping)
        : foreign(message, mapping);
  }

  private static byte[] byAmqp(Message message, AmqpProperties amqp, Mapping mapping) {
    Map<String, Object> notes = message.annotations().headers();
    RoutingKey key = message.routingKey();
    if (!needsTopic(key, true, mapping) || !mapping.spelling().spells(key)) {
      return notes.isEmpty()
          ? amqp.image()
          : kept(message, amqp.imageWith(notes, expires(message)));
    }
    var headers = new LinkedHashMap<>(notes);
    headers.put(HeaderNames.MQTT_TOPIC, text(mapping.spelling().topic(key))); // MAP-5
    return kept(message, amqp.imageWith(headers, expires(message)));
  }

  private byte[] foreign(Message message, Mapping mapping) {
    MessageProperties properties = message.properties();
    RoutingKey key = message.routingKey();
    boolean asRabbitMq = mapping.profile() == Mapping.Profile.RABBITMQ;
    boolean told = mapping.exposesMetadata();
    boolean topic = (told || needsTopic(key, false, mapping)) && mapping.spelling().spells(key);
    boolean plain = !told && !topic && !properties.retain();
    if (plain && properties.isPlain()) {
      return plain(properties, asRabbitMq ? Identity.ANONYMOUS : message.publisher());
    }
    var headers = new LinkedHashMap<String, Object>();
    if (topic) {
      headers.put(HeaderNames.MQTT_TOPIC, text(mapping.spelling().topic(key))); // MAP-5
    }
    if (told || properties.guarantee() == Guarantee.EXACTLY_ONCE) {
      headers.put(HeaderNames.MQTT_QOS, properties.guarantee().qos()); // MAP-10
    }
    headers.putAll(properties.retain() ? RETAIN : Map.of());
    if (asRabbitMq) {
      return kept(message, PropertiesImage.asRabbitMq(properties, headers, message.arrivedMs()));
    }
    headers.putAll(publisher(message.publisher()));
    return kept(message, PropertiesImage.of(properties, headers, key));
  }

  /** Returns an image of what says nothing but its QoS and who has published it. */
  private byte[] plain(MessageProperties properties, Identity publisher) {
    if (publisher.clientId().isEmpty()) {
      boolean exactlyOnce = properties.guarantee() == Guarantee.EXACTLY_ONCE;
      return exactlyOnce && properties.persistent()
          ? PERSISTENT_QOS_2
          : PropertiesImage.of(properties, exactlyOnce ? QOS_2 : Map.of());
    }
    if (known == null) {
      known = new KnownPublishers();
    }
    return known.image(properties, publisher);
  }

  private static boolean expires(Message message) {
    return message.properties().expirationMs().isPresent();
  }

  private static byte[] kept(Message message, byte[] image) {
    message.keepImage(PROTOCOL, image);
    return image;
  }

  /** Returns who a device is that has published, as far as that is not too long (MAP-28). */
  static Map<String, Object> publisher(Identity who) {
    if (who.clientId().isEmpty()) {
      return Map.of();
    }
    var headers = new LinkedHashMap<String, Object>();
    if (isShort(who.clientId())) {
      headers.put(HeaderNames.MQTT_CLIENT_ID, who.clientId());
    }
    if (!who.user().isEmpty() && isShort(who.user())) {
      headers.put(HeaderNames.MQTT_USERNAME, who.user());
    }
    return headers;
  }

  private static boolean isShort(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length <= KEY_BYTES;
  }

  private static String text(byte[] topic) {
    return new String(topic, StandardCharsets.UTF_8);
  }

  /** Whether writing slashes for the dots of the key would not give the topic again. */
  private static boolean needsTopic(RoutingKey key, boolean byAmqp, Mapping mapping) {
    byte[] asKey = key.keyBytes();
    if (asKey.length > KEY_BYTES) {
      return true;
    }
    if (key.origin() == RoutingKey.Origin.TOPIC) {
      return differs(key.bytes(), asKey);
    }
    boolean mapped = !byAmqp && mapping.mapper().isPresent() && mapping.spelling().spells(key);
    return mapped && differs(mapping.spelling().topic(key), asKey);
  }

  private static boolean differs(byte[] topic, byte[] asKey) {
    if (topic.length != asKey.length) {
      return true;
    }
    for (int i = 0; i < topic.length; i++) {
      if (topic[i] != (asKey[i] == '.' ? '/' : asKey[i])) {
        return true;
      }
    }
    return false;
  }
}
