package io.carrick.engine.definitions;

import io.carrick.MessageProperties;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The types of values in headers and arguments, in an order that stored records rely on. */
enum ValueKind {
  VOID,
  TRUE,
  FALSE,
  TEXT,
  BYTE,
  SHORT,
  INTEGER,
  LONG,
  FLOAT,
  DOUBLE,
  DECIMAL,
  INSTANT,
  BYTES,
  LIST,
  MAP;

  private static final ValueKind[] ALL = values();

  static ValueKind at(int ordinal) {
    if (ordinal >= ALL.length) {
      throw new RecordFormatException("unknown kind of value " + ordinal);
    }
    return ALL[ordinal];
  }

  /** Returns whether a value comes back as what it was. */
  static boolean knows(Object value) {
    return value instanceof String || of(value) != TEXT;
  }

  static ValueKind of(Object value) {
    if (value instanceof Boolean b) {
      return b ? TRUE : FALSE;
    } else if (value instanceof Number number) {
      return of(number);
    } else if (value instanceof Instant) {
      return INSTANT;
    } else if (value instanceof byte[]) {
      return BYTES;
    } else if (value instanceof List) {
      return LIST;
    } else if (value instanceof Map) {
      return MAP;
    }
    return isVoid(value) ? VOID : TEXT;
  }

  private static ValueKind of(Number number) {
    if (number instanceof Integer) {
      return INTEGER;
    } else if (number instanceof Long) {
      return LONG;
    } else if (number instanceof Short) {
      return SHORT;
    } else if (number instanceof Byte) {
      return BYTE;
    } else if (number instanceof Float) {
      return FLOAT;
    } else if (number instanceof Double) {
      return DOUBLE;
    }
    return number instanceof BigDecimal ? DECIMAL : TEXT;
  }

  @SuppressWarnings("ReferenceEquality") // there is one such object, and it has no other equality
  private static boolean isVoid(Object value) {
    return value == MessageProperties.VOID;
  }
}
