package io.carrick.bridge;

import io.carrick.HeaderNames;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.UserProperty;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.mqtt.codec.Property;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random properties of both protocols, with a liking for what is special. Seeded. */
final class RandomProperties {

  private static final List<String> NAMES =
      List.of(
          "",
          "a",
          "b",
          "b",
          "c",
          "k,1",
          "50%",
          "%2C",
          "a:b",
          "ä",
          "😀",
          "\uFFFD",
          "x-mine",
          "CC",
          "x-delay",
          "x-amqp-other",
          "n".repeat(255));

  private static final List<String> WORDS =
      List.of(
          HeaderNames.AMQP_JSON,
          HeaderNames.AMQP_BASE64,
          HeaderNames.AMQP_TYPES,
          HeaderNames.AMQP_PRIORITY,
          HeaderNames.AMQP_TYPE,
          HeaderNames.AMQP_TIMESTAMP,
          HeaderNames.AMQP_MESSAGE_ID,
          HeaderNames.AMQP_ROUTING_KEY,
          HeaderNames.AMQP_APP_ID,
          HeaderNames.AMQP_REPLY_TO,
          HeaderNames.CORRELATION_ID,
          HeaderNames.REPLY_TO_TOPIC,
          HeaderNames.MQTT_QOS,
          HeaderNames.MQTT_USER_PROPERTIES,
          "x-mqtt-other",
          "n".repeat(256));

  private static final List<String> TEXTS =
      List.of(
          "",
          "1",
          "-0",
          "5",
          "256",
          "true",
          "null",
          "1.5",
          "NaN",
          "{}",
          "[1,2.0,null]",
          "{\"a\":\"b\"}",
          "{\"a\": 1}",
          "a",
          "a,b",
          "a:I",
          "a:b:I,b:FIS",
          "a:A,b:x",
          "AAE=",
          "2024-01-02T03:04:05Z",
          "1700000000",
          "[",
          "\"",
          "ü\u0001\\\"",
          "x/y.z",
          "😀");

  private static final int LONGEST = 0xFFFF;

  private final Random random;

