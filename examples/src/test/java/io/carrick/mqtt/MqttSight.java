package io.carrick.mqtt;

import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.mqtt.codec.PacketProperties;
import io.carrick.spi.ReplyRights;

/** What MQTT's adapter makes of messages, without a connection. */
public final class MqttSight {

  private MqttSight() {}

  /** Returns what a PUBLISH says that arrives. */
  public static MessageProperties published(int qos, boolean retain, PacketProperties packet) {
    return MqttProperties.of(qos, retain, packet);
  }

  /** Returns the properties of version 5 that a subscriber gets. */
  public static PacketProperties delivered(Message message, Mapping mapping) {
    return MqttProperties.of(message, mapping, ReplyRights.NONE).packet();
  }
}
