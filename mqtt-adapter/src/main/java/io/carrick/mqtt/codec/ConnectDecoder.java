package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.MalformedPacketException.malformed;

import io.carrick.mqtt.codec.MqttPacket.Connect;
import io.carrick.mqtt.codec.MqttPacket.UnsupportedVersion;
import io.carrick.mqtt.codec.MqttPacket.WillMessage;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads CONNECT (MQTT 3.1.1 §3.1). Stateless. */
final class ConnectDecoder {

  private static final int CLEAN = 0x02;
  private static final int WILL = 0x04;
  private static final int WILL_RETAIN = 0x20;
  private static final int PASSWORD = 0x40;
  private static final int USER = 0x80;

  MqttPacket read(ByteBuf in, int length) {
    int end = in.readerIndex() + length;
    String name = text(MqttDecoder.readText(in, end));
    if (end - in.readerIndex() < 1) {
      throw malformed("a CONNECT without its protocol level");
    }
    int level = in.readUnsignedByte();
    MqttVersion version;
    if (name.equals("MQIsdp") && level == MqttVersion.V3_1.level()) {
      version = MqttVersion.V3_1;
    } else if (name.equals("MQTT") && level == MqttVersion.V3_1_1.level()) {
      version = MqttVersion.V3_1_1;
    } else if (name.equals("MQTT") || name.equals("MQIsdp")) {
      in.readerIndex(end);
      return new UnsupportedVersion(level); // [MQTT-3.1.2-2]
    } else {
      throw malformed("a protocol that is not MQTT"); // [MQTT-3.1.2-1]
    }
    if (end - in.readerIndex() < 3) {
      throw malformed("a CONNECT without flags and keep alive");
    }
    int flags = in.readUnsignedByte();
    checkFlags(flags);
    int keepAlive = in.readUnsignedShort();
    String clientId = text(MqttDecoder.readText(in, end));
    Optional<WillMessage> will = (flags & WILL) == 0 ? Optional.empty() : readWill(in, end, flags);
    String user = (flags & USER) == 0 ? "" : text(MqttDecoder.readText(in, end));
    byte[] password = (flags & PASSWORD) == 0 ? new byte[0] : MqttDecoder.readBinary(in, end);
    return new Connect(version, clientId, (flags & CLEAN) != 0, keepAlive, will, user, password);
  }

  private static void checkFlags(int flags) {
    boolean will = (flags & WILL) != 0;
    int willQos = willQos(flags);
    if ((flags & 0x01) != 0) {
      throw malformed("the reserved CONNECT flag is set"); // [MQTT-3.1.2-3]
    }
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

  private static Optional<WillMessage> readWill(ByteBuf in, int end, int flags) {
    byte[] topic = MqttDecoder.readText(in, end);
    TopicRules.checkName(topic);
    byte[] payload = MqttDecoder.readBinary(in, end);
    return Optional.of(new WillMessage(topic, payload, willQos(flags), (flags & WILL_RETAIN) != 0));
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
