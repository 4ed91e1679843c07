package io.carrick.bridge;

import io.carrick.amqp.codec.AmqpProperties;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a message says of itself, as words to compare. Stateless. */
final class Said {

  private Said() {}

  static List<String> words(PacketProperties packet) {
    var words = new ArrayList<String>();
    words.add("format " + packet.number(Property.PAYLOAD_FORMAT_INDICATOR, -1));
    words.add("expiry " + packet.number(Property.MESSAGE_EXPIRY_INTERVAL, -1));
    words.add("type " + packet.text(Property.CONTENT_TYPE));
    words.add("topic " + packet.text(Property.RESPONSE_TOPIC));
    words.add("data " + hex(packet.binary(Property.CORRELATION_DATA)));
    packet.userProperties().forEach(user -> words.add(user.toString()));
    return words;
  }

  static List<String> words(AmqpProperties p) {
    var headers = new TreeMap<>(p.headers());
    headers.keySet().removeAll(List.of("x-mqtt-client-id", "x-mqtt-username", "x-mqtt-topic"));
    var words = new ArrayList<String>();
    words.add("persistent " + p.persistent());
    words.add("type " + p.contentType());
    words.add("encoding " + p.contentEncoding());
    words.add("priority " + p.priority());
    words.add("correlation " + hex(p.correlationId()));
    words.add("reply " + p.replyTo());
    words.add("expiration " + p.expirationMs());
    words.add("id " + p.messageId());
    words.add("timestamp " + p.timestamp());
    words.add("type " + p.type());
    words.add("app " + p.appId());
    headers.forEach((name, value) -> words.add(name + " " + text(value)));
    return words;
  }

  static String hex(Optional<byte[]> bytes) {
    return bytes.map(HexFormat.of()::formatHex).toString();
  }

  private static String text(Object value) {
    if (value instanceof Map<?, ?> table) {
      var sorted = new TreeMap<String, String>();
      table.forEach((name, one) -> sorted.put((String) name, text(one)));
      return sorted.toString();
    } else if (value instanceof List<?> list) {
      return list.stream().map(Said::text).toList().toString();
    } else if (value instanceof byte[] bytes) {
      return Arrays.toString(bytes);
    }
    return value.getClass().getSimpleName() + ":" + value;
  }
}
