package io.carrick.transport;

import io.carrick.Endpoint;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.NotFoundException;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.BoundEndpoint;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port of an adapter, or a Unix socket. Thread-safe. */
public final class TransportEndpoint implements BoundEndpoint {

  private static final String LOOPBACK = "127.0.0.1";

  private final String protocol;
  private final String name;

  /** For people: where it listens. */
  private final String place;

  private final Logger log;
  private final NettyLoops loops;
  private final Limits limits;
  private final long outputBytes;
  private final long writeTimeoutMs;
  private final long closeTimeoutMs;
  private final TransportCounters counters;
  private final ConnectionGate gate;
  private final @Nullable TlsEndpoint tls;
  private final @Nullable WebSocketEndpoint webSocket;
  private final boolean proxyProtocol;
  private final @Nullable CertificateWatch certificateWatch;
  private final Listener listener;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile boolean accepting = true;
  private volatile boolean closing;

  private TransportEndpoint(
      String protocol,
      Endpoint where,
      SocketAddress wanted,
      AdapterContext context,
      NettyLoops loops,
      ConnectionHandler.Factory handlers)
      throws IOException {
    this.protocol = protocol;
    this.name = where.name().orElse(protocol);
    this.place = text(wanted);
    this.log = LoggerFactory.getLogger("io.carrick." + protocol);
    this.loops = loops;
    this.limits = context.limits();
    this.outputBytes = limits.value(Limit.OUTPUT_BYTES);
    this.writeTimeoutMs = limits.value(Limit.WRITE_TIMEOUT_MS);
    this.closeTimeoutMs = limits.value(Limit.CLOSE_TIMEOUT_MS);
    loops.nettyLoops().forEach(loop -> loop.noteIn(context.held(loop)));
    this.counters = new TransportCounters(context.counters());
    this.gate = new ConnectionGate(limits);
    this.tls =
        where.tls().isEmpty()
            ? null
            : new TlsEndpoint(
                where.tls().get(),
                name,
                context.workers(),
                log,
                loops.nettyLoops().get(0)::wallTimeMs);
    this.webSocket =
        where.webSocket().isEmpty()
            ? null
            : new WebSocketEndpoint(where.webSocket().get(), protocol, limits);
    this.proxyProtocol = where.proxyProtocol();
    this.certificateWatch =
        tls == null ? null : new CertificateWatch(tls, loops.nettyLoops().get(0));
    this.listener = Listener.bind(this, loops, wanted, handlers);
    if (certificateWatch != null) {
      certificateWatch.begin();
    }
  }

  /**
   * Binds a port, or a Unix socket, and accepts connections, which are spread over the broker's
   * loops.
   *
   * @param protocol the adapter's name, in log categories and messages, and the endpoint's name if
   *     it has none
   * @param where its virtual host is the adapter's business; without an address it is this
   *     machine's loopback
   * @throws IOException when the port cannot be bound or the certificates cannot be used, with a
   *     message fit for a user
   * @throws IllegalArgumentException unless the broker's loops are {@link NettyLoops}
   */
  public static TransportEndpoint bind(
      String protocol, Endpoint where, AdapterContext context, ConnectionHandler.Factory handlers)
      throws IOException {
    if (!(context.loops() instanceof NettyLoops loops)) {
      throw new IllegalArgumentException(
          "adapter " + protocol + " needs the loops of NettyLoops, not " + context.loops());
    }
    return new TransportEndpoint(protocol, where, wanted(where), context, loops, handlers);
  }

  private static SocketAddress wanted(Endpoint where) throws IOException {
    if (where.unixSocket().isPresent()) {
      Path file = where.unixSocket().get().toAbsolutePath();
      UnixSocketFile.makeRoom(file);
      return new DomainSocketAddress(file.toFile());
    }
    String host = where.host().orElse(LOOPBACK);
    try {
      return new InetSocketAddress(InetAddress.getByName(host), where.port());
    } catch (UnknownHostException e) {
      throw new IOException("cannot listen on " + host + ":" + where.port() + ": unknown host", e);
    }
  }

  private static String text(SocketAddress wanted) {
    return wanted instanceof InetSocketAddress inet
        ? inet.getHostString() + ":" + inet.getPort()
        : wanted.toString();
  }

