package io.carrick.mqtt;

import io.carrick.mqtt.codec.ReasonCode;
import io.carrick.spi.Loop.Timer;
import io.carrick.transport.Connection;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection that has been silent for one and a half times its keep-alive [MQTT-3.1.2-24].
 * It looks only when the time may have come, so a busy connection costs nothing. Confined to the
 * connection's loop.
 */
final class KeepAlive implements Runnable {

  private final MqttConnection owner;
  private final int keepAliveSeconds;
  private Timer timer = () -> {};

  private KeepAlive(MqttConnection owner, int keepAliveSeconds) {
    this.owner = owner;
    this.keepAliveSeconds = keepAliveSeconds;
  }

  /**
   * Starts to watch.
   *
   * @param keepAliveSeconds more than 0: a client with 0 wants none
   */
  static KeepAlive start(MqttConnection owner, int keepAliveSeconds) {
    var keepAlive = new KeepAlive(owner, keepAliveSeconds);
    keepAlive.lookIn(keepAlive.limitMs());
    return keepAlive;
  }

  private long limitMs() {
    return keepAliveSeconds * 1_500L;
  }

  private void lookIn(long delayMs) {
    timer = owner.connection.loop().schedule(delayMs, this);
  }

  /** Looks whether the client has been heard. */
  @Override
  public void run() {
    Connection connection = owner.connection;
    long silentNanos = connection.loop().nanoTime() - connection.lastReadNanos();
    long leftMs = limitMs() - TimeUnit.NANOSECONDS.toMillis(silentNanos);
    if (leftMs > 0) {
      lookIn(leftMs);
    } else if (!connection.reading()) {
      // While we do not read we cannot know: the deadline is suspended.
      lookIn(limitMs());
    } else {
      owner.close(ReasonCode.KEEP_ALIVE_TIMEOUT, "keep alive expired");
    }
  }

  void stop() {
    timer.cancel();
  }
}
