package io.carrick.transport;

import io.netty.buffer.ByteBuf;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the bytes of one connection reach its peer. Confined to the connection's loop, except for
 * {@link #open} and what is asked about the address.
 *
 * <p>It tells its {@link Connection} that it was opened, what it has received, that it takes bytes
 * again, that it has failed, and that it is gone.
 */
interface ConnectionSocket {

  /** Joins the connection's loop and begins to read. Called once, from any loop. */
  void open(ConnectionHandler.Factory handlers);

  /** Returns the peer's address, null if it has none that people know. Thread-safe. */
  @Nullable SocketAddress remoteAddress();

  /** Returns the certificates that the peer has shown, its own first; none without TLS. */
  default List<X509Certificate> peerCertificates() {
    return List.of();
  }

  /** Reads, or stops to. */
  void reading(boolean on);

  /** Returns whether it is of use to give it more. */
  boolean writable();

  /** Takes bytes, and the reference to them, that the next flush sends. */
  void write(ByteBuf bytes);

  /** Sends what the system takes at once; the rest follows when it takes more. */
  void flush();

  /** Returns how many bytes were given to it and not yet to the system. */
  long pendingBytes();

  /** Ends our direction once everything is sent, and tells {@link Connection#ended}. */
  void end();

  /** Closes at once. The connection is told that it is gone before this returns, or soon after. */
  void close();
}
