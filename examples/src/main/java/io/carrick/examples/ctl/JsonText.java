package io.carrick.examples.ctl;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON (RFC 8259) as ctl needs it: any value is written, a flat object is read. Stateless. */
final class JsonText {

  private JsonText() {}

  // ---- writing

  static String of(Object value) {
    var text = new StringBuilder();
    write(value, text);
    return text.toString();
  }

  private static void write(Object value, StringBuilder into) {
    if (value instanceof Map<?, ?> map) {
      into.append('{');
      int before = into.length();
      map.forEach(
          (key, entry) -> {
            into.append(into.length() == before ? "" : ",");
            string(key.toString(), into);
            into.append(':');
            write(entry, into);
          });
      into.append('}');
    } else if (value instanceof Collection<?> list) {
      into.append('[');
      int before = into.length();
      for (Object entry : list) {
        into.append(into.length() == before ? "" : ",");
        write(entry, into);
      }
      into.append(']');
    } else if (value instanceof Number || value instanceof Boolean) {
      into.append(value);
    } else {
      string(value.toString(), into);
    }
  }

  private static void string(String text, StringBuilder into) {
    into.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        into.append('\\').append(c);
      } else if (c < ' ') {
        into.append(String.format("\\u%04x", (int) c));
      } else {
        into.append(c);
      }
    }
    into.append('"');
  }

  // ---- reading

  /**
   * Reads an object whose values are texts, whole numbers, true or false.
   *
   * @throws CtlFailure for anything else
   */
  static Map<String, Object> flatObject(String text) {
    return new Reader(text).object();
  }

  /** Reads one text. Confined to one thread. */
  private static final class Reader {

    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    Map<String, Object> object() {
      var object = new LinkedHashMap<String, Object>();
      expect('{');
      if (peek() == '}') {
        at++;
      } else {
        do {
          String key = string();
          expect(':');
          object.put(key, value());
        } while (next(',', '}') == ',');
      }
      if (peek() != 0) {
        throw wrong();
      }
      return object;
    }

    private Object value() {
      char first = peek();
      if (first == '"') {
        return string();
      }
      int start = at;
      while (at < text.length() && ",} \t\r\n".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String word = text.substring(start, at);
      if (word.equals("true") || word.equals("false")) {
        return Boolean.valueOf(word);
      }
      try {
        return Long.valueOf(word);
      } catch (NumberFormatException e) {
        throw wrong();
      }
    }

    private String string() {
      expect('"');
      var value = new StringBuilder();
      while (true) {
        char c = take();
        if (c == '"') {
          return value.toString();
        }
        value.append(c == '\\' ? escaped() : c);
      }
    }

    private char escaped() {
      char c = take();
      return switch (c) {
        case 'b' -> '\b';
        case 'f' -> '\f';
        case 'n' -> '\n';
        case 'r' -> '\r';
        case 't' -> '\t';
        case '"', '\\', '/' -> c;
        case 'u' -> {
          if (at + 4 > text.length()) {
            throw wrong();
          }
          at += 4;
          try {
            yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
          } catch (NumberFormatException e) {
            throw wrong();
          }
        }
        default -> throw wrong();
      };
    }

    /** Returns the next character that is no blank, 0 at the end. */
    private char peek() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      return at < text.length() ? text.charAt(at) : 0;
    }

    private char take() {
      if (at >= text.length()) {
        throw wrong();
      }
      return text.charAt(at++);
    }

    private void expect(char wanted) {
      next(wanted, wanted);
    }

    private char next(char one, char other) {
      char c = peek();
      if (c != one && c != other) {
        throw wrong();
      }
      at++;
      return c;
    }

    private CtlFailure wrong() {
      return CtlFailure.failed(
          "not a JSON object of texts and whole numbers, at character " + at + ": " + text);
    }
  }
}
