package io.carrick.transport;

import io.carrick.spi.HeldBytes.Kind;
import io.carrick.spi.Loop;
import io.carrick.spi.Loop.Timer;
import io.carrick.spi.LoopGroup;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** A peer's connection. Confined to its loop: every method is called there. */
public final class Connection {

  /** How long a peer may say nothing and not close its side after we have said goodbye. */
  private static final long LINGER_MS = 250;

  /** What an idle connection needs in memory, its protocol's state included. */
  private static final int MEMORY_BYTES = 1_200;

  /** From everything works to the socket is closed; it only moves forward. */
  private enum State {
    OPEN,
    /** Writes what is left, reads nothing more. */
    ENDING,
    /** Has written everything and waits for the peer to close. */
    LINGERING,
    CLOSED
  }

  @Nullable Connection previous;
  @Nullable Connection next;

  private final TransportEndpoint endpoint;
  private final NettyLoop loop;
  private final ConnectionSocket socket;
  private final InputBuffer input;
  private @Nullable OutputBuffer output;
  private @Nullable ConnectionHandler handler;
  private @Nullable Timer deadline;
  private State state = State.OPEN;

  /** Whether the peer has closed its direction. */
  private boolean peerLeaves;

  private EndReason reason = EndReason.PEER;

  Connection(
      TransportEndpoint endpoint, NettyLoop loop, Function<Connection, ConnectionSocket> sockets) {
    this.endpoint = endpoint;
    this.loop = loop;
    this.input = new InputBuffer(this);
    this.socket = sockets.apply(this);
  }

  /** Returns the loop that this connection is confined to. */
  public Loop loop() {
    return loop;
  }

  /**
   * Returns the peer's address for people, such as {@code 127.0.0.1:54321}: the one that a proxy
   * has named, where proxies do; of a Unix socket its own.
   */
  public String remoteAddress() {
    SocketAddress peer = socket.remoteAddress();
    if (peer instanceof InetSocketAddress inet) {
      InetAddress address = inet.getAddress();
      return address == null
          ? inet.getHostString()
          : address.getHostAddress() + ":" + inet.getPort();
    }
    return peer instanceof DomainSocketAddress ? "unix:" + endpoint.place() : "in-jvm";
  }

  /** Returns whether the peer is on this machine, as far as we know. */
  public boolean remoteLoopback() {
    return !(socket.remoteAddress() instanceof InetSocketAddress inet)
        || (inet.getAddress() != null && inet.getAddress().isLoopbackAddress());
  }

  /**
   * Returns the certificates with which the peer has proved over TLS who it is: its own, then those
   * that it has sent of whoever signed it. Empty without; there is none before the first bytes have
   * come.
   */
  public List<X509Certificate> peerCertificates() {
    return socket.peerCertificates();
  }

  /** Returns what is to be written, for use at once: it is another one some other time. */
  public OutputBuffer output() {
    OutputBuffer lent = output;
    if (lent == null) {
      lent = loop.lendOutput(this);
      output = lent;
    }
    return lent;
  }

  /** Returns how many bytes were written to {@link #output} and the socket has not taken yet. */
  public long pendingBytes() {
    return output == null ? 0 : output.pendingBytes();
  }

  /** Ends the time that {@link io.carrick.Limit#CONNECT_TIMEOUT_MS} gives for the login. */
  public void loggedIn() {
    if (state == State.OPEN && !peerLeaves) {
      cancelDeadline();
    }
  }

  /** Returns whether the time for the login is running. */
  boolean awaitsLogin() {
    return deadline != null;
  }

  /** Stops reading until {@link #resumeReading()} was called as often as this. */
  public void pauseReading() {
    input.pause();
  }

  /**
   * Takes one pause back; with the last one, unread bytes are presented again, at the end of this
   * turn at the latest, and the socket is read.
   */
  public void resumeReading() {
    input.resume();
  }

  /** Returns whether the peer is read from: no pause and not closing. */
  public boolean reading() {
    return state == State.OPEN && !input.paused();
  }

  /**
   * Returns whether a handler should leave the frames that follow for a later turn, in which they
   * are presented again: this one has done enough, and others wait. Asked behind each frame.
   */
  public boolean shouldYield() {
    return loop.workedEnough();
  }

  /**
   * Returns the loop's clock when the last bytes were read, or when reading began again after a
   * pause, or when the connection was made.
   */
  public long lastReadNanos() {
    return input.lastReadNanos();
  }

  /**
   * Reads nothing more, writes what is in the output, then closes. {@link
   * io.carrick.Limit#WRITE_TIMEOUT_MS} bounds it.
   */
  public void closeAfterFlush() {
    closeAfterFlush(EndReason.LOCAL);
  }

  /** Closes now; what is not written is lost. */
  public void close() {
    close(EndReason.LOCAL);
  }

  /** Returns whether nothing can be read from or written to the peer any more. */
  public boolean closed() {
    return !sending();
  }

  @Override
  public String toString() {
    return endpoint.protocol() + " connection of " + remoteAddress();
  }

  // ---- what the other classes of a connection ask

  boolean open() {
    return state == State.OPEN;
  }

  boolean sending() {
    return state == State.OPEN || state == State.ENDING;
  }

  NettyLoop nettyLoop() {
    return loop;
  }

