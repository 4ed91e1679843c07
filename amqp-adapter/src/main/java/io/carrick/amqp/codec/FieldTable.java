package io.carrick.amqp.codec;

import io.carrick.HeaderNames;
import io.carrick.MessageProperties;
import io.netty.buffer.ByteBuf;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Field tables, in the types that RabbitMQ and its clients really use rather than those of AMQP
 * 0-9-1 §4.2.1, and as the Java types that {@link MessageProperties#headers()} names. Stateless.
 */
final class FieldTable {

  /** Field names are short strings. */
  private static final int NAME_BYTES = 255;

  private static final int MQTT_PREFIX_BYTES = HeaderNames.MQTT_PREFIX.length();
  private static final int MQTT_RETAIN_BYTES = HeaderNames.MQTT_RETAIN.length();
  private static final int RECEIPT_BYTES = HeaderNames.RECEIPT.length();
  private static final int MAX_SCALE = 255;
  private static final long LAST_SECOND = Instant.MAX.getEpochSecond();

  private FieldTable() {}

  /** Bytes that are written as a long string, which need not be text. */
  record LongBytes(byte[] bytes) {}

  // ---- reading

  static Map<String, Object> read(FieldReader in) {
    return readTable(in, in.tableDepth());
  }

  private static Map<String, Object> readTable(FieldReader in, int depth) {
    int end = enter(in, depth);
    if (in.position() == end) {
      return Map.of();
    }
    var table = new LinkedHashMap<String, Object>();
    while (in.position() < end) {
      // Not everybody's names are UTF-8, and a message is not refused for a name in its headers.
      String name = new String(in.shortBytes(), StandardCharsets.UTF_8);
      table.put(name, readValue(in, depth));
    }
    leave(in, end);
    return Collections.unmodifiableMap(table);
  }

  private static List<Object> readArray(FieldReader in, int depth) {
    int end = enter(in, depth);
    var array = new ArrayList<Object>();
    while (in.position() < end) {
      array.add(readValue(in, depth));
    }
    leave(in, end);
    return Collections.unmodifiableList(array);
  }

  private static int enter(FieldReader in, int depth) {
    if (depth <= 0) {
      throw new AmqpException(ReplyCode.SYNTAX_ERROR, "a table is nested too deep");
    }
    int length = in.length();
    return in.position() + length;
  }

  private static void leave(FieldReader in, int end) {
    if (in.position() != end) {
      throw new AmqpException(ReplyCode.FRAME_ERROR, "a field ends behind its table");
    }
  }

  private static Object readValue(FieldReader in, int depth) {
    int type = in.octet();
    return switch (type) {
      case 't' -> in.octet() != 0;
      case 'b' -> (byte) in.octet();
      case 'B' -> (short) in.octet();
      case 's' -> (short) in.shortInt();
      case 'u' -> in.shortInt();
      case 'I' -> in.signedInt();
      case 'i' -> in.longInt();
      case 'l', 'L' -> in.longLong();
      case 'f' -> Float.intBitsToFloat(in.signedInt());
      case 'd' -> Double.longBitsToDouble(in.longLong());
      case 'D' -> {
        int scale = in.octet();
        yield new BigDecimal(BigInteger.valueOf(in.signedInt()), scale);
      }
      case 'S' -> textOrBytes(in.longBytes());
      case 'x' -> in.longBytes();
      case 'A' -> readArray(in, depth - 1);
      case 'T' -> instant(in.longLong());
      case 'F' -> readTable(in, depth - 1);
      case 'V' -> MessageProperties.VOID;
      default -> throw unknown(type);
    };
  }

  private static AmqpException unknown(int type) {
    return new AmqpException(ReplyCode.SYNTAX_ERROR, "unknown field type " + type);
  }

  /** A long string is text for nearly everybody, and bytes for the rest. */
  private static Object textOrBytes(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return bytes;
    }
  }

  static Instant instant(long seconds) {
    return Instant.ofEpochSecond(Math.max(-LAST_SECOND, Math.min(LAST_SECOND, seconds)));
  }

  // ---- checking without making anything

  /** Moves behind a table and throws if it could not be read. */
  static void skip(FieldReader in) {
    skipTable(in, in.tableDepth());
  }

  /**
   * Moves behind a table of headers as {@link #skip} does.
   *
   * @return what of it is meant for the broker, as flags of {@link AmqpProperties}
   */
  static int skipHeaders(FieldReader in) {
    int found = 0;
    int end = enter(in, in.tableDepth());
    while (in.position() < end) {
      int bytes = in.octet();
      if (bytes == 2 || bytes == 3) {
        found |= in.startsWith(bytes == 2 ? "CC" : "BCC") ? AmqpProperties.FURTHER_KEYS : 0;
      } else if (bytes > MQTT_PREFIX_BYTES && in.startsWith(HeaderNames.MQTT_PREFIX)) {
        found |= AmqpProperties.MQTT_HEADERS;
        if (bytes == MQTT_RETAIN_BYTES && in.startsWith(HeaderNames.MQTT_RETAIN)) {
          in.skip(bytes);
          found &= ~AmqpProperties.RETAIN; // of two of a name the last one counts
          found |= isTrue(in) ? AmqpProperties.RETAIN : 0;
          continue;
        }
      } else if (bytes == RECEIPT_BYTES && in.startsWith(HeaderNames.RECEIPT)) {
        found |= AmqpProperties.RECEIPT;
      }
      in.skip(bytes);
      skipValue(in, in.tableDepth());
    }
    leave(in, end);
    return found;
  }

  /** Reads a value; returns whether it is the truth value {@code true}. */
  private static boolean isTrue(FieldReader in) {
    if (in.startsWith("t")) {
      in.skip(1);
      return in.octet() != 0;
    }
    skipValue(in, in.tableDepth());
    return false;
  }

  private static void skipTable(FieldReader in, int depth) {
    int end = enter(in, depth);
    while (in.position() < end) {
      in.skip(in.octet());
      skipValue(in, depth);
    }
    leave(in, end);
  }

  private static void skipArray(FieldReader in, int depth) {
    int end = enter(in, depth);
    while (in.position() < end) {
      skipValue(in, depth);
    }
    leave(in, end);
  }

  private static void skipValue(FieldReader in, int depth) {
    int type = in.octet();
    switch (type) {
      case 't', 'b', 'B' -> in.skip(1);
      case 's', 'u' -> in.skip(2);
      case 'I', 'i', 'f' -> in.skip(4);
      case 'D' -> in.skip(5);
      case 'l', 'L', 'd', 'T' -> in.skip(8);
      case 'S', 'x' -> in.skip(in.length());
      case 'A' -> skipArray(in, depth - 1);
      case 'F' -> skipTable(in, depth - 1);
      case 'V' -> {}
      default -> throw unknown(type);
    }
  }

  // ---- writing

  /**
   * Writes a table with the fields of one that is read, byte for byte, and others.
   *
   * @param in at a table
   * @param without the names of fields that are left out
   * @param more the others; they hide fields of the same name
   */
  static void writeMerged(
      FieldWriter out, FieldReader in, Set<String> without, Map<String, Object> more) {
    ByteBuf buffer = out.buffer();
    int start = buffer.writerIndex();
    buffer.writeInt(0);
    int end = enter(in, in.tableDepth());
    while (in.position() < end) {
      int from = in.position();
      String name = new String(in.shortBytes(), StandardCharsets.UTF_8);
      skipValue(in, in.tableDepth());
      if (!more.containsKey(name) && !without.contains(name)) {
        in.copy(from, buffer);
      }
    }
    leave(in, end);
    writeFields(out, more);
    buffer.setInt(start, buffer.writerIndex() - start - 4);
  }

  static void write(FieldWriter out, Map<String, Object> table) {
    ByteBuf buffer = out.buffer();
    int start = buffer.writerIndex();
    buffer.writeInt(0);
    writeFields(out, table);
    buffer.setInt(start, buffer.writerIndex() - start - 4);
  }

  private static void writeFields(FieldWriter out, Map<String, Object> table) {
    for (Map.Entry<String, Object> field : table.entrySet()) {
      byte[] name = field.getKey().getBytes(StandardCharsets.UTF_8);
      if (name.length <= NAME_BYTES) {
        out.shortBytes(name);
        writeValue(out, field.getValue());
      }
    }
  }

  private static void writeArray(FieldWriter out, List<?> array) {
    ByteBuf buffer = out.buffer();
    int start = buffer.writerIndex();
    buffer.writeInt(0);
    for (Object value : array) {
      writeValue(out, value);
    }
    buffer.setInt(start, buffer.writerIndex() - start - 4);
  }

  private static void writeValue(FieldWriter out, Object value) {
    if (value instanceof String s) {
      out.octet('S').longString(s);
    } else if (value instanceof Boolean b) {
      out.octet('t').octet(b ? 1 : 0);
    } else if (value instanceof Integer i) {
      out.octet('I').longInt(i);
    } else if (value instanceof Long l) {
      out.octet('l').longLong(l);
    } else if (value instanceof Byte b) {
      out.octet('b').octet(b);
    } else if (value instanceof Short s) {
      out.octet('s').shortInt(s);
    } else if (value instanceof Float f) {
      out.octet('f').longInt(Float.floatToRawIntBits(f));
    } else if (value instanceof Double d) {
      out.octet('d').longLong(Double.doubleToRawLongBits(d));
    } else if (value instanceof byte[] bytes) {
      out.octet('x').longBytes(bytes);
    } else if (value instanceof LongBytes bytes) {
      out.octet('S').longBytes(bytes.bytes);
    } else if (value instanceof Instant t) {
      out.octet('T').longLong(t.getEpochSecond());
    } else if (value instanceof List<?> list) {
      out.octet('A');
      writeArray(out, list);
    } else if (value instanceof Map<?, ?> map) {
      out.octet('F').table(named(map));
    } else if (value instanceof BigDecimal d && fits(d)) {
      out.octet('D').octet(d.scale()).longInt(d.unscaledValue().intValue());
    } else if (value == MessageProperties.VOID) {
      out.octet('V');
    } else {
      out.octet('S').longString(String.valueOf(value));
    }
  }

  private static boolean fits(BigDecimal d) {
    return d.scale() >= 0 && d.scale() <= MAX_SCALE && d.unscaledValue().bitLength() < 32;
  }

  private static Map<String, Object> named(Map<?, ?> map) {
    var named = new LinkedHashMap<String, Object>();
    map.forEach((name, value) -> named.put(String.valueOf(name), value));
    return named;
  }
}
