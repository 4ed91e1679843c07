package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPipeline;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is spoken between a channel and its connection's protocol, the first to be spoken first: the
 * PROXY protocol, TLS, WebSocket. Confined to the connection's loop, except for what is asked about
 * the address.
 *
 * <p>As long as one of them is not through, the connection has a place among the handshakes of its
 * endpoint. Nothing here waits for the peer by itself: the connection's own deadlines do.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class Layers {

  private final Connection connection;
  private final Channel channel;
  private final @Nullable ProxyLayer proxy;
  private final @Nullable TlsLayer tls;
  private final @Nullable WebSocketLayer webSocket;

  /** Whether all are spoken. */
  private boolean through;

  private @Nullable HandshakeFailure failure;

  private Layers(Connection connection, Channel channel) {
    this.connection = connection;
    this.channel = channel;
    TransportEndpoint endpoint = connection.endpoint();
    TlsEndpoint secured = endpoint.tls();
    WebSocketEndpoint upgraded = endpoint.webSocket();
    this.proxy = endpoint.proxyProtocol() ? new ProxyLayer(this, connection) : null;
    this.tls = secured == null ? null : new TlsLayer(secured, this, connection, channel);
    this.webSocket =
        upgraded == null ? null : new WebSocketLayer(upgraded, this, connection, channel);
  }

  /** Returns the layers of a connection, null if its protocol is all that is spoken. */
  static @Nullable Layers of(Connection connection, Channel channel) {
    return connection.endpoint().layered() ? new Layers(connection, channel) : null;
  }

  void addTo(ChannelPipeline pipeline) {
    pipeline.addLast(new PauseGate());
    if (proxy != null) {
      proxy.addTo(pipeline);
    }
    if (tls != null) {
      tls.addTo(pipeline);
    }
    if (webSocket != null) {
      webSocket.addTo(pipeline);
    }
  }

  /** The connection has begun. */
  void opened() {
    if (tls != null) {
      tls.opened();
    }
    if (webSocket != null) {
      webSocket.opened();
    }
  }

  // ---- handshakes

  boolean shaking() {
    return !through;
  }

  /** One of them is spoken. */
  void established() {
    boolean waiting =
        (proxy != null && proxy.shaking())
            || (tls != null && tls.shaking())
            || (webSocket != null && webSocket.shaking());
    if (!through && !waiting) {
      through = true;
      connection.endpoint().gate().endHandshake();
      connection.counters().handshakes.add();
    }
  }

  /** One of them is not to be spoken with this peer, and the channel ends for that. */
  void failed(HandshakeFailure why, String what) {
    if (!through && failure == null) {
      failure = why;
      connection.endpoint().log().debug("{}: {}", connection, what);
      connection.endsBecause(EndReason.HANDSHAKE);
    }
  }

  /** Returns whether it ends by itself, having said why. */
  boolean hasFailed() {
    return failure != null;
  }

  /** The channel is closed. */
  void gone(boolean opened, EndReason reason) {
    if (tls != null) {
      tls.gone(opened);
    }
    if (webSocket != null) {
      webSocket.gone(opened);
    }
    if (!through) {
      through = true;
      connection.endpoint().gate().endHandshake();
      HandshakeFailure known = failure;
      connection.counters().handshakeFailed(known == null ? failure(reason) : known).add();
    }
  }

  private static HandshakeFailure failure(EndReason reason) {
    return switch (reason) {
      case CONNECT_TIMEOUT -> HandshakeFailure.TIMEOUT;
      case PEER -> HandshakeFailure.GONE;
      default -> HandshakeFailure.OTHER;
    };
  }

  // ---- what the socket asks

  /** Returns the address that a proxy has named, else the channel's. Thread-safe. */
  @Nullable SocketAddress remoteAddress() {
    SocketAddress named = proxy == null ? null : proxy.named();
    return named == null ? channel.remoteAddress() : named;
  }

  List<X509Certificate> peerCertificates() {
    return tls == null ? List.of() : tls.peerCertificates();
  }

  /** Returns where the next read goes. */
  ByteBuf readInto() {
    if (tls != null) {
      return tls.readInto();
    }
    return webSocket == null ? connection.readInto() : connection.nettyLoop().receiveBuffer();
  }

  /** Returns whether what the channel holds is not yet what is sent. */
  boolean encrypts() {
    return tls != null;
  }

  /**
   * Hears what Netty's handlers tell.
   *
   * @return whether the peer sends nothing more
   */
  boolean event(Object event) {
    return tls != null && tls.event(event);
  }

  /** Returns whether there is nobody yet to say goodbye to. */
  boolean silent() {
    return !through && (webSocket == null || !webSocket.refused());
  }

  /** Says goodbye behind everything that was written. */
  ChannelFuture end() {
    if (webSocket != null && webSocket.open()) {
      ChannelFuture said = webSocket.end();
      return peerAnswersEnd() || tls == null ? said : tls.end();
    }
    return tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.end();
  }

  /** Returns whether the peer answers our goodbye with its own, on a channel that is as it was. */
  boolean peerAnswersEnd() {
    return webSocket != null && webSocket.open() && !webSocket.failed();
  }

  /** Closes at once; the peer hears a goodbye if nothing is in its way. */
  void close(boolean everythingSent) {
    if (webSocket != null) {
      webSocket.close(everythingSent);
    }
    if (tls == null) {
      channel.close();
    } else {
      tls.close(everythingSent);
    }
  }
}
