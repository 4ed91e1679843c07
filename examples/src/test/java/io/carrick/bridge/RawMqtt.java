package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * MQTT 3.1.1 over a bare socket, for what a client library will not do. For the test's thread, or
 * for one that writes and one that reads.
 */
public final class RawMqtt implements AutoCloseable {

  public static final int CONNACK = 2;
  public static final int PUBLISH = 3;
  public static final int PUBACK = 4;
  public static final int PUBREC = 5;
  public static final int PUBREL = 6;
  public static final int PUBCOMP = 7;
  public static final int SUBACK = 9;
  public static final int UNSUBACK = 11;
  public static final int PINGRESP = 13;

  private static final int PATIENCE_MS = 20_000;

  private static final int LITTLE_WHILE_MS = 100;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  /** A packet from the broker. */
  public record Packet(int type, int flags, byte[] body) {

    public boolean dup() {
      return (flags & 8) != 0;
    }

    public int qos() {
      return (flags >> 1) & 3;
    }

    /** Of an acknowledgement: its packet identifier. */
    public int id() {
      return number(0);
    }

    private int number(int at) {
      return (body[at] & 0xFF) << 8 | body[at + 1] & 0xFF;
    }

    public String topic() {
      return new String(body, 2, number(0), StandardCharsets.UTF_8);
    }

    public int publishId() {
      return number(2 + number(0));
    }

    public String text() {
      int at = 2 + number(0) + (qos() > 0 ? 2 : 0);
      return new String(body, at, body.length - at, StandardCharsets.UTF_8);
    }
  }

  public RawMqtt(InetSocketAddress address) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(PATIENCE_MS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = socket.getOutputStream();
  }

  /** Sets how long an answer may take; 0 for any time. */
  public void patience(int ms) throws IOException {
    socket.setSoTimeout(ms);
  }

  /** Connects; returns whether the broker had a session. */
  public boolean connect(String clientId, boolean cleanSession) throws IOException {
    var body = new ByteArrayOutputStream();
    var data = new DataOutputStream(body);
    data.writeUTF("MQTT");
    data.writeByte(4);
    data.writeByte(cleanSession ? 2 : 0);
    data.writeShort(0);
    string(data, clientId);
    send(0x10, body.toByteArray());
    Packet answer = read(CONNACK);
    assertThat(answer.body()[1]).as("return code").isZero();
    return answer.body()[0] == 1;
  }

  public void subscribe(String filter, int qos) throws IOException {
    var body = new ByteArrayOutputStream();
    var data = new DataOutputStream(body);
    data.writeShort(1);
    string(data, filter);
    data.writeByte(qos);
    send(0x82, body.toByteArray());
    Packet answer = read();
    while (answer.type() == PUBLISH) { // of a session that was there before
      answer = read();
    }
    assertThat(answer.type()).isEqualTo(SUBACK);
    assertThat(answer.body()[2]).isEqualTo((byte) qos);
  }

  void unsubscribe(String filter) throws IOException {
    var body = new ByteArrayOutputStream();
    var data = new DataOutputStream(body);
    data.writeShort(1);
    string(data, filter);
    send(0xA2, body.toByteArray());
    Packet answer = read();
    while (answer.type() == PUBLISH) { // what was subscribed
      answer = read();
    }
    assertThat(answer.type()).isEqualTo(UNSUBACK);
  }

  public void publish(String topic, String text, int qos, boolean dup, int id) throws IOException {
    var body = new ByteArrayOutputStream();
    var data = new DataOutputStream(body);
    string(data, topic);
    if (qos > 0) {
      data.writeShort(id);
    }
    data.write(text.getBytes(StandardCharsets.UTF_8));
    send(0x30 | qos << 1 | (dup ? 8 : 0), body.toByteArray());
  }

  /** Publishes with QoS 1 what is to be kept as the last value of its topic. */
  void publishRetained(String topic, String text, int id) throws IOException {
    var body = new ByteArrayOutputStream();
    var data = new DataOutputStream(body);
    string(data, topic);
    data.writeShort(id);
    data.write(text.getBytes(StandardCharsets.UTF_8));
    send(0x33, body.toByteArray());
  }

  /** Not DataOutputStream's own strings, which are not quite UTF-8. */
  private static void string(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeShort(utf8.length);
    out.write(utf8);
  }

  public void acknowledge(int type, int id) throws IOException {
    send(type << 4 | (type == PUBREL ? 2 : 0), new byte[] {(byte) (id >> 8), (byte) id});
  }

  void ping() throws IOException {
    send(0xC0, new byte[0]);
  }

  private void send(int first, byte[] body) throws IOException {
    var packet = new ByteArrayOutputStream();
    packet.write(first);
    int length = body.length;
    do {
      packet.write(length > 127 ? length & 127 | 128 : length);
      length >>= 7;
    } while (length > 0);
    packet.write(body);
    send(packet.toByteArray());
  }

  public void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  public Packet read() throws IOException {
    int first = in.readUnsignedByte();
    int length = 0;
    int shift = 0;
    int next;
    do {
      next = in.readUnsignedByte();
      length |= (next & 127) << shift;
      shift += 7;
    } while ((next & 128) != 0);
    return new Packet(first >> 4, first & 15, in.readNBytes(length));
  }

  /** Returns the next packet; asks for PINGRESP when nothing comes for a little while. */
  Packet readOrPing() throws IOException {
    if (in.available() == 0) {
      socket.setSoTimeout(LITTLE_WHILE_MS);
      try {
        in.mark(1);
        in.read();
        in.reset();
      } catch (SocketTimeoutException idle) {
        ping();
      } finally {
        socket.setSoTimeout(PATIENCE_MS);
      }
    }
    return read();
  }

  public Packet read(int type) throws IOException {
    Packet packet = read();
    assertThat(packet.type()).as("packet type").isEqualTo(type);
    return packet;
  }

  /** Closes the direction to the broker and goes on reading. */
  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Expects that the broker has nothing more to say before it closes. */
  void expectClosed() throws IOException {
    try {
      assertThat(in.read()).as("a byte before the end").isEqualTo(-1);
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
