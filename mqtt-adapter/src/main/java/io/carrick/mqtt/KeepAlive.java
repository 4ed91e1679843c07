package io.carrick.mqtt;

import io.carrick.spi.Loop.Timer;
import io.carrick.transport.Connection;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection that has been silent for one and a half times its keep-alive [MQTT-3.1.2-24].
 * It looks only when the time may have come, so a busy connection costs nothing. Confined to the
 * connection's loop.
 */
final class KeepAlive {

  private final Connection connection;
  private final Runnable expired;
  private final long limitMs;
  private Timer timer = () -> {};

  private KeepAlive(Connection connection, int keepAliveSeconds, Runnable expired) {
    this.connection = connection;
    this.expired = expired;
    this.limitMs = keepAliveSeconds * 1_500L;
  }

  /**
   * Starts to watch.
   *
   * @param keepAliveSeconds more than 0: a client with 0 wants none
   */
  static KeepAlive start(Connection connection, int keepAliveSeconds, Runnable expired) {
    var keepAlive = new KeepAlive(connection, keepAliveSeconds, expired);
    keepAlive.lookIn(keepAlive.limitMs);
    return keepAlive;
  }

  private void lookIn(long delayMs) {
    timer = connection.loop().schedule(delayMs, this::look);
  }

  private void look() {
    long silentNanos = connection.loop().nanoTime() - connection.lastReadNanos();
    long leftMs = limitMs - TimeUnit.NANOSECONDS.toMillis(silentNanos);
    if (leftMs > 0) {
      lookIn(leftMs);
    } else if (!connection.reading()) {
      // While we do not read we cannot know: the deadline is suspended.
      lookIn(limitMs);
    } else {
      expired.run();
    }
  }

  void stop() {
    timer.cancel();
  }
}
