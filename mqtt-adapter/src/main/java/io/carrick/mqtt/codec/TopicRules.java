package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;
import static io.carrick.mqtt.codec.MalformedPacketException.protocolError;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** What topic names and filters look like (MQTT 3.1.1 §4.7). Stateless. */
final class TopicRules {

  private static final byte[] SHARED = "$share/".getBytes(StandardCharsets.UTF_8);

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

  /** Returns whether a filter is one of a shared subscription (MQTT 5 §4.8.2). */
  static boolean isShared(byte[] filter) {
    if (filter.length < SHARED.length) {
      return false;
    }
    for (int i = 0; i < SHARED.length; i++) {
      if (filter[i] != SHARED[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Checks a response topic that is well-formed UTF-8.
   *
   * @throws MalformedPacketException if it is empty or has a wildcard [MQTT-3.3.2-14]
   */
  static void checkResponseTopic(ByteBuf in, int start, int length) {
    if (length == 0) {
      throw protocolError("an empty response topic"); // [MQTT-4.7.3-1]
    }
    for (int i = start; i < start + length; i++) {
      byte b = in.getByte(i);
      if (b == '+' || b == '#') {
        throw protocolError("a wildcard in a response topic");
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
