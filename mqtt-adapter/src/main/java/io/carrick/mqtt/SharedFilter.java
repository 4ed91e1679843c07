package io.carrick.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** What a shared subscription asks for (MQTT 5 §4.8.2): group and filter. Immutable. */
final class SharedFilter {

  private static final byte[] START = "$share/".getBytes(StandardCharsets.UTF_8);

  /** How the names of such queues begin. */
  static final String QUEUE = "mqtt.share.";

  /** Of a queue's name: what a hash and the dots leave of 255 bytes. */
  private static final int LONGEST_SHOWN = 200;

  /** The whole text, which tells one from another whatever their queues are called. */
  private final String text;

  private final String group;
  private final byte[] filter;

  private SharedFilter(String text, String group, byte[] filter) {
    this.text = text;
    this.group = group;
    this.filter = filter;
  }

  /** Returns whether a filter is meant to be one of these. */
  static boolean isMeant(byte[] filter) {
    return filter.length >= START.length
        && Arrays.equals(filter, 0, START.length, START, 0, START.length);
  }

  /**
   * Reads a filter that is {@linkplain #isMeant meant} to be one of these.
   *
   * @return empty unless it has a group, without wildcards, and a filter behind it [MQTT-4.8.2-1]
   *     [MQTT-4.8.2-2]
   */
  static Optional<SharedFilter> read(byte[] text) {
    int end = START.length;
    while (end < text.length && text[end] != '/') {
      if (text[end] == '+' || text[end] == '#') {
        return Optional.empty();
      }
      end++;
    }
    if (end == START.length || end + 1 >= text.length) {
      return Optional.empty();
    }
    return Optional.of(
        new SharedFilter(
            new String(text, StandardCharsets.UTF_8),
            new String(text, START.length, end - START.length, StandardCharsets.UTF_8),
            Arrays.copyOfRange(text, end + 1, text.length)));
  }

  /** Returns the whole text. */
  String text() {
    return text;
  }

  /** Returns the topic filter in it; not to be modified. */
  byte[] filter() {
    return filter;
  }

  /** Names the queue of all who have the same group and filter (MAP-8). */
  String queue() {
    byte[] name = group.getBytes(StandardCharsets.UTF_8);
    String shown = name.length <= LONGEST_SHOWN ? group : Session.hash(name);
    return QUEUE + shown + "." + Session.hash(filter);
  }
}
