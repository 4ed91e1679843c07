package io.carrick.engine.definitions;

import io.carrick.MessageProperties;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes one record: numbers in as few bytes as they need, everything else behind its length.
 * Confined to the calling thread.
 */
final class RecordWriter {

  private static final int MORE = 0x80;

  private byte[] bytes;
  private int length;

  /**
   * Starts a record.
   *
   * @param capacity the bytes that it will probably have
   */
  RecordWriter(int capacity) {
    bytes = new byte[capacity];
  }

  RecordWriter octet(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  RecordWriter flag(boolean value) {
    return octet(value ? 1 : 0);
  }

  /** Writes a number, short if it is not negative and small. */
  RecordWriter number(long value) {
    room(Long.BYTES + 2);
    long rest = value;
    while ((rest & -MORE) != 0) {
      bytes[length++] = (byte) (rest | MORE);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  RecordWriter fixed(long value) {
    room(Long.BYTES);
    for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  RecordWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  RecordWriter bytes(byte[] value) {
    number(value.length);
    return rest(value);
  }

  /** Writes bytes without their length: the record ends with them. */
  RecordWriter rest(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  RecordWriter table(Map<String, Object> table) {
    number(table.size());
    table.forEach((name, value) -> text(name).value(value));
    return this;
  }

  /**
   * Writes a value of a type named in {@link MessageProperties#headers()}; one of another type is
   * written as its text.
   */
  RecordWriter value(Object value) {
    ValueKind kind = ValueKind.of(value);
    octet(kind.ordinal());
    return switch (kind) {
      case TEXT -> text(value.toString());
      case TRUE, FALSE, VOID -> this;
      case BYTE, SHORT, INTEGER, LONG -> fixed(((Number) value).longValue());
      case FLOAT -> fixed(Float.floatToRawIntBits((Float) value));
      case DOUBLE -> fixed(Double.doubleToRawLongBits((Double) value));
      case DECIMAL -> {
        var decimal = (BigDecimal) value;
        yield fixed(decimal.scale()).bytes(decimal.unscaledValue().toByteArray());
      }
      case INSTANT -> {
        var instant = (Instant) value;
        yield fixed(instant.getEpochSecond()).number(instant.getNano());
      }
      case BYTES -> bytes((byte[]) value);
      case LIST -> {
        var list = (List<?>) value;
        number(list.size());
        list.forEach(this::value);
        yield this;
      }
      case MAP -> {
        var map = (Map<?, ?>) value;
        number(map.size());
        map.forEach((name, entry) -> text(name.toString()).value(entry));
        yield this;
      }
    };
  }

  /**
   * Writes an optional part of the record. Who does not know the tag passes over it; what must not
   * be passed over needs another version of the record.
   *
   * @param tag greater than 0, and of nothing else that ever was in records of this kind
   */
  RecordWriter field(int tag, byte[] value) {
    return number(tag).bytes(value);
  }

  /** Ends the optional parts, also if there are none. */
  RecordWriter endOfFields() {
    return octet(RecordReader.END_OF_FIELDS);
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }

  /** Returns the record; nothing is written after it. */
  byte[] toBytes() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }
}
