package io.carrick.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.Endpoint;
import io.carrick.Tls;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A port with TLS and clients of it, over sockets, with the JDK's client. */
@Timeout(60)
abstract class OverTls {

  static final SSLContext CLIENT = Certificates.client("ca.crt");

  final VirtualTime time = VirtualTime.overSockets(2);
  final TestContext context = new TestContext(time.loops());
  final BlockingQueue<Mirror> handlers = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    context.close();
  }

  TransportEndpoint bind(Tls tls) throws IOException {
    return context.bind(
        Endpoint.onAnyPort().tls(tls),
        connection -> {
          var handler = new Mirror(connection);
          handlers.add(handler);
          return handler;
        });
  }

  static Socket plain(TransportEndpoint endpoint) throws IOException {
    InetSocketAddress address = endpoint.address();
    return new Socket(address.getAddress(), address.getPort());
  }

  static SSLSocket over(Socket socket, SSLContext client) throws IOException {
    return (SSLSocket)
        client.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
  }

  static SSLSocket connect(TransportEndpoint endpoint, SSLContext client) throws IOException {
    return over(plain(endpoint), client);
  }

  static void echoes(SSLSocket socket) throws IOException {
    socket.getOutputStream().write(42);
    assertThat(socket.getInputStream().read()).isEqualTo(42);
  }

  /** The end of a handshake that the client may believe to have gone well. */
  static void isRefused(SSLSocket socket) {
    assertThatThrownBy(
            () -> {
              socket.startHandshake();
              if (socket.getInputStream().read() < 0) { // TLS 1.3 tells it only now
                throw new SSLException("closed");
              }
            })
        .isInstanceOf(IOException.class);
  }

  void awaitCount(String counter, long count) {
    while (context.count(counter) < count) {
      Thread.onSpinWait();
    }
    assertThat(context.count(counter)).isEqualTo(count);
  }

  /** What is held is let go a moment after the end of a connection was counted. */
  void awaitNothingHeld() {
    while (context.count("held.connections") != 0) {
      Thread.onSpinWait();
    }
  }

  /** Sends back what comes, and a mark when no more does. Confined to its connection's loop. */
  static final class Mirror implements ConnectionHandler {

    final Connection connection;
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    volatile List<String> subjects = List.of();

    Mirror(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void onRead(ByteBuf in) {
      connection.loggedIn();
      subjects =
          connection.peerCertificates().stream()
              .limit(1)
              .map(own -> own.getSubjectX500Principal().getName())
              .toList();
      byte[] bytes = new byte[in.readableBytes()];
      in.readBytes(bytes);
      connection.output().payload(bytes, 0, bytes.length);
    }

    @Override
    public boolean onInputEnd() {
      connection.output().reserve(1).writeByte('!');
      return false;
    }

    @Override
    public void onWritable(boolean writable) {
      events.add(writable ? "writable" : "not writable");
    }

    @Override
    public void onClosed() {}
  }
}
