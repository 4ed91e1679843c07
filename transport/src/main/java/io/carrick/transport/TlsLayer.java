package io.carrick.transport;

import io.carrick.spi.HeldBytes.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.Mapping;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** TLS between a channel and its connection. Confined to the connection's loop. */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class TlsLayer {

  /** What the JDK's engine, its session and Netty's handler keep in memory. */
  private static final int MEMORY_BYTES = 12_000;

  /** What a peer says first is not longer; a browser's is a tenth of it. */
  private static final int MOST_HELLO_BYTES = 16 << 10;

  private final TlsEndpoint tls;
  private final Layers layers;
  private final Connection connection;
  private final Channel channel;
  private final TlsContexts contexts;

  /** Null until it is known which host the peer asks for. */
  private @Nullable SslHandler handler;

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
    this.contexts = tls.contexts();
  }

  private SslHandler newHandler(SslContext context, ByteBufAllocator allocator) {
    SslHandler made = context.newHandler(allocator, this::compute);
    made.setHandshakeTimeoutMillis(0);
    made.setCloseNotifyFlushTimeoutMillis(0);
    made.setCloseNotifyReadTimeoutMillis(0);
    handler = made;
    return made;
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
    pipeline.addLast(records);
    Mapping<String, SslContext> byHost = contexts.byHost();
    pipeline.addLast(
        byHost == null ? newHandler(contexts.first(), channel.alloc()) : new Hello(byHost));
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
    SslHandler speaking = handler;
    return speaking == null ? channel.newSucceededFuture() : speaking.closeOutbound();
  }

  /** Closes at once; the peer hears a goodbye if nothing is in its way. */
  void close(boolean everythingSent) {
    if (!shaking && !ended && everythingSent && channel.isActive()) {
      end();
    }
    SslHandler speaking = handler;
    ChannelHandlerContext place = speaking == null ? null : channel.pipeline().context(speaking);
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
    SslHandler speaking = handler;
    if (speaking == null) {
      return List.of();
    }
    try {
      Certificate[] chain = speaking.engine().getSession().getPeerCertificates();
      return Stream.of(chain).map(X509Certificate.class::cast).toList();
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  /** Reads which host the peer asks for, in its first words. Confined to the connection's loop. */
  private final class Hello extends SniHandler {

    Hello(Mapping<String, SslContext> byHost) {
      super(byHost, MOST_HELLO_BYTES, 0); // without a timer of Netty's
    }

    @Override
    protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
      return newHandler(context, allocator);
    }
  }

  private void note(int bytes) {
    connection.nettyLoop().held().add(Kind.CONNECTIONS, bytes);
  }
}
