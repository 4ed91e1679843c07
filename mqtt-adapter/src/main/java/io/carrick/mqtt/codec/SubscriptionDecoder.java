package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Subscription;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import java.util.ArrayList;

/** Reads SUBSCRIBE and UNSUBSCRIBE (MQTT 3.1.1 §3.8, §3.10). Stateless. */
final class SubscriptionDecoder {

  private SubscriptionDecoder() {}

  static Subscribe subscribe(PacketReader in) {
    int packetId = in.packetId();
    var subscriptions = new ArrayList<Subscription>(1);
    while (!in.atEnd()) {
      byte[] filter = in.topicFilter();
      int qos = in.oneByte();
      if (qos > 2) {
        throw malformed("a subscription with options " + qos); // [MQTT-3-8.3-4]
      }
      subscriptions.add(new Subscription(filter, qos));
    }
    if (subscriptions.isEmpty()) {
      throw malformed("a SUBSCRIBE without a filter"); // [MQTT-3.8.3-3]
    }
    return new Subscribe(packetId, subscriptions);
  }

  static Unsubscribe unsubscribe(PacketReader in) {
    int packetId = in.packetId();
    var filters = new ArrayList<byte[]>(1);
    while (!in.atEnd()) {
      filters.add(in.topicFilter());
    }
    if (filters.isEmpty()) {
      throw malformed("an UNSUBSCRIBE without a filter"); // [MQTT-3.10.3-2]
    }
    return new Unsubscribe(packetId, filters);
  }
}
