package io.carrick.transport;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.spi.Loop.Timer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who may be connected to one endpoint, and for how long without a login. Thread-safe: connections
 * of all loops pass it.
 */
final class ConnectionGate {

  private final AtomicInteger inside = new AtomicInteger();
  private final int capacity;
  private final long connectTimeoutMs;

  ConnectionGate(Limits limits) {
    capacity = limits.count(Limit.CONNECTIONS);
    connectTimeoutMs = limits.value(Limit.CONNECT_TIMEOUT_MS);
  }

  /** Takes a place, if one is free. */
  boolean enter() {
    if (inside.incrementAndGet() > capacity) {
      inside.decrementAndGet();
      return false;
    }
    return true;
  }

  /**
   * Gives a place back.
   *
   * @return whether nobody is left
   */
  boolean leave() {
    return inside.decrementAndGet() == 0;
  }

  boolean isEmpty() {
    return inside.get() == 0;
  }

  /** Starts the time that a new connection has for its login. */
  Timer startLogin(Connection connection) {
    return connection
        .loop()
        .schedule(connectTimeoutMs, () -> connection.close(EndReason.CONNECT_TIMEOUT));
  }
}
