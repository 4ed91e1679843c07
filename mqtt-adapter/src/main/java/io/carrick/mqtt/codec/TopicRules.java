package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.netty.buffer.ByteBuf;

/** What topic names and filters look like (MQTT 3.1.1 §4.7). Stateless. */
final class TopicRules {

  private TopicRules() {}

  /**
   * Checks a topic name that is well-formed UTF-8: no wildcard.
   *
   * @throws MalformedPacketException if not [MQTT-3.3.2-2]
   */
  static void checkName(byte[] topic) {
    for (byte b : topic) {
      if (b == '+' || b == '#') {
        throw malformed("a wildcard in a topic name");
      }
    }
  }

  /**
   * Checks a topic name that lies in a buffer: well-formed UTF-8 without a wildcard.
   *
   * @throws MalformedPacketException if not [MQTT-1.5.3-1] [MQTT-3.3.2-2]
   */
  static void checkName(ByteBuf in, int start, int length) {
    if (Utf8.isPlainTopic(in, start, length)) {
      return;
    }
    Utf8.check(in, start, length);
    for (int i = start; i < start + length; i++) {
      byte b = in.getByte(i);
      if (b == '+' || b == '#') {
        throw malformed("a wildcard in a topic name");
      }
    }
  }

  /**
   * Checks a topic filter: wildcards only as whole levels, {@code #} only at the end.
   *
   * @throws MalformedPacketException if not [MQTT-4.7.1-2] [MQTT-4.7.1-3]
   */
  static void checkFilter(byte[] filter) {
    for (int i = 0; i < filter.length; i++) {
      if (filter[i] != '+' && filter[i] != '#') {
        continue;
      }
      boolean starts = i == 0 || filter[i - 1] == '/';
      boolean ends = i == filter.length - 1 || filter[i + 1] == '/';
      if (!starts || !ends || (filter[i] == '#' && i != filter.length - 1)) {
        throw malformed("a wildcard that is not a level of its own");
      }
    }
  }
}
