package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;
import static io.carrick.mqtt.codec.MalformedPacketException.protocolError;

import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttPacket.UnsupportedVersion;
import io.carrick.mqtt.codec.MqttPacket.WillMessage;
import io.carrick.mqtt.codec.Property.Place;
import java.util.Optional;

/** Reads CONNECT (§3.1 of MQTT 3.1.1 and 5). Stateless. */
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
    } else if (name.equals("MQTT") && level == MqttVersion.V5.level()) {
      version = MqttVersion.V5;
    } else if (name.equals("MQTT") || name.equals("MQIsdp")) {
      in.skipRest();
      return new UnsupportedVersion(level); // [MQTT-3.1.2-2]
    } else {
      throw malformed("a protocol that is not MQTT"); // [MQTT-3.1.2-1]
    }
    try {
      return readRest(in, version, headerFlags, bounds);
    } catch (MalformedPacketException e) {
      throw e.in(version);
    }
  }

  private static Connect readRest(
      PacketReader in, MqttVersion version, int headerFlags, PacketBounds bounds) {
    boolean v5 = version == MqttVersion.V5;
    int flags = in.oneByte();
    if (version != MqttVersion.V3_1) {
      checkReserved(headerFlags, flags);
    }
    checkFlags(flags, v5);
    int keepAlive = in.twoBytes();
    PacketProperties properties = v5 ? in.properties(Place.CONNECT) : PacketProperties.NONE;
    if (properties.find(Property.AUTHENTICATION_DATA) >= 0
        && properties.find(Property.AUTHENTICATION_METHOD) < 0) {
      throw protocolError("authentication data without a method"); // MQTT 5 §3.1.2.11.10
    }
    String clientId = in.text();
    Optional<WillMessage> will =
        (flags & WILL) == 0 ? Optional.empty() : Optional.of(readWill(in, flags, v5, bounds));
    String user = (flags & USER) == 0 ? "" : in.text();
    byte[] password = (flags & PASSWORD) == 0 ? new byte[0] : in.binary();
    if (!in.atEnd()) {
      throw malformed("bytes left over in a CONNECT");
    }
    boolean clean = (flags & CLEAN) != 0;
    return new Connect(version, clientId, clean, keepAlive, will, user, password, properties);
  }

  private static void checkReserved(int headerFlags, int flags) {
    if (headerFlags != 0) {
      throw malformed("a CONNECT with header flags " + headerFlags); // [MQTT-2.2.2-2]
    }
    if ((flags & RESERVED) != 0) {
      throw malformed("the reserved CONNECT flag is set"); // [MQTT-3.1.2-3]
    }
  }

  private static void checkFlags(int flags, boolean v5) {
    boolean will = (flags & WILL) != 0;
    int willQos = willQos(flags);
    if (willQos == 3 || (!will && (willQos != 0 || (flags & WILL_RETAIN) != 0))) {
      throw malformed("will flags that contradict each other"); // [MQTT-3.1.2-13..15]
    }
    if ((flags & PASSWORD) != 0 && (flags & USER) == 0 && !v5) {
      throw malformed("a password without a user name"); // [MQTT-3.1.2-22]
    }
  }

  private static int willQos(int flags) {
    return (flags >> 3) & 0x03;
  }

  private static WillMessage readWill(PacketReader in, int flags, boolean v5, PacketBounds bounds) {
    PacketProperties properties = v5 ? in.properties(Place.WILL) : PacketProperties.NONE;
    byte[] topic = in.topicName();
    byte[] payload = in.binary();
    bounds.checkPayload(payload.length);
    boolean retain = (flags & WILL_RETAIN) != 0;
    return new WillMessage(topic, payload, willQos(flags), retain, properties);
  }
}
