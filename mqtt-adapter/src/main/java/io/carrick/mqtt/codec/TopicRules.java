package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

/** What topic names and filters look like (MQTT 3.1.1 §4.7). Stateless. */
public final class TopicRules {

  private TopicRules() {}

  /**
   * Checks a topic name: at least one character and no wildcard.
   *
   * @throws MalformedPacketException if not [MQTT-3.3.2-2] [MQTT-4.7.3-1]
   */
  public static void checkName(byte[] topic) {
    if (topic.length == 0) {
      throw malformed("an empty topic name");
    }
    for (byte b : topic) {
      if (b == '+' || b == '#') {
        throw malformed("a wildcard in a topic name");
      }
    }
  }

  /**
   * Checks a topic filter: wildcards only as whole levels, {@code #} only at the end.
   *
   * @throws MalformedPacketException if not [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-1]
   */
  public static void checkFilter(byte[] filter) {
    if (filter.length == 0) {
      throw malformed("an empty topic filter");
    }
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

  /** Returns how many levels a topic or filter has. */
  public static int levels(byte[] topic) {
    int levels = 1;
    for (byte b : topic) {
      if (b == '/') {
        levels++;
      }
    }
    return levels;
  }

  /** Returns whether a topic starts with these characters. */
  public static boolean startsWith(byte[] topic, String prefix) {
    if (topic.length < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (topic[i] != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
