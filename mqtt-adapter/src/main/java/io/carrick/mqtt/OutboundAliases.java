package io.carrick.mqtt;

import io.carrick.mqtt.codec.PublishHeader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The numbers that stand for topics on the way to one client (MQTT 5 §3.3.2.3.4). A topic has one
 * place that it may be in, so nothing is searched for; another one there gives way. Confined to the
 * connection's loop.
 */
final class OutboundAliases {

  /** Longer topics are not kept, shorter ones are shorter than a number for them. */
  private static final int LONGEST = 1_024;

  private static final int SHORTEST = 4;

  private final byte[] @Nullable [] topics;

  /**
   * Makes it.
   *
   * @param most how many the client takes [MQTT-3.1.2-26]
   */
  OutboundAliases(int most) {
    this.topics = new byte[most] @Nullable [];
  }

  /**
   * Lets a number stand for the topic of a packet, or gives it one.
   *
   * @param room whether the client takes a packet that is longer by a number
   */
  void shorten(byte[] topic, boolean room, PublishHeader header) {
    if (topic.length < SHORTEST || topic.length > LONGEST) {
      return;
    }
    int place = Math.floorMod(Arrays.hashCode(topic) * 0x9E3779B1, topics.length);
    boolean known = Arrays.equals(topics[place], topic);
    if (known || room) {
      topics[place] = topic;
      header.alias(place + 1, known);
    }
  }
}
