package io.carrick.engine.definitions;

import io.carrick.MessageProperties;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what {@link RecordWriter} has written. Confined to the calling thread. */
final class RecordReader {

  /** Stands where the tag of one more optional part would. */
  static final int END_OF_FIELDS = 0;

  /** The first version that has optional parts. */
  private static final int WITH_FIELDS = 2;

  private final byte[] bytes;
  private int at;
  private int version;

  RecordReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads the version at the start of a record.
   *
   * @param newest the newest that the caller can read
   */
  RecordReader version(int newest) {
    version = octet();
    if (version == 0 || version > newest) {
      throw new RecordFormatException("a record of version " + version + ", written by another");
    }
    return this;
  }

  int octet() {
    need(1);
    return bytes[at++] & 0xFF;
  }

  boolean flag() {
    return octet() != 0;
  }

  long number() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = octet();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new RecordFormatException("a number that does not end");
  }

  /** Reads how many of something follow, each of a byte at least. */
  int count() {
    long count = number();
    if (count < 0 || count > bytes.length - at) {
      throw new RecordFormatException("a length of " + count + " with fewer bytes left");
    }
    return (int) count;
  }

  long fixed() {
    need(Long.BYTES);
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = (value << Byte.SIZE) | (bytes[at++] & 0xFF);
    }
    return value;
  }

  String text() {
    int length = count();
    at += length;
    return new String(bytes, at - length, length, StandardCharsets.UTF_8);
  }

  byte[] bytes() {
    int length = count();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /**
   * Reads the optional parts that the record has here, by their tags; a record of the first version
   * has none. Those with tags that the caller does not know are of a later version.
   */
  Map<Integer, byte[]> fields() {
    int tag = version < WITH_FIELDS ? END_OF_FIELDS : tag();
    if (tag == END_OF_FIELDS) {
      return Map.of();
    }
    var fields = new LinkedHashMap<Integer, byte[]>();
    while (tag != END_OF_FIELDS) {
      if (fields.put(tag, bytes()) != null) {
        throw new RecordFormatException("the field " + tag + " twice");
      }
      tag = tag();
    }
    return fields;
  }

  private int tag() {
    long tag = number();
    if (tag < 0 || tag > Integer.MAX_VALUE) {
      throw new RecordFormatException("a field with the tag " + tag);
    }
    return (int) tag;
  }

  /** Passes over the optional parts, of which this version knows none here. */
  RecordReader noFields() {
    fields();
    return this;
  }

  /** Reads up to the end of the record. */
  byte[] rest() {
    byte[] rest = Arrays.copyOfRange(bytes, at, bytes.length);
    at = bytes.length;
    return rest;
  }

  boolean atEnd() {
    return at == bytes.length;
  }

  Map<String, Object> table() {
    int size = count();
    if (size == 0) {
      return Map.of();
    }
    var table = new LinkedHashMap<String, Object>();
    for (int i = 0; i < size; i++) {
      table.put(text(), value());
    }
    return Collections.unmodifiableMap(table);
  }

  Object value() {
    return switch (ValueKind.at(octet())) {
      case VOID -> MessageProperties.VOID;
      case TRUE -> true;
      case FALSE -> false;
      case TEXT -> text();
      case BYTE -> (byte) fixed();
      case SHORT -> (short) fixed();
      case INTEGER -> (int) fixed();
      case LONG -> fixed();
      case FLOAT -> Float.intBitsToFloat((int) fixed());
      case DOUBLE -> Double.longBitsToDouble(fixed());
      case DECIMAL -> {
        int scale = (int) fixed();
        byte[] unscaled = bytes();
        if (unscaled.length == 0) {
          throw new RecordFormatException("a number without digits");
        }
        yield new BigDecimal(new BigInteger(unscaled), scale);
      }
      case INSTANT -> instantBody();
      case BYTES -> bytes();
      case LIST -> list();
      case MAP -> table();
    };
  }

  /** Reads a value that is an instant. */
  Instant instant() {
    ValueKind kind = ValueKind.at(octet());
    if (kind != ValueKind.INSTANT) {
      throw new RecordFormatException(kind + " for an instant");
    }
    return instantBody();
  }

  private Instant instantBody() {
    long seconds = fixed();
    long nanos = number();
    try {
      return Instant.ofEpochSecond(seconds, nanos);
    } catch (DateTimeException | ArithmeticException beyond) {
      throw new RecordFormatException("no instant has " + seconds + " seconds and " + nanos);
    }
  }

  private List<Object> list() {
    int size = count();
    var list = new ArrayList<Object>(size);
    for (int i = 0; i < size; i++) {
      list.add(value());
    }
    return Collections.unmodifiableList(list);
  }

  private void need(int count) {
    if (bytes.length - at < count) {
      throw new RecordFormatException("the record ends too early");
    }
  }
}