  void giveBackOutput() {
    OutputBuffer lent = output;
    if (lent != null) {
      output = null;
      loop.takeBack(lent);
    }
  }

  ConnectionSocket socket() {
    return socket;
  }

  ByteBufAllocator allocator() {
    return ByteBufAllocator.DEFAULT;
  }

  TransportCounters counters() {
    return endpoint.counters();
  }

  TransportEndpoint endpoint() {
    return endpoint;
  }

  void autoRead(boolean on) {
    if (state == State.OPEN) {
      socket.reading(on);
    }
  }

  ByteBuf readInto() {
    return input.readInto();
  }

  // ---- events

  /** The peer is connected: from here on the handler exists, and will be told of the end. */
  void opened(ConnectionHandler.Factory handlers) {
    loop.connections().add(this);
    loop.held().add(Kind.CONNECTIONS, MEMORY_BYTES);
    counters().opened.add();
    deadline = endpoint.gate().startLogin(this);
    try {
      handler = handlers.newHandler(this);
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  void received(ByteBuf bytes) {
    input.received(bytes);
  }

  void handle(ByteBuf in) {
    if (handler == null || loop.hasFailed()) {
      return;
    }
    try {
      handler.onRead(in);
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  /**
   * The peer has closed its direction, behind bytes that may not be read yet. What it has sent is
   * answered, within a bound: it may be gone, and nobody must wait for it.
   */
  void peerLeaves() {
    if (state == State.OPEN && !peerLeaves) {
      peerLeaves = true;
      cancelDeadline();
      deadline = loop.schedule(endpoint.closeTimeoutMs(), () -> close(EndReason.PEER));
    }
  }

  /** Everything that the peer has sent is read. */
  void inputEnded() {
    if (state == State.LINGERING) {
      close(reason);
    } else if (state == State.OPEN) {
      peerLeaves();
      input.ended();
    }
  }

  void handleInputEnd() {
    boolean owes = false;
    try {
      owes = handler != null && handler.onInputEnd();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
    if (!owes) {
      closeAfterFlush(EndReason.PEER);
    }
  }

  void writabilityChanged() {
    if (output != null) {
      output.writabilityChanged();
    }
  }

  void handleWritable(boolean writable) {
    if (handler == null) {
      return;
    }
    try {
      handler.onWritable(writable);
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  /** Ends the connection for something that was thrown: by the network, or by a bug of ours. */
  void failed(Throwable cause) {
    Logger log = endpoint.log();
    if (LoopGroup.isFatal(cause)) {
      loop.fail(cause);
    } else if (cause instanceof IOException) {
      log.debug("{} was lost: {}", this, cause.toString());
      close(EndReason.PEER);
    } else {
      log.error("{} is closed because of an error of ours", this, cause);
      close(EndReason.ERROR);
    }
  }

  void closeAfterFlush(EndReason why) {
    if (state != State.OPEN) {
      return;
    }
    state = State.ENDING;
    reason = peerLeaves && why == EndReason.LOCAL ? EndReason.PEER : why;
    cancelDeadline();
    socket.reading(true); // to see the peer's end
    output().end();
  }

  /**
   * Everything is with the kernel and our direction is closed: waits a moment for the peer to close
   * its own, if it can. Closing a socket with unread bytes resets it, and the peer might lose our
   * last words: so it waits longer for one that goes on talking and may not have read them yet.
   */
  void ended(boolean peerMayFollow) {
    if (state != State.ENDING) {
      return;
    }
    if (!peerMayFollow) {
      close(reason);
      return;
    }
    state = State.LINGERING;
    if (output != null) {
      output.release();
    }
    linger(loop.nanoTime() + TimeUnit.MILLISECONDS.toNanos(endpoint.closeTimeoutMs()));
    loop.atTurnEnd(this::tellClosed);
  }

  private void linger(long mostNanos) {
    long begun = loop.nanoTime();
    deadline =
        loop.schedule(
            LINGER_MS,
            () -> {
              boolean talks = input.lastReadNanos() - begun > 0;
              if (talks && loop.nanoTime() - mostNanos < 0) {
                linger(mostNanos);
              } else {
                close(reason);
              }
            });
  }

  void close(EndReason why) {
    if (state == State.CLOSED) {
      return;
    }
    if (state != State.LINGERING) {
      reason = why;
    }
    state = State.CLOSED;
    socket.close();
  }

  /** Says why the socket is about to end by itself. */
  void endsBecause(EndReason why) {
    if (state == State.OPEN) {
      reason = why;
    }
  }

  EndReason endReason() {
    return reason;
  }

  /** The end, told once by the socket. */
  void gone() {
    state = State.CLOSED;
    cancelDeadline();
    if (output != null) {
      output.gone();
    }
    loop.atTurnEnd(this::forget);
  }

  private void forget() {
    input.release();
    loop.held().add(Kind.CONNECTIONS, -MEMORY_BYTES);
    loop.connections().remove(this);
    counters().closed(reason).add();
    tellClosed();
    endpoint.left();
  }

  private void tellClosed() {
    ConnectionHandler told = handler;
    handler = null;
    if (told != null) {
      try {
        told.onClosed();
      } catch (RuntimeException | Error e) {
        loop.failed(e, this + " could not be cleaned up");
      }
    }
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel();
      deadline = null;
    }
  }
}
