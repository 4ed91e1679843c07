package io.carrick.transport;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/**
 * The two clocks of a group of loops. Thread-safe. The only place that asks the system for time.
 */
abstract class LoopClock implements Ticker {

  /** Returns the clock of this machine. */
  static LoopClock real() {
    return new Real();
  }

  /** Returns wall time in milliseconds since 1970. */
  abstract long wallTimeMs();

  /** Returns whether time passes by itself, so that a sleeping loop must wake for its timers. */
  abstract boolean passes();

  @Override
  public void sleep(long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("loops wait for I/O, they do not sleep");
  }

  private static final class Real extends LoopClock {

    private final long origin = System.nanoTime();

    @Override
    public long initialNanoTime() {
      return origin;
    }

    @Override
    public long nanoTime() {
      return System.nanoTime() - origin;
    }

    @Override
    long wallTimeMs() {
      return System.currentTimeMillis();
    }

    @Override
    boolean passes() {
      return true;
    }
  }
}
