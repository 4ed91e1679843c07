package io.carrick.mqtt.codec;

import static io.carrick.mqtt.codec.Packets.field;
import static io.carrick.mqtt.codec.Packets.join;
import static io.carrick.mqtt.codec.Packets.packet;
import static io.carrick.mqtt.codec.Packets.string;
import static io.carrick.mqtt.codec.Packets.twoBytes;
import static io.carrick.mqtt.codec.Packets.utf8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Packets of a client of version 5 as bytes, written independently of the main code. Properties are
 * those of {@link Properties5}, in the order given.
 */
public final class Packets5 {

  private Packets5() {}

  /** A CONNECT, with a word for each part that is not usual. */
  public static ConnectBuilder connect(String clientId) {
    return new ConnectBuilder(string(clientId));
  }

  /** Writes a CONNECT with Clean Start and a keep-alive of 60 seconds, unless told other. */
  public static final class ConnectBuilder {

    private final byte[] clientId;
    private int flags = 0x02;
    private int keepAlive = 60;
    private byte[] properties = {};
    private byte[] will = {};
    private byte[] login = {};

    private ConnectBuilder(byte[] clientId) {
      this.clientId = clientId;
    }

    /** Clean Start 0. */
    public ConnectBuilder resume() {
      flags &= ~0x02;
      return this;
    }

    /** Clean Start 0 and a session that does not end: what version 3 calls persistent. */
    public ConnectBuilder persistent() {
      return resume().with(Properties5.sessionExpiry(0xFFFF_FFFFL));
    }

    public ConnectBuilder with(byte[]... more) {
      properties = join(properties, join(more));
      return this;
    }

    public ConnectBuilder keepAlive(int seconds) {
      keepAlive = seconds;
      return this;
    }

    public ConnectBuilder will(
        String topic, String message, int qos, boolean retain, byte[]... willProperties) {
      flags |= 0x04 | (qos << 3) | (retain ? 0x20 : 0);
      will = join(section(willProperties), string(topic), string(message));
      return this;
    }

    public ConnectBuilder user(String name) {
      flags |= 0x80;
      login = join(login, string(name));
      return this;
    }

    public ConnectBuilder password(String secret) {
      flags |= 0x40;
      login = join(login, string(secret));
      return this;
    }

    public ConnectBuilder flags(int value) {
      flags = value;
      return this;
    }

    public byte[] bytes() {
      return packet(
          0x10,
          string("MQTT"),
          new byte[] {5, (byte) flags},
          twoBytes(keepAlive),
          section(properties),
          clientId,
          will,
          login);
    }
  }

  /** A CONNECT with just these fields behind its properties, whatever its flags say. */
  public static byte[] connectOf(int flags, byte[][] properties, byte[]... fields) {
    return packet(
        0x10,
        string("MQTT"),
        new byte[] {5, (byte) flags},
        twoBytes(60),
        section(properties),
        join(fields));
  }

  public static byte[] publish(String topic, String payload, byte[]... properties) {
    return packet(0x30, string(topic), section(properties), utf8(payload));
  }

  public static byte[] publish(
      String topic, String payload, int qos, int packetId, byte[]... properties) {
    return packet(
        0x30 | (qos << 1), string(topic), twoBytes(packetId), section(properties), utf8(payload));
  }

  /** PUBACK, PUBREC, PUBREL or PUBCOMP with a reason code, and without its properties if none. */
  public static byte[] ack(PacketType type, int packetId, int code, byte[]... properties) {
    return packet(
        (type.ordinal() << 4) | (type == PacketType.PUBREL ? 2 : 0),
        twoBytes(packetId),
        new byte[] {(byte) code},
        properties.length == 0 ? new byte[0] : section(properties));
  }

  /** A SUBSCRIBE with the same options for every filter. */
  public static byte[] subscribe(int packetId, int options, String... filters) {
    var body = new ByteArrayOutputStream();
    for (String filter : filters) {
      body.writeBytes(string(filter));
      body.write(options);
    }
    return packet(0x82, twoBytes(packetId), section(), body.toByteArray());
  }

  /** A SUBSCRIBE with properties for one filter. */
  public static byte[] subscribe(int packetId, byte[] property, String filter, int options) {
    return packet(
        0x82, twoBytes(packetId), section(property), string(filter), new byte[] {(byte) options});
  }

  public static byte[] unsubscribe(int packetId, String... filters) {
    var body = new ByteArrayOutputStream();
    for (String filter : filters) {
      body.writeBytes(string(filter));
    }
    return packet(0xA2, twoBytes(packetId), section(), body.toByteArray());
  }

  public static byte[] disconnect(int code, byte[]... properties) {
    return packet(
        0xE0, new byte[] {(byte) code}, properties.length == 0 ? new byte[0] : section(properties));
  }

  public static byte[] auth(int code, byte[]... properties) {
    return packet(0xF0, new byte[] {(byte) code}, section(properties));
  }

  /** Properties with their length before them. */
  public static byte[] section(byte[]... properties) {
    byte[] all = join(properties);
    return join(variable(all.length), all);
  }

  /** A Variable Byte Integer. */
  public static byte[] variable(int value) {
    var out = new ByteArrayOutputStream();
    int rest = value;
    while (rest > 127) {
      out.write((rest & 127) | 128);
      rest >>= 7;
    }
    out.write(rest);
    return out.toByteArray();
  }

  /** Properties by their names (MQTT 5 §2.2.2.2). */
  public static final class Properties5 {

    private Properties5() {}

    public static byte[] payloadFormat(int value) {
      return one(0x01, value);
    }

    public static byte[] messageExpiry(long seconds) {
      return four(0x02, seconds);
    }

    public static byte[] contentType(String value) {
      return text(0x03, value);
    }

    public static byte[] responseTopic(String value) {
      return text(0x08, value);
    }

    public static byte[] correlation(String value) {
      return text(0x09, value);
    }

    public static byte[] subscriptionId(int value) {
      return join(new byte[] {0x0B}, variable(value));
    }

    public static byte[] sessionExpiry(long seconds) {
      return four(0x11, seconds);
    }

    public static byte[] authMethod(String value) {
      return text(0x15, value);
    }

    public static byte[] authData(String value) {
      return text(0x16, value);
    }

    public static byte[] requestProblem(int value) {
      return one(0x17, value);
    }

    public static byte[] willDelay(long seconds) {
      return four(0x18, seconds);
    }

    public static byte[] requestResponse(int value) {
      return one(0x19, value);
    }

    public static byte[] reasonString(String value) {
      return text(0x1F, value);
    }

    public static byte[] receiveMaximum(int value) {
      return join(new byte[] {0x21}, twoBytes(value));
    }

    public static byte[] topicAliasMaximum(int value) {
      return join(new byte[] {0x22}, twoBytes(value));
    }

    public static byte[] topicAlias(int value) {
      return join(new byte[] {0x23}, twoBytes(value));
    }

    public static byte[] user(String key, String value) {
      return join(new byte[] {0x26}, string(key), string(value));
    }

    public static byte[] maximumPacketSize(long value) {
      return four(0x27, value);
    }

    /** A text that may be none. */
    public static byte[] raw(int id, byte[] bytes) {
      return join(new byte[] {(byte) id}, field(bytes));
    }

    public static byte[] one(int id, int value) {
      return new byte[] {(byte) id, (byte) value};
    }

    public static byte[] four(int id, long value) {
      return ByteBuffer.allocate(5).put((byte) id).putInt((int) value).array();
    }

    private static byte[] text(int id, String value) {
      return raw(id, utf8(value));
    }
  }
}
