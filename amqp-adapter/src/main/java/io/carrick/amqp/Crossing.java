package io.carrick.amqp;

import io.carrick.Guarantee;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpProperties;
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

  /** Returns the headers that a message needs beside its own to lose nothing on the way. */
  static Map<String, Object> headers(Message message) {
    RoutingKey key = message.routingKey();
    boolean byAmqp = message.properties() instanceof AmqpProperties;
    if (key.origin() == RoutingKey.Origin.KEY && byAmqp) {
      return Map.of();
    }
    boolean topic = needsTopic(key);
    boolean exactlyOnce = !byAmqp && message.properties().guarantee() == Guarantee.EXACTLY_ONCE;
    if (!topic && !exactlyOnce) {
      return Map.of();
    }
    var headers = new LinkedHashMap<String, Object>();
    if (topic) {
      headers.put("x-mqtt-topic", key.asTopic()); // MAP-5
    }
    if (exactlyOnce) {
      headers.put("x-mqtt-qos", Guarantee.EXACTLY_ONCE.qos()); // MAP-10
    }
    return headers;
  }

  /** Whether writing slashes for the dots of the key would not give the topic again. */
  private static boolean needsTopic(RoutingKey key) {
    byte[] asKey = key.keyBytes();
    if (asKey.length > KEY_BYTES) {
      return key.hasTopic();
    }
    if (key.origin() != RoutingKey.Origin.TOPIC) {
      return false;
    }
    byte[] topic = key.bytes();
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
