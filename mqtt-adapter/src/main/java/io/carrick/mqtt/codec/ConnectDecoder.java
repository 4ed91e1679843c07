package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttPacket.UnsupportedVersion;
import io.carrick.mqtt.codec.MqttPacket.WillMessage;
import java.util.Optional;

/** Reads CONNECT (MQTT 3.1.1 §3.1). Stateless. */
final class ConnectDecoder {

  private static final int RESERVED = 0x01;
  private static final int CLEAN = 0x02;
  private static final int WILL = 0x04;
  private static final int WILL_RETAIN = 0x20;
  private static final int PASSWORD = 0x40;
  private static final int USER = 0x80;

  private ConnectDecoder() {}

  /**
   * Reads the packet.
   *
   * @param headerFlags of the fixed header, reserved by MQTT 3.1.1 and not used by 3.1
   */
  static MqttPacket read(PacketReader in, int headerFlags, PacketBounds bounds) {
    String name = in.text();
    int level = in.oneByte();
    MqttVersion version;
    if (name.equals("MQIsdp") && level == MqttVersion.V3_1.level()) {
      version = MqttVersion.V3_1;
    } else if (name.equals("MQTT") && level == MqttVersion.V3_1_1.level()) {
      version = MqttVersion.V3_1_1;
    } else if (name.equals("MQTT") || name.equals("MQIsdp")) {
      in.skipRest();
      return new UnsupportedVersion(level); // [MQTT-3.1.2-2]
    } else {
      throw malformed("a protocol that is not MQTT"); // [MQTT-3.1.2-1]
    }
    int flags = in.oneByte();
    if (version != MqttVersion.V3_1) {
      checkReserved(headerFlags, flags);
    }
    checkFlags(flags);
    int keepAlive = in.twoBytes();
    String clientId = in.text();
    Optional<WillMessage> will =
        (flags & WILL) == 0 ? Optional.empty() : Optional.of(readWill(in, flags, bounds));
    String user = (flags & USER) == 0 ? "" : in.text();
    byte[] password = (flags & PASSWORD) == 0 ? new byte[0] : in.binary();
    return new Connect(version, clientId, (flags & CLEAN) != 0, keepAlive, will, user, password);
  }

  private static void checkReserved(int headerFlags, int flags) {
    if (headerFlags != 0) {
      throw malformed("a CONNECT with header flags " + headerFlags); // [MQTT-2.2.2-2]
    }
    if ((flags & RESERVED) != 0) {
      throw malformed("the reserved CONNECT flag is set"); // [MQTT-3.1.2-3]
    }
  }

  private static void checkFlags(int flags) {
    boolean will = (flags & WILL) != 0;
    int willQos = willQos(flags);
    if (willQos == 3 || (!will && (willQos != 0 || (flags & WILL_RETAIN) != 0))) {
      throw malformed("will flags that contradict each other"); // [MQTT-3.1.2-13..15]
    }
    if ((flags & PASSWORD) != 0 && (flags & USER) == 0) {
      throw malformed("a password without a user name"); // [MQTT-3.1.2-22]
    }
  }

  private static int willQos(int flags) {
    return (flags >> 3) & 0x03;
  }

  private static WillMessage readWill(PacketReader in, int flags, PacketBounds bounds) {
    byte[] topic = in.topicName();
    byte[] payload = in.binary();
    bounds.checkPayload(payload.length);
    return new WillMessage(topic, payload, willQos(flags), (flags & WILL_RETAIN) != 0);
  }
}
