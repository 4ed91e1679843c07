package io.carrick.transport;

import io.carrick.spi.HeldBytes.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;

/** TLS between a channel and its connection. Confined to the connection's loop. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class TlsLayer {

  /** What the JDK's engine, its session and Netty's handler keep in memory. */
  private static final int MEMORY_BYTES = 12_000;

  private final TlsEndpoint tls;
  private final Layers layers;
  private final Connection connection;
  private final Channel channel;
  private final SslHandler handler;
  private final TlsRecords records;
  private boolean shaking = true;
  private boolean ended;

  /** Read by workers as well. */
  private volatile boolean gone;

  TlsLayer(TlsEndpoint tls, Layers layers, Connection connection, Channel channel) {
    this.tls = tls;
    this.layers = layers;
    this.connection = connection;
    this.channel = channel;
    this.records = new TlsRecords(connection);
    this.handler = tls.context().newHandler(channel.alloc(), this::compute);
    handler.setHandshakeTimeoutMillis(0);
    handler.setCloseNotifyFlushTimeoutMillis(0);
    handler.setCloseNotifyReadTimeoutMillis(0);
  }

  /** In a worker, when it is its turn: a peer that has gone until then needs no mathematics. */
  private void compute(Runnable task) {
    tls.handshakeWork()
        .execute(
            () -> {
              if (!gone) {
                task.run();
              }
            });
  }

  void addTo(ChannelPipeline pipeline) {
    pipeline.addLast(records, handler);
  }

  /** The connection has begun. */
  void opened() {
    note(MEMORY_BYTES);
  }

  ByteBuf readInto() {
    return records.readInto();
  }

  /**
   * Hears what Netty's handler tells.
   *
   * @return whether the peer sends nothing more
   */
  boolean event(Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        established();
      } else if (shaking) { // Netty's handler sends its alert behind this, and closes
        Throwable cause = handshake.cause();
        layers.failed(HandshakeFailure.of(cause), "no TLS: " + cause);
      }
    }
    return event instanceof SslCloseCompletionEvent;
  }

  private void established() {
    if (shaking) {
      shaking = false;
      records.established();
      layers.established();
    }
  }

  boolean shaking() {
    return shaking;
  }

  /** Says goodbye behind everything that was written. */
  ChannelFuture end() {
    ended = true;
    return handler.closeOutbound();
  }

  /** Closes at once; the peer hears a goodbye if nothing is in its way. */
  void close(boolean everythingSent) {
    if (!shaking && !ended && everythingSent && channel.isActive()) {
      end();
    }
    ChannelHandlerContext place = channel.pipeline().context(handler);
    if (place == null) {
      channel.close();
    } else {
      place.close(); // past the handler, which would wait for the peer
    }
  }

  /** The channel is closed. */
  void gone(boolean opened) {
    gone = true;
    shaking = false;
    records.gone();
    if (opened) {
      note(-MEMORY_BYTES);
    }
  }

  /** Returns the certificate that the peer has proved to be its own, and what else it has sent. */
  List<X509Certificate> peerCertificates() {
    try {
      Certificate[] chain = handler.engine().getSession().getPeerCertificates();
      return Stream.of(chain).map(X509Certificate.class::cast).toList();
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  private void note(int bytes) {
    connection.nettyLoop().held().add(Kind.CONNECTIONS, bytes);
  }
}
