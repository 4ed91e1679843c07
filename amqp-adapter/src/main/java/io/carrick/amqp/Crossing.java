package io.carrick.amqp;

import io.carrick.Guarantee;
import io.carrick.HeaderNames;
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

/** What a message that did not come by AMQP looks like to an AMQP consumer. Stateless. */
final class Crossing {

  private static final int KEY_BYTES = 255;
  private static final byte[] CUT = ".~".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_DIGITS = 16;

  /** Under which a message keeps its properties in AMQP's form. */
  private static final Object PROTOCOL = AmqpProperties.class;

  // MAP-10
  private static final Map<String, Object> QOS_2 =
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

  private Crossing() {}

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
  static byte[] properties(Message message, Mapping mapping) {
    RoutingKey key = message.routingKey();
    if (key.origin() == RoutingKey.Origin.KEY
        && message.properties() instanceof AmqpProperties amqp) {
      return amqp.image();
    }
    if (message.image(PROTOCOL) instanceof byte[] made) {
      return made;
    }
    Map<String, Object> more = headers(message, mapping);
    if (message.origin() instanceof AmqpProperties amqp) {
      return more.isEmpty() ? amqp.image() : kept(message, amqp.imageWith(more, expires(message)));
    }
    MessageProperties properties = message.properties();
    if (PropertiesImage.saysNothing(properties)) {
      if (more.isEmpty()) {
        return PropertiesImage.of(properties, more);
      } else if (more == QOS_2 && properties.persistent()) {
        return PERSISTENT_QOS_2;
      }
    }
    return kept(message, PropertiesImage.of(properties, more));
  }

  private static boolean expires(Message message) {
    return message.properties().expirationMs().isPresent();
  }

  private static byte[] kept(Message message, byte[] image) {
    message.keepImage(PROTOCOL, image);
    return image;
  }

  /** Returns the headers that a message needs beside its publisher's to lose nothing. */
  private static Map<String, Object> headers(Message message, Mapping mapping) {
    RoutingKey key = message.routingKey();
    boolean byAmqp = message.origin() instanceof AmqpProperties;
    boolean told = !byAmqp && mapping.exposesMetadata();
    boolean topic = (told || needsTopic(key, byAmqp, mapping)) && mapping.spelling().spells(key);
    boolean exactlyOnce = !byAmqp && message.properties().guarantee() == Guarantee.EXACTLY_ONCE;
    boolean retain = !byAmqp && message.properties().retain();
    // Others show their annotations among their headers.
    Map<String, Object> notes = byAmqp ? message.annotations().headers() : Map.of();
    if (!told && !topic) {
      if (!retain) {
        return exactlyOnce ? QOS_2 : notes;
      } else if (!exactlyOnce) {
        return RETAIN;
      }
    }
    var headers = new LinkedHashMap<>(notes);
    if (topic) {
      headers.put(HeaderNames.MQTT_TOPIC, text(mapping.spelling().topic(key))); // MAP-5
    }
    if (told || exactlyOnce) {
      headers.put(HeaderNames.MQTT_QOS, message.properties().guarantee().qos()); // MAP-10
    }
    headers.putAll(retain ? RETAIN : Map.of());
    return headers;
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