  /**
   * Binds several ports as {@link #bind} does, or none: if one cannot be bound, those before it are
   * closed again.
   *
   * @param handlers makes the protocol state of an endpoint's connections
   */
  public static List<BoundEndpoint> bindAll(
      String protocol,
      List<Endpoint> all,
      AdapterContext context,
      Function<Endpoint, ConnectionHandler.Factory> handlers)
      throws IOException {
    List<BoundEndpoint> bound = new ArrayList<>();
    boolean complete = false;
    try {
      for (Endpoint where : all) {
        bound.add(bind(protocol, where, context, handlers.apply(where)));
      }
      complete = true;
      return List.copyOf(bound);
    } finally {
      if (!complete) {
        bound.forEach(endpoint -> context.loops().await(endpoint.close().toCompletableFuture()));
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public InetSocketAddress address() {
    if (listener.address() instanceof InetSocketAddress inet) {
      return inet;
    }
    throw new NotFoundException("endpoint '" + name + "' has no address: it is at " + place);
  }

  /** Returns where it listens, for people. */
  String place() {
    return place;
  }

  @Override
  public void stopAccepting() {
    accepting = false;
    listener.close();
  }

  @Override
  public void reloadCertificates() throws IOException {
    if (tls != null) {
      tls.reload();
    }
  }

  @Override
  public CompletionStage<Void> close() {
    accepting = false;
    closing = true;
    if (certificateWatch != null) {
      certificateWatch.end();
    }
    for (NettyLoop loop : loops.nettyLoops()) {
      try {
        loop.execute(() -> closeConnections(loop));
      } catch (RejectedExecutionException e) {
        log.debug("{}: a loop had ended and closed its connections before", protocol);
      }
    }
    listener.close().thenRun(this::completeIfEmpty);
    return closed.minimalCompletionStage();
  }

  private void closeConnections(NettyLoop loop) {
    loop.connections().forEach(c -> closeOurs(c, true));
    loop.schedule(closeTimeoutMs, () -> loop.connections().forEach(c -> closeOurs(c, false)));
  }

  private void closeOurs(Connection connection, boolean flush) {
    if (connection.endpoint() != this) {
      return;
    }
    if (flush) {
      connection.closeAfterFlush(EndReason.SHUTDOWN);
    } else {
      connection.close(EndReason.SHUTDOWN);
    }
  }

  // ---- what connections ask

  /** Decides about a connection that was just accepted. */
  boolean admit(Supplier<@Nullable SocketAddress> peer) {
    if (!accepting) {
      return false;
    }
    if (!gate.enter()) {
      counters.refused.add();
      log.debug("{}: refused {}, too many connections", name, peer.get());
      return false;
    }
    if (layered() && !gate.beginHandshake()) {
      gate.leave();
      counters.handshakeFailed(HandshakeFailure.LIMIT).add();
      log.debug("{}: refused {}, too many handshakes", name, peer.get());
      return false;
    }
    return true;
  }

  /** A connection that was admitted is gone. */
  void left() {
    if (gate.leave()) {
      completeIfEmpty();
    }
  }

  private void completeIfEmpty() {
    if (closing && gate.isEmpty() && listener.isClosed()) {
      closed.complete(null);
    }
  }

  String protocol() {
    return protocol;
  }

  Logger log() {
    return log;
  }

  /** Returns the limit of what waits for a peer to take it. */
  long outputBytes() {
    return outputBytes;
  }

  long writeTimeoutMs() {
    return writeTimeoutMs;
  }

  long closeTimeoutMs() {
    return closeTimeoutMs;
  }

  /** Returns whether anything is spoken beneath the protocol. */
  boolean layered() {
    return tls != null || webSocket != null || proxyProtocol;
  }

  /** Returns whether a proxy says where a connection comes from. */
  boolean proxyProtocol() {
    return proxyProtocol;
  }

  /** Returns what its connections share of WebSocket, null without. */
  @Nullable WebSocketEndpoint webSocket() {
    return webSocket;
  }

  /** Returns what its connections share of TLS, null without. */
  @Nullable TlsEndpoint tls() {
    return tls;
  }

  TransportCounters counters() {
    return counters;
  }

  ConnectionGate gate() {
    return gate;
  }
}
