package io.carrick.transport;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.spi.Loop.Timer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who may be connected to one endpoint, for how long without a login, and how many may be shaking
 * hands for what is beneath the protocol. Thread-safe: connections of all loops pass it.
 */
final class ConnectionGate {

  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger shaking = new AtomicInteger();
  private final int capacity;
  private final int mostShaking;
  private final long connectTimeoutMs;

  ConnectionGate(Limits limits) {
    capacity = limits.count(Limit.CONNECTIONS);
    mostShaking = limits.count(Limit.HANDSHAKES);
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

  /** Takes a place for a handshake, if one is free. */
  boolean beginHandshake() {
    if (shaking.incrementAndGet() > mostShaking) {
      shaking.decrementAndGet();
      return false;
    }
    return true;
  }

  /** A handshake is over, well or not. */
  void endHandshake() {
    shaking.decrementAndGet();
  }

  /** Starts the time that a new connection has for its login. */
  Timer startLogin(Connection connection) {
    return connection
        .loop()
        .schedule(connectTimeoutMs, () -> connection.close(EndReason.CONNECT_TIMEOUT));
  }
}
