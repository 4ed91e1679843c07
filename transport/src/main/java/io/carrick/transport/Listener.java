package io.carrick.transport;

import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The listening socket of an endpoint, in one loop; it spreads connections over all. Confined to
 * that loop, except for {@link #close}.
 */
final class Listener {

  /** How long nothing is accepted after the system had no resources for it. */
  private static final long BACK_OFF_MS = 1_000;

  private final TransportEndpoint endpoint;
  private final NettyLoops loops;
  private final NettyLoop home;
  private final ConnectionHandler.Factory handlers;
  private final Acceptor acceptor;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private SocketAddress address;

  private Listener(
      TransportEndpoint endpoint,
      NettyLoops loops,
      SocketAddress wanted,
      ConnectionHandler.Factory handlers)
      throws IOException {
    this.endpoint = endpoint;
    this.loops = loops;
    this.home = loops.nettyLoops().get(0);
    this.handlers = handlers;
    this.address = wanted;
    this.acceptor = newAcceptor(wanted);
  }

  private Acceptor newAcceptor(SocketAddress wanted) throws IOException {
    Sockets sockets = loops.sockets();
    if (wanted instanceof DomainSocketAddress) {
      return sockets.newUnixAcceptor(home, this);
    }
    return endpoint.layered()
        ? sockets.newChannelAcceptor(home, this)
        : sockets.newAcceptor(home, this);
  }

  /** Binds, or fails with a message for the user. Blocks. */
  static Listener bind(
      TransportEndpoint endpoint,
      NettyLoops loops,
      SocketAddress wanted,
      ConnectionHandler.Factory handlers)
      throws IOException {
    var listener = new Listener(endpoint, loops, wanted, handlers);
    var failure = new CompletableFuture<String>();
    listener.home.execute(() -> listener.bindInLoop(wanted, failure));
    String problem = loops.await(failure);
    if (!problem.isEmpty()) {
      throw new IOException("cannot listen on " + endpoint.place() + ": " + problem);
    }
    return listener;
  }

  private void bindInLoop(SocketAddress wanted, CompletableFuture<String> failure) {
    try {
      home.acceptors().add(acceptor);
      address = acceptor.open(wanted);
      failure.complete("");
    } catch (IOException e) {
      home.acceptors().remove(acceptor);
      acceptor.close();
      String text = String.valueOf(e.getMessage());
      failure.complete(text.substring(text.lastIndexOf(": ") + 1).strip());
    }
  }

  SocketAddress address() {
    return address;
  }

  /**
   * Closes the socket. Thread-safe.
   *
   * @return completes when it is closed
   */
  CompletionStage<Void> close() {
    try {
      home.execute(
          () -> {
            home.acceptors().remove(acceptor);
            loops.sockets().released(address);
            acceptor.close();
            closed.complete(null);
          });
    } catch (RejectedExecutionException e) {
      endpoint.log().debug("{}: the loop had ended and closed its listener", endpoint.protocol());
      closed.complete(null);
    }
    return closed;
  }

  boolean isClosed() {
    return closed.isDone();
  }

  // ---- what the acceptor tells

  /** Decides about a peer that was just accepted. */
  boolean admits(Supplier<@Nullable SocketAddress> peer) {
    return endpoint.admit(peer);
  }

  /** A peer was admitted: it becomes a connection of the next loop. */
  void accepted(Function<Connection, ConnectionSocket> socket) {
    new Connection(endpoint, (NettyLoop) loops.next(), socket).socket().open(handlers);
  }

  /** The system could not accept: tries again a little later. */
  void failed(Throwable cause) {
    endpoint
        .log()
        .warn("{}: cannot accept a connection: {}", endpoint.protocol(), cause.toString());
    acceptor.accepting(false);
    home.schedule(BACK_OFF_MS, () -> acceptor.accepting(true));
  }
}
