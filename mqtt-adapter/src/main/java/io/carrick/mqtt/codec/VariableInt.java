package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;

/** Variable Byte Integers of MQTT 5 §1.5.5, as the remaining length of any version. Stateless. */
final class VariableInt {

  private static final int MOST_BYTES = 4;

  private VariableInt() {}

  /**
   * Returns in how many bytes one stands.
   *
   * @throws MalformedPacketException if it does not end within four, or within the packet
   *     [MQTT-1.5.5-1]
   */
  static int length(ByteBuf in, int at, int end) {
    for (int i = 0; i < MOST_BYTES && at + i < end; i++) {
      byte b = in.getByte(at + i);
      if (b == 0 && i > 0) {
        throw malformed("a number in more bytes than it needs"); // [MQTT-1.5.5-1]
      }
      if (b >= 0) {
        return i + 1;
      }
    }
    throw malformed("a number that does not end");
  }

  /** Returns the value of one that ends. */
  static int value(ByteBuf in, int at) {
    int value = 0;
    for (int i = 0; ; i++) {
      int b = in.getByte(at + i);
      value |= (b & 0x7F) << (7 * i);
      if (b >= 0) {
        return value;
      }
    }
  }

  /** Returns the value of one that ends. */
  static int value(byte[] in, int at) {
    int value = 0;
    for (int i = 0; ; i++) {
      byte b = in[at + i];
      value |= (b & 0x7F) << (7 * i);
      if (b >= 0) {
        return value;
      }
    }
  }

  /** Returns in how many bytes a value is written. */
  static int bytes(int value) {
    int bytes = 1;
    for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
      bytes++;
    }
    return bytes;
  }

  static void write(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest > 0x7F) {
      out.write((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  static void write(ByteBuf out, int value) {
    int rest = value;
    while (rest > 0x7F) {
      out.writeByte((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }
}
