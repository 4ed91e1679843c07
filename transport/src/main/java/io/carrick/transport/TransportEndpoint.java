package io.carrick.transport;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.ProtocolAdapter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port of an adapter. Thread-safe. */
public final class TransportEndpoint implements ProtocolAdapter.Endpoint {

  private final String protocol;
  private final Logger log;
  private final NettyLoops loops;
  private final Limits limits;
  private final long outputBytes;
  private final long writeTimeoutMs;
  private final long closeTimeoutMs;
  private final TransportCounters counters;
  private final ConnectionGate gate;
  private final Listener listener;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile boolean accepting = true;
  private volatile boolean closing;

  private TransportEndpoint(
      String protocol,
      AdapterContext context,
      NettyLoops loops,
      InetSocketAddress wanted,
      ConnectionHandler.Factory handlers)
      throws IOException {
    this.protocol = protocol;
    this.log = LoggerFactory.getLogger("io.carrick." + protocol);
    this.loops = loops;
    this.limits = context.limits();
    this.outputBytes = limits.value(Limit.OUTPUT_BYTES);
    this.writeTimeoutMs = limits.value(Limit.WRITE_TIMEOUT_MS);
    this.closeTimeoutMs = limits.value(Limit.CLOSE_TIMEOUT_MS);
    loops.nettyLoops().forEach(loop -> loop.noteIn(context.held(loop)));
    this.counters = new TransportCounters(context.counters());
    this.gate = new ConnectionGate(limits);
    this.listener = Listener.bind(this, loops, wanted, handlers);
  }

  /**
   * Binds a port and accepts connections, which are spread over the broker's loops.
   *
   * @param protocol the adapter's name, in log categories and messages
   * @param port 0 for one that the system chooses
   * @throws IOException when the port cannot be bound, with a message fit for a user
   * @throws IllegalArgumentException unless the broker's loops are {@link NettyLoops}
   */
  public static TransportEndpoint bind(
      String protocol,
      String host,
      int port,
      AdapterContext context,
      ConnectionHandler.Factory handlers)
      throws IOException {
    if (!(context.loops() instanceof NettyLoops loops)) {
      throw new IllegalArgumentException(
          "adapter " + protocol + " needs the loops of NettyLoops, not " + context.loops());
    }
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IOException("cannot listen on " + host + ":" + port + ": unknown host", e);
    }
    var wanted = new InetSocketAddress(address, port);
    return new TransportEndpoint(protocol, context, loops, wanted, handlers);
  }

  @Override
  public InetSocketAddress address() {
    return listener.address();
  }

  @Override
  public void stopAccepting() {
    accepting = false;
    listener.close();
  }

  @Override
  public CompletionStage<Void> close() {
    accepting = false;
    closing = true;
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
      log.debug("{}: refused {}, too many connections", protocol, peer.get());
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

  TransportCounters counters() {
    return counters;
  }

  ConnectionGate gate() {
    return gate;
  }
}
