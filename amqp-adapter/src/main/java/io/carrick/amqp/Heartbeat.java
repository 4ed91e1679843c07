package io.carrick.amqp;

import io.carrick.spi.Loop;
import io.carrick.transport.Connection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Says that we are there, and watches that the peer is. AMQP 0-9-1 §4.2.7. Confined to the event
 * loop of its connection.
 */
final class Heartbeat {

  private final Connection connection;
  private final FrameOutput output;
  private final Runnable missed;
  private final Runnable tick = this::tick;
  private long halfMs;
  private long deadNanos;
  private long quietSinceNanos;
  private Loop.@Nullable Timer timer;

  /**
   * Makes one that has not started.
   *
   * @param missed runs when nothing was heard of the peer, before the connection closes
   */
  Heartbeat(Connection connection, FrameOutput output, Runnable missed) {
    this.connection = connection;
    this.output = output;
    this.missed = missed;
  }

  /** Starts both ways. */
  void start(int seconds) {
    if (seconds > 0) {
      halfMs = TimeUnit.SECONDS.toMillis(seconds) / 2;
      deadNanos = TimeUnit.SECONDS.toNanos(2L * seconds);
      quietSinceNanos = connection.loop().nanoTime();
      schedule();
    }
  }

  private void schedule() {
    timer = connection.loop().schedule(halfMs, tick);
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void tick() {
    long now = connection.loop().nanoTime();
    long heard = connection.lastReadNanos();
    if (!connection.reading() || heard - quietSinceNanos > 0) {
      // While we do not read, the peer cannot be heard: its time starts anew.
      quietSinceNanos = connection.reading() ? heard : now;
    }
    if (now - quietSinceNanos >= deadNanos) {
      missed.run();
      connection.close();
      return;
    }
    if (!output.wroteSinceAsked()) {
      output.heartbeat();
      output.wroteSinceAsked();
    }
    schedule();
  }
}
