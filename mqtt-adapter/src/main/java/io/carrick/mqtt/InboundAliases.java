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

  private final @Nullable RoutingKey[] keys;

  /**
   * Makes it.
   *
   * @param most the highest number that the client was told it may use
   */
  InboundAliases(int most) {
    this.keys = new @Nullable RoutingKey[most];
  }

  /**
   * Gives a topic a number, in place of what had it.
   *
   * @throws MalformedPacketException if there is no such number [MQTT-3.3.2-8] [MQTT-3.3.2-9]
   */
  void put(int alias, RoutingKey key) {
    keys[place(alias)] = key;
  }

  /**
   * Returns what has a number.
   *
   * @throws MalformedPacketException if there is no such number, or nothing has it
   */
  RoutingKey key(int alias) {
    RoutingKey key = keys[place(alias)];
    if (key == null) {
      throw new MalformedPacketException(PROTOCOL_ERROR, "a topic alias that stands for nothing");
    }
    return key;
  }

  private int place(int alias) {
    if (alias == 0 || alias > keys.length) {
      throw new MalformedPacketException(TOPIC_ALIAS_INVALID, "a topic alias of " + alias);
    }
    return alias - 1;
  }
}
