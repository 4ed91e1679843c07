package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** AMQP 0-9-1 over a bare socket, for bytes that a library will not send. For the test's thread. */
public final class RawAmqp implements AutoCloseable {

  private static final int PATIENCE_MS = 20_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  /** A method from the broker. */
  public record Method(int channel, int classId, int methodId, byte[] arguments) {}

  /** Writes the arguments of a method. */
  @FunctionalInterface
  public interface Arguments {
    void write(DataOutputStream out) throws IOException;
  }

  /** Logs in and opens channel 1. */
  RawAmqp(InetSocketAddress address) throws IOException {
    this(address, PATIENCE_MS);
  }

  /**
   * Logs in and opens channel 1.
   *
   * @param patienceMs how long each answer may take
   */
  public RawAmqp(InetSocketAddress address, int patienceMs) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(patienceMs);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    send(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
    expect(10, 10);
    method(
        0,
        10,
        11,
        a -> {
          a.writeInt(0);
          shortString(a, "PLAIN".getBytes(StandardCharsets.US_ASCII));
          byte[] response = "\0guest\0guest".getBytes(StandardCharsets.US_ASCII);
          a.writeInt(response.length);
          a.write(response);
          shortString(a, "en_US".getBytes(StandardCharsets.US_ASCII));
        });
    Method tune = expect(10, 30);
    method(
        0,
        10,
        31,
        a -> {
          a.write(tune.arguments(), 0, 6);
          a.writeShort(0); // no heartbeat
        });
    method(
        0,
        10,
        40,
        a -> {
          shortString(a, new byte[] {'/'});
          a.writeShort(0);
        });
    expect(10, 41);
    method(1, 20, 10, a -> a.writeByte(0));
    expect(20, 11);
    method(1, 85, 10, a -> a.writeByte(0));
    expect(85, 11);
  }

  public static void shortString(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeByte(bytes.length);
    out.write(bytes);
  }

  /** Publishes to {@code amq.topic} with any bytes as the key, and waits for the confirm. */
  void publish(byte[] key, byte[] payload) throws IOException {
    method(
        1,
        60,
        40,
        a -> {
          a.writeShort(0);
          shortString(a, "amq.topic".getBytes(StandardCharsets.US_ASCII));
          shortString(a, key);
          a.writeByte(0);
        });
    frame(
        2,
        1,
        a -> {
          a.writeShort(60);
          a.writeShort(0);
          a.writeLong(payload.length);
          a.writeShort(0);
        });
    frame(3, 1, a -> a.write(payload));
    expect(60, 80);
  }

  public void method(int channel, int classId, int methodId, Arguments arguments)
      throws IOException {
    frame(
        1,
        channel,
        a -> {
          a.writeShort(classId);
          a.writeShort(methodId);
          arguments.write(a);
        });
  }

  public void frame(int type, int channel, Arguments payload) throws IOException {
    var body = new ByteArrayOutputStream();
    payload.write(new DataOutputStream(body));
    var bytes = new ByteArrayOutputStream();
    var frame = new DataOutputStream(bytes);
    frame.writeByte(type);
    frame.writeShort(channel);
    frame.writeInt(body.size());
    frame.write(body.toByteArray());
    frame.writeByte(0xCE);
    send(bytes.toByteArray());
  }

  void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  public Method expect(int classId, int methodId) throws IOException {
    assertThat(in.readUnsignedByte()).as("frame type").isEqualTo(1);
    int channel = in.readUnsignedShort();
    int bytes = in.readInt();
    var method =
        new Method(
            channel, in.readUnsignedShort(), in.readUnsignedShort(), in.readNBytes(bytes - 4));
    assertThat(in.readUnsignedByte()).as("frame end").isEqualTo(0xCE);
    assertThat(method.classId() + "." + method.methodId()).isEqualTo(classId + "." + methodId);
    return method;
  }

  /** Returns the content header of a message, without its frame. AMQP 0-9-1 §4.2.6.1 */
  public byte[] contentHeader() throws IOException {
    assertThat(in.readUnsignedByte()).as("frame type").isEqualTo(2);
    in.readUnsignedShort();
    byte[] header = in.readNBytes(in.readInt());
    assertThat(in.readUnsignedByte()).as("frame end").isEqualTo(0xCE);
    return header;
  }

  /** Expects connection.close with that code. */
  void expectConnectionClose(int replyCode) throws IOException {
    Method close = expect(10, 50);
    int code = (close.arguments()[0] & 0xFF) << 8 | close.arguments()[1] & 0xFF;
    assertThat(code).isEqualTo(replyCode);
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
