package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.netty.buffer.ByteBuf;

/** Checks UTF-8 as MQTT wants it (MQTT 3.1.1 §1.5.3). Stateless. */
final class Utf8 {

  private Utf8() {}

  /**
   * Checks that bytes are well-formed and contain neither U+0000 nor a surrogate.
   *
   * @throws MalformedPacketException if not [MQTT-1.5.3-1] [MQTT-1.5.3-2]
   */
  static void check(ByteBuf in, int start, int length) {
    int end = start + length;
    int i = start;
    while (i < end) {
      int b = in.getByte(i);
      if (b > 0) {
        i++;
      } else if (b == 0) {
        throw malformed("a string contains U+0000"); // [MQTT-1.5.3-2]
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
    return at + more + 1;
  }
}
