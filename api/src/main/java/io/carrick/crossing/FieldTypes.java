package io.carrick.crossing;

import io.carrick.MessageProperties;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The types of headers, by the letters that AMQP has for them, and their texts. Stateless. */
final class FieldTypes {

  static final char TEXT = 'S';
  static final char BYTES = 'x';
  static final char BOOLEAN = 't';
  static final char INT = 'I';
  static final char LONG = 'l';
  static final char DOUBLE = 'd';
  static final char VOID = 'V';
  static final char TABLE = 'F';
  static final char LIST = 'A';

  private static final char BYTE = 'b';
  private static final char SHORT = 's';
  private static final char FLOAT = 'f';
  private static final char DECIMAL = 'D';
  private static final char TIME = 'T';

  /** Digits of a number that is written out; none of AMQP has as many. */
  private static final int MOST_DIGITS = 400;

  private static final int MOST_SCALE = 255;

  private static final long FIRST_SECOND = Instant.MIN.getEpochSecond();
  private static final long LAST_SECOND = Instant.MAX.getEpochSecond();

  private FieldTypes() {}

  /** Returns the type of a header's value; of one that is of none the text counts. */
  static char of(@Nullable Object value) {
    if (value instanceof String) {
      return TEXT;
    } else if (value instanceof Boolean) {
      return BOOLEAN;
    } else if (value instanceof Number number) {
      return ofNumber(number);
    } else if (value instanceof byte[]) {
      return BYTES;
    } else if (value instanceof Instant) {
      return TIME;
    } else if (value instanceof List) {
      return LIST;
    } else if (value instanceof Map) {
      return TABLE;
    }
    return value == MessageProperties.VOID || value == null ? VOID : TEXT;
  }

  private static char ofNumber(Number number) {
    if (number instanceof Integer) {
      return INT;
    } else if (number instanceof Long) {
      return LONG;
    } else if (number instanceof Short) {
      return SHORT;
    } else if (number instanceof Byte) {
      return BYTE;
    } else if (number instanceof Double) {
      return DOUBLE;
    } else if (number instanceof Float) {
      return FLOAT;
    }
    return number instanceof BigDecimal ? DECIMAL : TEXT;
  }

  /** Returns whether a type's text is one that JSON writes without quotes. */
  static boolean isBare(char type, String text) {
    return switch (type) {
      case BOOLEAN, BYTE, SHORT, INT, LONG, DECIMAL -> true;
      case FLOAT, DOUBLE -> !text.endsWith("N") && !text.endsWith("y"); // NaN, Infinity
      default -> false;
    };
  }

  /** Returns the text of a value that has no others in it. */
  static String text(@Nullable Object value) {
    if (value instanceof byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    } else if (value instanceof BigDecimal decimal) {
      long digits = (long) decimal.scale() + decimal.precision();
      return decimal.scale() >= 0 && digits < MOST_DIGITS
          ? decimal.toPlainString()
          : decimal.toString();
    }
    return value == MessageProperties.VOID || value == null ? "" : value.toString();
  }

  /** Returns the value that a text stands for, of a type without others in it; null if none. */
  static @Nullable Object read(char type, String text) {
    try {
      return switch (type) {
        case TEXT -> text;
        case BOOLEAN -> truth(text);
        case BYTE -> Byte.valueOf(text);
        case SHORT -> Short.valueOf(text);
        case INT -> Integer.valueOf(text);
        case LONG -> Long.valueOf(text);
        case FLOAT -> Float.valueOf(text);
        case DOUBLE -> Double.valueOf(text);
        case DECIMAL -> decimal(text);
        case TIME -> wholeSeconds(Instant.parse(text));
        case BYTES -> Base64.getDecoder().decode(text);
        case VOID -> text.isEmpty() ? MessageProperties.VOID : null;
        default -> null;
      };
    } catch (IllegalArgumentException | DateTimeException none) {
      return null;
    }
  }

  /** Returns the time that a text stands for, in ISO 8601 or seconds since 1970; null if none. */
  static @Nullable Instant time(String text) {
    Object seconds = read(LONG, text);
    if (seconds instanceof Long s && s >= FIRST_SECOND && s <= LAST_SECOND) {
      return Instant.ofEpochSecond(s);
    }
    return read(TIME, text) instanceof Instant instant ? instant : null;
  }

  /** Returns a decimal as AMQP has them; null for another. */
  private static @Nullable BigDecimal decimal(String text) {
    if (text.length() > MOST_DIGITS) {
      return null;
    }
    var decimal = new BigDecimal(text);
    boolean fits = decimal.scale() >= 0 && decimal.scale() <= MOST_SCALE;
    return fits && decimal.unscaledValue().bitLength() < Integer.SIZE ? decimal : null;
  }

  /** Returns a time as AMQP has them; null for another. */
  private static @Nullable Instant wholeSeconds(Instant time) {
    return time.equals(time.truncatedTo(ChronoUnit.SECONDS)) ? time : null;
  }

  private static @Nullable Boolean truth(String text) {
    return switch (text) {
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default -> null;
    };
  }

  /** Returns the value of a number whose type nobody has said; null if it is none. */
  static @Nullable Object number(String text) {
    boolean whole = text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    Object number = whole ? read(INT, text) : null;
    if (number == null && whole) {
      number = read(LONG, text);
    }
    return number == null ? read(DOUBLE, text) : number;
  }
}
