package io.carrick.transport;

import java.io.IOException;
import java.net.SocketAddress;

/**
 * A listening socket. Confined to one loop. It tells its {@link Listener} who has come, and what
 * has failed.
 */
interface Acceptor {

  int BACKLOG = 1_024;

  /**
   * Binds and accepts.
   *
   * @return the address at which users find it
   */
  SocketAddress open(SocketAddress wanted) throws IOException;

  /** Accepts, or stops to. */
  void accepting(boolean on);

  void close();
}
