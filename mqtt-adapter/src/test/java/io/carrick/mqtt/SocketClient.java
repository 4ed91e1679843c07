package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.ServerPackets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;

/**
 * A client over a socket that reads when the test says so and not before. Writing and reading may
 * be two threads' work.
 */
final class SocketClient implements AutoCloseable {

  private static final int DEADLINE_MS = 10_000;

  private final Socket socket = new Socket();
  private final Version version;
  private byte[] unread = {};

  /** A connection whose kernel keeps little of what is not read. */
  SocketClient(InetSocketAddress broker) throws IOException {
    this(broker, Version.MQTT_3_1_1);
  }

  SocketClient(InetSocketAddress broker, Version version) throws IOException {
    this.version = version;
    socket.setReceiveBufferSize(256 << 10);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(DEADLINE_MS);
    socket.connect(broker, DEADLINE_MS);
  }

  static SocketClient clean(InetSocketAddress broker, String clientId) throws IOException {
    var client = new SocketClient(broker);
    client.send(Packets.connect(clientId).keepAlive(0).bytes());
    assertThat(client.next()).isEqualTo("CONNACK 0");
    return client;
  }

  SocketClient subscribe(String filter, int qos) throws IOException {
    send(Packets.subscribe(9, qos, filter));
    assertThat(next()).isEqualTo("SUBACK #9 [" + qos + "]");
    return this;
  }

  void send(byte[]... packets) throws IOException {
    socket.getOutputStream().write(Packets.join(packets));
  }

  /** Sends something and closes its own direction. */
  void sendLast(byte[]... packets) throws IOException {
    send(packets);
    socket.shutdownOutput();
  }

  /** Closes so that the broker sees a reset. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /**
   * Returns the next packet.
   *
   * @throws java.net.SocketTimeoutException when none comes within ten seconds
   */
  String next() throws IOException {
    while (true) {
      int length = ServerPackets.firstLength(unread, unread.length);
      if (length > 0) {
        List<String> words = version.describe(Arrays.copyOf(unread, length));
        unread = Arrays.copyOfRange(unread, length, unread.length);
        return words.get(0);
      }
      byte[] chunk = new byte[64 << 10];
      int count = socket.getInputStream().read(chunk);
      assertThat(count).as("the broker has closed").isPositive();
      unread = Packets.join(unread, Arrays.copyOf(chunk, count));
    }
  }

  /** Returns everything up to the broker's end of the connection. */
  List<String> rest() throws IOException {
    var all = new ByteArrayOutputStream();
    all.writeBytes(unread);
    unread = new byte[0];
    InputStream in = socket.getInputStream();
    in.transferTo(all);
    return version.describe(all.toByteArray());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
