package io.carrick.transport;

import io.carrick.Endpoint;
import io.carrick.WebSocket;
import io.carrick.spi.LoopGroup;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;

/** A way from a client to the broker. What holds on one holds on all. Immutable. */
enum Wire {
  PLAIN,
  PLAIN_NIO,
  TLS,
  WEB_SOCKET,
  WEB_SOCKET_NIO,
  WEB_SOCKET_TLS,
  PROXIED,
  PROXIED_TLS,
  UNIX;

  /** Returns all that this machine has. */
  static Stream<Wire> here() {
    return Arrays.stream(values()).filter(wire -> wire != UNIX || Epoll.isAvailable());
  }

  private boolean has(String word) {
    return name().contains(word);
  }

  LoopGroup.Factory loops() {
    if (!has("NIO")) {
      return NettyLoops.factory();
    }
    return prefix -> {
      Sockets sockets = new Sockets.NioSockets();
      var loops = NettyLoops.make(2, LoopClock.real(), sockets, LoopActivity.UNWATCHED);
      return new NettyLoops(loops, sockets, ThreadRunner.start(loops, prefix));
    };
  }

  TransportEndpoint bind(TestContext context, ConnectionHandler.Factory handlers)
      throws IOException {
    Endpoint where = this == UNIX ? Endpoint.onUnixSocket(newFile()) : Endpoint.onAnyPort();
    if (has("TLS")) {
      where = where.tls(Certificates.server());
    }
    if (has("WEB_SOCKET")) {
      where = where.webSocket(WebSocket.atUsualPath());
    }
    return context.bind(where.proxyProtocol(has("PROXIED")), handlers);
  }

  private static Path newFile() throws IOException {
    Path file = Files.createTempFile("carrick", ".sock");
    Files.delete(file);
    return file;
  }

  /** Returns a connection on which nothing was said yet. */
  Socket bare(TransportEndpoint endpoint) throws IOException {
    return this == UNIX
        ? new UnixClient(Path.of(endpoint.place()))
        : new Socket(endpoint.address().getAddress(), endpoint.address().getPort());
  }

  Socket connect(TransportEndpoint endpoint) throws IOException {
    Socket socket = bare(endpoint);
    if (has("PROXIED")) {
      String header = "PROXY TCP4 127.0.0.9 127.0.0.1 " + socket.getLocalPort() + " 1\r\n";
      socket.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));
    }
    if (has("TLS")) {
      SSLSocket secured = OverTls.over(socket, OverTls.CLIENT);
      secured.startHandshake();
      socket = secured;
    }
    return has("WEB_SOCKET") ? new FramedSocket(socket) : socket;
  }

  /** Returns how the broker names a client, for people. */
  String address(TransportEndpoint endpoint, Socket client) {
    return this == UNIX
        ? "unix:" + endpoint.place()
        : (has("PROXIED") ? "127.0.0.9:" : "127.0.0.1:") + client.getLocalPort();
  }
}
