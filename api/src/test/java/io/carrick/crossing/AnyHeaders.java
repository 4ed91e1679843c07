package io.carrick.crossing;

import io.carrick.HeaderNames;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.UserProperty;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random headers and user properties, with a liking for what is special. Seeded. */
final class AnyHeaders {

  private static final String[] NAMES = {
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
    "x-death",
    "CC",
    "x-delay",
    "n".repeat(300)
  };

  private static final String[] WORDS = {
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
    "x-mqtt-qos",
    "x-amqp-other",
  };

  private static final String[] TEXTS = {
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
    "x/y.z"
  };

  private final Random random;

  AnyHeaders(long seed) {
    this.random = new Random(seed);
  }

  private String one(String[] of) {
    return of[random.nextInt(of.length)];
  }

  /** Returns a text of a property, which has no form in MQTT with a control character in it. */
  private String readable() {
    return one(TEXTS).replaceAll("\\p{Cc}", "c");
  }

  String text() {
    return random.nextInt(40) == 0 ? "t".repeat(random.nextInt(400)) : one(TEXTS);
  }

  List<UserProperty> userProperties() {
    var all = new ArrayList<UserProperty>();
    for (int left = random.nextInt(6); left > 0; left--) {
      String name = random.nextInt(3) == 0 ? one(WORDS) : one(NAMES);
      all.add(new UserProperty(name, text()));
    }
    return all;
  }

  /** Names as AMQP has them, but for those that are the bridge's own. */
  Map<String, Object> headers() {
    var headers = new LinkedHashMap<String, Object>();
    for (int left = random.nextInt(6); left > 0; left--) {
      String name = one(NAMES);
      headers.put(name.length() > 255 ? "long" : name, value(3));
    }
    return headers;
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
      case 9 -> bytes();
      case 10 -> MessageProperties.VOID;
      case 11 -> "a\0b";
      case 12 -> text();
      case 13, 14 -> table(levels - 1);
      default -> list(levels - 1);
    };
  }

  byte[] bytes() {
    var bytes = new byte[random.nextInt(5)];
    random.nextBytes(bytes);
    return bytes;
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

  /** Headers with the properties that MQTT has no place for, which are short strings. */
  MessageProperties properties() {
    Message.Builder p = Message.builder("");
    headers().forEach(p::header);
    if (random.nextBoolean()) {
      p.priority(random.nextInt(256)).type(readable()).appId(readable()).messageId(readable());
    }
    if (random.nextBoolean()) {
      p.timestamp(Instant.ofEpochSecond(random.nextInt())).contentEncoding(readable()).replyTo("q");
    }
    return p.build().properties();
  }
}
