package io.carrick.mqtt;

import static io.carrick.mqtt.codec.ReasonCode.PROTOCOL_ERROR;
import static io.carrick.mqtt.codec.ReasonCode.TOPIC_ALIAS_INVALID;

import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.MalformedPacketException;
import org.jspecify.annotations.Nullable;

/**
 * The topics that a client has given numbers (MQTT 5 §3.3.2.3.4). Confined to the connection's
 * loop; made with the first of them.
 */
final class InboundAliases {

  /** Keys, and of topics that are refused why. */
  private final @Nullable Object[] known;

  /**
   * Makes it.
   *
   * @param most the highest number that the client was told it may use
   */
  InboundAliases(int most) {
    this.known = new @Nullable Object[most];
  }

  /**
   * Gives a topic a number, in place of what had it.
   *
   * @throws MalformedPacketException if there is no such number [MQTT-3.3.2-8] [MQTT-3.3.2-9]
   */
  void put(int alias, RoutingKey key) {
    known[place(alias)] = key;
  }

  /**
   * Gives a topic a number that clients may not publish to.
   *
   * @throws MalformedPacketException if there is no such number
   */
  void refuse(int alias, RefusedTopicException why) {
    known[place(alias)] = why;
  }

  /**
   * Returns what has a number.
   *
   * @throws MalformedPacketException if there is no such number, or nothing has it
   * @throws RefusedTopicException if it is a topic that is refused
   */
  RoutingKey key(int alias) {
    Object there = known[place(alias)];
    if (there instanceof RoutingKey key) {
      return key;
    } else if (there instanceof RefusedTopicException why) {
      throw why;
    }
    throw new MalformedPacketException(PROTOCOL_ERROR, "a topic alias that stands for nothing");
  }

  private int place(int alias) {
    if (alias == 0 || alias > known.length) {
      throw new MalformedPacketException(TOPIC_ALIAS_INVALID, "a topic alias of " + alias);
    }
    return alias - 1;
  }
}
