package io.carrick.crossing;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a table or list of headers as JSON (RFC 8259), without blanks, and beside it the types
 * that JSON cannot tell, one letter for each value in their order. Confined to the calling thread.
 */
final class JsonWriter {

  /** Levels of tables and lists in each other. */
  static final int MOST_LEVELS = 32;

  /** Letters of one user property; what is longer is of no use. */
  private static final int MOST_LETTERS = 0xFFFF;

  private static final String HEX = "0123456789abcdef";

  private final StringBuilder json = new StringBuilder();
  private final StringBuilder types = new StringBuilder();
  private final int mostLetters;
  private boolean plain = true;
  private boolean tooLarge;

  private JsonWriter(int mostLetters) {
    this.mostLetters = mostLetters;
  }

  /** Returns a value's JSON; null if it is nested too deep or too long for a user property. */
  static @Nullable JsonWriter of(Object value) {
    return of(value, MOST_LETTERS);
  }

  static @Nullable JsonWriter of(Object value, int mostLetters) {
    var writer = new JsonWriter(mostLetters);
    writer.value(value, MOST_LEVELS);
    return writer.tooLarge ? null : writer;
  }

  String json() {
    return json.toString();
  }

  /** Returns the types; empty if whoever reads the JSON would take it for these. */
  String types() {
    return plain ? "" : types.toString();
  }

  private void value(@Nullable Object value, int levels) {
    tooLarge |= json.length() > mostLetters;
    char type = FieldTypes.of(value);
    if (tooLarge) {
      return;
    }
    types.append(type);
    if (type == FieldTypes.TABLE && value instanceof Map<?, ?> table) {
      table(table, levels);
    } else if (type == FieldTypes.LIST && value instanceof List<?> list) {
      list(list, levels);
    } else if (type == FieldTypes.VOID) {
      json.append("null");
    } else {
      String text = FieldTypes.text(value);
      boolean bare = FieldTypes.isBare(type, text);
      if (bare) {
        json.append(text);
      } else {
        quoted(text);
      }
      plain &= type == (bare ? expected(text) : FieldTypes.TEXT);
    }
  }

  private static char expected(String bare) {
    boolean truth = bare.equals("true") || bare.equals("false");
    return truth ? FieldTypes.BOOLEAN : FieldTypes.of(FieldTypes.number(bare));
  }

  private void table(Map<?, ?> table, int levels) {
    tooLarge |= levels == 0;
    char before = '{';
    for (Map.Entry<?, ?> entry : table.entrySet()) {
      if (tooLarge) {
        return;
      }
      json.append(before);
      quoted(String.valueOf(entry.getKey()));
      json.append(':');
      value(entry.getValue(), levels - 1);
      before = ',';
    }
    json.append(table.isEmpty() ? "{}" : "}");
  }

  private void list(List<?> list, int levels) {
    tooLarge |= levels == 0;
    char before = '[';
    for (Object value : list) {
      if (tooLarge) {
        return;
      }
      json.append(before);
      value(value, levels - 1);
      before = ',';
    }
    json.append(list.isEmpty() ? "[]" : "]");
  }

  private void quoted(String text) {
    tooLarge |= text.length() > mostLetters;
    if (tooLarge) {
      return;
    }
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (Character.isISOControl(c)) {
        json.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
