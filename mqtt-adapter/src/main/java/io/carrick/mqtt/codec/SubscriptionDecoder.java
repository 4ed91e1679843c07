package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;
import static io.carrick.mqtt.codec.MalformedPacketException.protocolError;

import io.carrick.mqtt.codec.MqttPacket.Subscribe;
import io.carrick.mqtt.codec.MqttPacket.Subscription;
import io.carrick.mqtt.codec.MqttPacket.Unsubscribe;
import io.carrick.mqtt.codec.Property.Place;
import java.util.ArrayList;

/** Reads SUBSCRIBE and UNSUBSCRIBE (§3.8 and §3.10 of MQTT 3.1.1 and 5). Stateless. */
final class SubscriptionDecoder {

  private SubscriptionDecoder() {}

  static Subscribe subscribe(PacketReader in, boolean v5) {
    int packetId = in.packetId();
    PacketProperties properties = v5 ? in.properties(Place.SUBSCRIBE) : PacketProperties.NONE;
    var subscriptions = new ArrayList<Subscription>(1);
    while (!in.atEnd()) {
      byte[] filter = in.topicFilter();
      int options = in.oneByte();
      if (v5) {
        checkOptions(options, filter);
      } else if (options > 2) {
        throw malformed("a subscription with options " + options); // [MQTT-3-8.3-4]
      }
      subscriptions.add(new Subscription(filter, options));
    }
    if (subscriptions.isEmpty()) { // 3.1.1: [MQTT-3.8.3-3], 5: [MQTT-3.8.3-2]
      throw v5
          ? protocolError("a SUBSCRIBE without a filter")
          : malformed("a SUBSCRIBE without a filter");
    }
    return new Subscribe(packetId, subscriptions, properties);
  }

  /** MQTT 5 §3.8.3.1. */
  private static void checkOptions(int options, byte[] filter) {
    if ((options & Subscription.RESERVED) != 0) {
      throw malformed("reserved subscription options"); // [MQTT-3.8.3-5]
    }
    if ((options & Subscription.QOS) == 3 || (options & Subscription.RETAIN_HANDLING) == 0x30) {
      throw protocolError("subscription options of 3");
    }
    if ((options & Subscription.NO_LOCAL) != 0 && TopicRules.isShared(filter)) {
      throw protocolError("No Local for a shared subscription"); // [MQTT-3.8.3-4]
    }
  }

  static Unsubscribe unsubscribe(PacketReader in, boolean v5) {
    int packetId = in.packetId();
    if (v5) {
      in.properties(Place.UNSUBSCRIBE);
    }
    var filters = new ArrayList<byte[]>(1);
    while (!in.atEnd()) {
      filters.add(in.topicFilter());
    }
    if (filters.isEmpty()) {
      throw v5 // [MQTT-3.10.3-2]
          ? protocolError("an UNSUBSCRIBE without a filter")
          : malformed("an UNSUBSCRIBE without a filter");
    }
    return new Unsubscribe(packetId, filters);
  }
}
