package io.carrick;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The bijection between MQTT levels and AMQP words (MAP-2). What one side cannot spell is escaped
 * as {@code %HH}; a text that already looks like an escape is shifted by one {@code 25}. Stateless.
 */
final class LevelEscapes {

  private LevelEscapes() {}

  /** Whether converting this AMQP key changes anything but the separators. */
  static boolean inKey(byte[] key) {
    for (byte b : key) {
      if (b == '%' || b == '/' || b == '+' || b == '#' || b == 0) {
        return true;
      }
    }
    return false;
  }

  static byte[] keyToTopic(byte[] key) {
    var out = new ByteArrayOutputStream(key.length + 8);
    for (int i = 0; i < key.length; i++) {
      switch (key[i]) {
        case '.' -> out.write('/');
        case '/' -> escape(out, "%2F");
        case '+' -> escape(out, "%2B");
        case '#' -> escape(out, "%23");
        case 0 -> escape(out, "%00");
        case '%' -> i = token(key, i, out, false);
        default -> out.write(key[i]);
      }
    }
    return out.toByteArray();
  }

  static byte[] topicToKey(byte[] topic) {
    var out = new ByteArrayOutputStream(topic.length + 8);
    for (int i = 0; i < topic.length; i++) {
      switch (topic[i]) {
        case '/' -> out.write('.');
        case '.' -> escape(out, "%2E");
        case '%' -> i = token(topic, i, out, true);
        default -> out.write(topic[i]);
      }
    }
    return out.toByteArray();
  }

  private static void escape(ByteArrayOutputStream out, String token) {
    for (int i = 0; i < token.length(); i++) {
      out.write(token.charAt(i));
    }
  }

  /**
   * Converts a token {@code %(25)*HH} that starts at {@code from}, or copies a lone percent sign.
   *
   * @return the index of the last byte consumed
   */
  private static int token(byte[] text, int from, ByteArrayOutputStream out, boolean toKey) {
    int at = from + 1;
    int shifts = 0;
    while (at + 1 < text.length && text[at] == '2' && text[at + 1] == '5') {
      shifts++;
      at += 2;
    }
    int escaped = at + 1 < text.length ? escapedByte(text[at], text[at + 1]) : -1;
    if (escaped < 0) {
      out.write('%');
      return from;
    }
    boolean foreign = (escaped == '.') != toKey;
    if (foreign && shifts == 0) {
      out.write(escaped);
      return at + 1;
    }
    int written = foreign ? shifts - 1 : shifts + 1;
    out.write('%');
    for (int i = 0; i < written; i++) {
      out.write('2');
      out.write('5');
    }
    out.write(text[at]);
    out.write(text[at + 1]);
    return at + 1;
  }

  private static int escapedByte(byte high, byte low) {
    return switch (high << 8 | low) {
      case '2' << 8 | 'E' -> '.';
      case '2' << 8 | 'F' -> '/';
      case '2' << 8 | 'B' -> '+';
      case '2' << 8 | '3' -> '#';
      case '0' << 8 | '0' -> 0;
      default -> -1;
    };
  }

  /**
   * Returns whether a key is text as MQTT takes it: UTF-8 without control characters, which a
   * client may refuse with the whole connection [MQTT-1.5.3]. NUL is one that has an escape.
   */
  static boolean isText(byte[] key) {
    for (byte b : key) {
      if (b < 0) {
        return isTextBeyondAscii(key);
      } else if (isControl(b)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isTextBeyondAscii(byte[] key) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(key))
          .chars()
          .noneMatch(LevelEscapes::isControl);
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean isControl(int character) {
    return character != 0 && Character.isISOControl(character);
  }
}
