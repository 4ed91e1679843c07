package io.carrick.crossing;

import io.carrick.MessageProperties;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON (RFC 8259) as a value of headers. Whoever wrote it may be anybody: it goes down as far
 * as {@link JsonWriter} does and makes nothing that is larger than the text. Confined to the
 * calling thread.
 */
final class JsonReader {

  private static final String BLANKS = " \t\n\r";
  private static final String NUMERIC = "+-.0123456789eE";

  private final String text;
  private final String types;
  private int at;
  private int nextType;

  /** What is wrong is no error: then the text is a text. */
  private boolean wrong;

  private JsonReader(String text, String types) {
    this.text = text;
    this.types = types;
  }

  /**
   * Returns a value; null if the text is no JSON, or not of these types.
   *
   * @param types of the values in their order; empty for those that JSON has
   */
  static @Nullable Object read(String text, String types) {
    var reader = new JsonReader(text, types);
    Object value = reader.value(JsonWriter.MOST_LEVELS);
    reader.skipBlanks();
    boolean whole = reader.at == text.length() && reader.nextType == types.length();
    return reader.wrong || !whole ? null : value;
  }

  private Object fail() {
    wrong = true;
    at = text.length();
    return "";
  }

  private void skipBlanks() {
    while (at < text.length() && BLANKS.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  /** Moves behind a character, if it is the next but for blanks. */
  private boolean take(char wanted) {
    skipBlanks();
    boolean there = at < text.length() && text.charAt(at) == wanted;
    at += there ? 1 : 0;
    return there;
  }

  /** Returns the type of the next value; 0 if nobody has said it. */
  private char type() {
    if (types.isEmpty()) {
      return 0;
    } else if (nextType == types.length()) {
      wrong = true;
      return 0;
    }
    return types.charAt(nextType++);
  }

  private Object value(int levels) {
    char type = type();
    if (wrong) {
      return fail();
    } else if (take('{')) {
      return type == 0 || type == FieldTypes.TABLE ? table(levels) : fail();
    } else if (take('[')) {
      return type == 0 || type == FieldTypes.LIST ? list(levels) : fail();
    } else if (take('"')) {
      String string = string();
      return type == 0 || type == FieldTypes.TEXT ? string : quoted(type, string);
    }
    return bare(type);
  }

  private Object quoted(char type, String string) {
    return FieldTypes.isBare(type, string) ? fail() : present(FieldTypes.read(type, string));
  }

  private Object present(@Nullable Object value) {
    return value == null ? fail() : value;
  }

  private Object bare(char type) {
    int start = at;
    while (at < text.length() && isBare(text.charAt(at))) {
      at++;
    }
    String word = text.substring(start, at);
    return switch (word) {
      case "null" -> type == 0 || type == FieldTypes.VOID ? MessageProperties.VOID : fail();
      case "true" -> type == 0 || type == FieldTypes.BOOLEAN ? true : fail();
      case "false" -> type == 0 || type == FieldTypes.BOOLEAN ? false : fail();
      default -> isNumber(word) ? present(number(type, word)) : fail();
    };
  }

  private static @Nullable Object number(char type, String word) {
    if (type == 0) {
      return FieldTypes.number(word);
    }
    return FieldTypes.isBare(type, word) ? FieldTypes.read(type, word) : null;
  }

  private static boolean isBare(char c) {
    return (c >= 'a' && c <= 'z') || NUMERIC.indexOf(c) >= 0;
  }

  private static boolean isNumber(String word) {
    char last = word.isEmpty() ? 0 : word.charAt(word.length() - 1);
    return last >= '0' && last <= '9' && word.chars().allMatch(c -> NUMERIC.indexOf(c) >= 0);
  }

  private Object table(int levels) {
    var table = new LinkedHashMap<String, Object>();
    if (levels == 0) {
      return fail();
    } else if (take('}')) {
      return Map.of();
    }
    do {
      if (!take('"')) {
        return fail();
      }
      String name = string();
      if (!PropertyTexts.canBeHeader(name) || !take(':')) {
        return fail();
      }
      table.put(name, value(levels - 1));
    } while (take(','));
    return take('}') ? Collections.unmodifiableMap(table) : fail();
  }

  private Object list(int levels) {
    var list = new ArrayList<Object>();
    if (levels == 0) {
      return fail();
    } else if (take(']')) {
      return List.of();
    }
    do {
      list.add(value(levels - 1));
    } while (take(','));
    return take(']') ? Collections.unmodifiableList(list) : fail();
  }

  /** Reads a string behind its first quote. */
  private String string() {
    var read = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return read.toString();
      } else if (c != '\\') {
        read.append(c);
      } else if (!escaped(read)) {
        break;
      }
    }
    fail();
    return "";
  }

  private boolean escaped(StringBuilder into) {
    if (at == text.length()) {
      return false;
    }
    char c = text.charAt(at++);
    switch (c) {
      case '"', '\\', '/' -> into.append(c);
      case 'b' -> into.append('\b');
      case 'f' -> into.append('\f');
      case 'n' -> into.append('\n');
      case 'r' -> into.append('\r');
      case 't' -> into.append('\t');
      case 'u' -> {
        return code(into);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean code(StringBuilder into) {
    int end = at + 4;
    if (end > text.length()) {
      return false;
    }
    int code = 0;
    for (; at < end; at++) {
      int digit = Character.digit(text.charAt(at), 16);
      if (digit < 0) {
        return false;
      }
      code = code << 4 | digit;
    }
    into.append((char) code);
    return true;
  }
}
