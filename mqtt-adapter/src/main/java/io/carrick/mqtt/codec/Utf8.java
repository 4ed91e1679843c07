package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.netty.buffer.ByteBuf;

/**
 * Checks UTF-8 as MQTT wants it (MQTT 3.1.1 §1.5.3): well-formed, and without the characters that a
 * receiver may refuse, U+0001 to U+001F and U+007F to U+009F, which nobody sees in a log.
 * Stateless.
 */
final class Utf8 {

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  /**
   * Checks a string.
   *
   * @throws MalformedPacketException if not [MQTT-1.5.3-1] [MQTT-1.5.3-2]
   */
  static void check(ByteBuf in, int start, int length) {
    int end = start + length;
    int i = start;
    while (i < end) {
      int b = in.getByte(i);
      if (b >= 0x20 && b != 0x7F) {
        i++;
      } else if (b >= 0) {
        throw malformed("a string contains a control character"); // [MQTT-1.5.3-2] for U+0000
      } else {
        i = checkMultiByte(in, i, end, b & 0xFF);
      }
    }
  }

  private static int checkMultiByte(ByteBuf in, int at, int end, int first) {
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || at + more >= end) {
      throw malformed("a string is not well-formed UTF-8");
    }
    int second = in.getByte(at + 1) & 0xFF;
    boolean overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    boolean surrogate = first == 0xED && second > 0x9F; // [MQTT-1.5.3-1]
    boolean beyond = first == 0xF4 && second > 0x8F;
    if (overlong || surrogate || beyond) {
      throw malformed("a string is not well-formed UTF-8");
    }
    for (int i = 1; i <= more; i++) {
      if ((in.getByte(at + i) & 0xC0) != 0x80) {
        throw malformed("a string is not well-formed UTF-8");
      }
    }
    if (first == 0xC2 && second < 0xA0) {
      throw malformed("a string contains a control character");
    }
    return at + more + 1;
  }

  /**
   * Returns whether a string is made of printable ASCII only and has no wildcard: the usual topic
   * name, told eight bytes at a time.
   */
  static boolean isPlainTopic(ByteBuf in, int start, int length) {
    int end = start + length;
    int i = start;
    for (; i + Long.BYTES <= end; i += Long.BYTES) {
      if (!isPlain(in.getLong(i))) {
        return false;
      }
    }
    for (; i < end; i++) {
      byte b = in.getByte(i);
      if (b < 0x20 || b == 0x7F || b == '+' || b == '#') {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlain(long eight) {
    long control = (eight - 0x20 * ONES) & ~eight;
    long delete = zeroByte(eight ^ (0x7F * ONES));
    long wildcard = zeroByte((eight & ~(0x08 * ONES)) ^ (0x23 * ONES)); // '#' and '+': one bit
    return ((eight | control | delete | wildcard) & HIGH_BITS) == 0;
  }

  /** Sets the high bit of a byte that is 0, and of none if none is. */
  private static long zeroByte(long eight) {
    return (eight - ONES) & ~eight;
  }
}