  RandomProperties(long seed) {
    this.random = new Random(seed);
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private boolean sometimes() {
    return random.nextInt(3) == 0;
  }

  private boolean seldom() {
    return random.nextInt(40) == 0;
  }

  private String text() {
    if (seldom()) {
      return "t".repeat(random.nextInt(400));
    }
    return sometimes() ? anyText(12) : one(TEXTS);
  }

  /** Returns any characters, but for U+0000, which MQTT has not got. */
  private String anyText(int most) {
    var text = new StringBuilder();
    for (int left = random.nextInt(most); left > 0; left--) {
      int bits = 7 + 7 * random.nextInt(3);
      int character = 1 + random.nextInt(Math.min(1 << bits, Character.MAX_CODE_POINT));
      boolean half = character <= Character.MAX_VALUE && Character.isSurrogate((char) character);
      text.appendCodePoint(half ? 'h' : character);
    }
    return text.toString();
  }

  private byte[] bytes(int most) {
    var bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  int number(int bound) {
    return random.nextInt(bound);
  }

  byte[] payload() {
    return bytes(60);
  }

  /** Returns a topic, with what is special in a key. */
  String topic() {
    var topic = new StringBuilder();
    for (int left = 1 + random.nextInt(8); left > 0; left--) {
      topic.append(one(List.of("a", "b", "/", ".", "%2F", "%2E", "%25", "*", "%", "ü")));
    }
    return topic.toString();
  }

  /** Returns a key of AMQP, which need not be text. */
  byte[] key() {
    if (sometimes()) {
      return bytes(256);
    }
    String key = anyText(60).replace('a', '.').replace('b', '%').replace('c', '\0');
    return key.getBytes(StandardCharsets.UTF_8);
  }

  // ---- MQTT

  /** Returns what a PUBLISH may have, its user properties last. */
  PacketProperties packet() {
    PacketProperties.Builder made = PacketProperties.builder();
    if (sometimes()) {
      made.number(Property.PAYLOAD_FORMAT_INDICATOR, random.nextInt(2));
    }
    if (sometimes()) {
      made.number(Property.MESSAGE_EXPIRY_INTERVAL, random.nextLong() >>> 32 >> random.nextInt(32));
    }
    if (sometimes()) {
      made.text(Property.CONTENT_TYPE, sometimes() ? "ü".repeat(random.nextInt(300)) : shortText());
    }
    if (sometimes()) {
      made.binary(
          Property.CORRELATION_DATA,
          sometimes()
              ? text().getBytes(StandardCharsets.UTF_8)
              : bytes(seldom() ? LONGEST + 1 : 300));
    }
    if (sometimes()) {
      made.text(Property.RESPONSE_TOPIC, topic());
    }
    for (int left = random.nextInt(6); left > 0; left--) {
      made.user(new UserProperty(name(), text()));
    }
    if (seldom()) {
      made.user(new UserProperty("long", "ü".repeat(random.nextInt(LONGEST / 2))));
    }
    return made.build();
  }

  private String name() {
    if (sometimes()) {
      return one(WORDS);
    }
    return seldom() ? anyText(100) : one(NAMES);
  }

  // ---- AMQP

  /** Returns what AMQP says in its own way: all properties that have a neutral word. */
  MessageProperties amqp() {
    Message.Builder p = Message.builder("");
    for (int left = random.nextInt(6); left > 0; left--) {
      p.header(one(NAMES), value(seldom() ? 20 : 3));
    }
    if (sometimes()) {
      p.persistent();
    }
    if (sometimes()) {
      p.priority(random.nextInt(256)).type(shortText()).appId(shortText());
    }
    if (sometimes()) {
      p.contentType(shortText()).contentEncoding(shortText()).messageId(shortText());
    }
    if (sometimes()) {
      p.correlationId(shortText()).timestamp(Instant.ofEpochSecond(random.nextInt()));
    }
    if (sometimes()) {
      p.expiration(Duration.ofSeconds(random.nextInt(4_000_000)));
    }
    if (sometimes()) {
      p.replyTo("queue." + random.nextInt(9));
    }
    return p.build().properties();
  }

  /** Returns a text of a property, which has no form in MQTT with a control character in it. */
  private String shortText() {
    return (sometimes() ? anyText(60) : one(TEXTS)).replaceAll("\\p{Cc}", "c");
  }

  private Object value(int levels) {
    return switch (random.nextInt(levels > 0 ? 16 : 13)) {
      case 0 -> random.nextBoolean();
      case 1 -> (byte) random.nextInt();
      case 2 -> (short) random.nextInt();
      case 3 -> random.nextInt();
      case 4 -> random.nextBoolean() ? random.nextLong() : (long) random.nextInt(9);
      case 5 -> random.nextBoolean() ? Float.NaN : random.nextFloat() * 1e20f;
      case 6 -> random.nextBoolean() ? Double.NEGATIVE_INFINITY : random.nextGaussian() / 1e-30;
      case 7 -> new BigDecimal(BigInteger.valueOf(random.nextInt()), random.nextInt(256));
      case 8 -> Instant.ofEpochSecond(random.nextLong() >> random.nextInt(50) + 10);
      case 9 -> bytes(9);
      case 10 -> MessageProperties.VOID;
      case 11 -> "a\0b";
      case 12 -> text();
      case 13, 14 -> table(levels - 1);
      default -> list(levels - 1);
    };
  }

  private Map<String, Object> table(int levels) {
    var table = new LinkedHashMap<String, Object>();
    for (int left = random.nextInt(4); left > 0; left--) {
      table.put(random.nextBoolean() ? "k" + left : "\"\0\\" + left, value(levels));
    }
    return table;
  }

  private List<Object> list(int levels) {
    var list = new ArrayList<Object>();
    for (int left = random.nextInt(4); left > 0; left--) {
      list.add(value(levels));
    }
    return list;
  }

  // ---- anything

  /** Returns bytes with a table that a client may have damaged. */
  byte[] damaged(byte[] image) {
    byte[] other = image.clone();
    for (int left = 1 + random.nextInt(3); left > 0 && other.length > 2; left--) {
      other[2 + random.nextInt(other.length - 2)] = (byte) random.nextInt();
    }
    return other;
  }
}
