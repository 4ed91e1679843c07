package io.carrick.mqtt.codec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Packets of a client as bytes, written independently of the main code. */
public final class Packets {

  public static final byte[] PINGREQ = {(byte) 0xC0, 0};
  public static final byte[] DISCONNECT = {(byte) 0xE0, 0};

  private Packets() {}

  /** A CONNECT, with a word for each part that is not usual. */
  public static ConnectBuilder connect(String clientId) {
    return new ConnectBuilder(clientId);
  }

  /** Writes a CONNECT of MQTT 3.1.1, clean, with a keep-alive of 60 seconds, unless told other. */
  public static final class ConnectBuilder {

    private final String clientId;
    private final ByteArrayOutputStream payload = new ByteArrayOutputStream();
    private String protocol = "MQTT";
    private int level = 4;
    private int header = 0x10;
    private int flags = 0x02;
    private int keepAlive = 60;
    private byte[] will = {};
    private byte[] login = {};

    private ConnectBuilder(String clientId) {
      this.clientId = clientId;
    }

    public ConnectBuilder protocol(String name, int protocolLevel) {
      protocol = name;
      level = protocolLevel;
      return this;
    }

    public ConnectBuilder header(int firstByte) {
      header = firstByte;
      return this;
    }

    public ConnectBuilder persistent() {
      flags &= ~0x02;
      return this;
    }

    public ConnectBuilder keepAlive(int seconds) {
      keepAlive = seconds;
      return this;
    }

    public ConnectBuilder will(String topic, String message, int qos, boolean retain) {
      flags |= 0x04 | (qos << 3) | (retain ? 0x20 : 0);
      will = join(string(topic), string(message));
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
      payload.reset();
      payload.writeBytes(string(protocol));
      payload.write(level);
      payload.write(flags);
      payload.writeBytes(twoBytes(keepAlive));
      payload.writeBytes(string(clientId));
      payload.writeBytes(will);
      payload.writeBytes(login);
      return packet(header, payload.toByteArray());
    }
  }

  public static byte[] publish(String topic, String payload) {
    return packet(0x30, string(topic), utf8(payload));
  }

  public static byte[] publish(String topic, String payload, int qos, int packetId) {
    return packet(0x30 | (qos << 1), string(topic), twoBytes(packetId), utf8(payload));
  }

  /** Sets a flag of the fixed header. */
  public static byte[] with(int flag, byte[] packet) {
    byte[] copy = packet.clone();
    copy[0] |= (byte) flag;
    return copy;
  }

  public static byte[] retained(byte[] publish) {
    return with(0x01, publish);
  }

  public static byte[] dup(byte[] publish) {
    return with(0x08, publish);
  }

  public static byte[] ack(PacketType type, int packetId) {
    return packet((type.ordinal() << 4) | (type == PacketType.PUBREL ? 2 : 0), twoBytes(packetId));
  }

  public static byte[] subscribe(int packetId, int qos, String... filters) {
    var body = new ByteArrayOutputStream();
    body.writeBytes(twoBytes(packetId));
    for (String filter : filters) {
      body.writeBytes(string(filter));
      body.write(qos);
    }
    return packet(0x82, body.toByteArray());
  }

  /** A SUBSCRIBE with a QoS behind each filter. */
  public static byte[] subscribeEach(int packetId, Object... filtersAndQos) {
    byte[] body = twoBytes(packetId);
    for (int i = 0; i < filtersAndQos.length; i += 2) {
      byte qos = ((Integer) filtersAndQos[i + 1]).byteValue();
      body = join(body, string((String) filtersAndQos[i]), new byte[] {qos});
    }
    return packet(0x82, body);
  }

  public static byte[] unsubscribe(int packetId, String... filters) {
    var body = new ByteArrayOutputStream();
    body.writeBytes(twoBytes(packetId));
    for (String filter : filters) {
      body.writeBytes(string(filter));
    }
    return packet(0xA2, body.toByteArray());
  }

  public static byte[] packet(int first, byte[]... parts) {
    byte[] body = join(parts);
    var out = new ByteArrayOutputStream();
    out.write(first);
    int rest = body.length;
    while (rest > 127) {
      out.write((rest & 127) | 128);
      rest >>= 7;
    }
    out.write(rest);
    out.writeBytes(body);
    return out.toByteArray();
  }

  public static byte[] string(String text) {
    return field(utf8(text));
  }

  public static byte[] field(byte[] bytes) {
    return join(twoBytes(bytes.length), bytes);
  }

  public static byte[] twoBytes(int value) {
    return new byte[] {(byte) (value >> 8), (byte) value};
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
