package io.carrick.examples;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttException;

/** Lets the devices publish at an even rate and waits for the rest. Confined to one thread. */
final class DemoRun {

  private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long PATIENCE_SECONDS = 10;
  private static final long LOOK_MS = 10;

  private final Fleet fleet;
  private final Tally tally;
  private final PrintStream out;

  /** Never counted down: waiting for it is waiting for time to pass. */
  private final CountDownLatch never = new CountDownLatch(1);

  private long startNanos;
  private long toldSeconds;

  DemoRun(Fleet fleet, Tally tally, PrintStream out) {
    this.fleet = fleet;
    this.tally = tally;
    this.out = out;
  }

  /**
   * Publishes, then waits until everything has arrived or nothing has for ten seconds.
   *
   * @return whether everything has arrived
   */
  boolean publish(int seconds, int rate) throws MqttException, InterruptedException {
    startNanos = tally.nanos();
    long total = (long) seconds * rate * fleet.size();
    long perReadingNanos = NANOS_PER_SECOND / ((long) rate * fleet.size());
    for (long i = 0; i < total; i++) {
      waitUntil(startNanos + i * perReadingNanos);
      Device device = fleet.device((int) (i % fleet.size()));
      while (!device.publish((int) (i / fleet.size()))) {
        waitUntil(tally.nanos() + TimeUnit.MILLISECONDS.toNanos(1));
      }
    }
    boolean complete = waitForTheRest();
    progress(Math.round((double) sinceStart() / NANOS_PER_SECOND));
    return complete;
  }

  private boolean waitForTheRest() throws InterruptedException {
    long receivedBefore = -1;
    long patienceEnds = 0;
    while (!tally.nothingLost()) {
      if (tally.received() != receivedBefore) {
        receivedBefore = tally.received();
        patienceEnds = tally.nanos() + PATIENCE_SECONDS * NANOS_PER_SECOND;
      } else if (tally.nanos() > patienceEnds) {
        return false;
      }
      waitUntil(tally.nanos() + TimeUnit.MILLISECONDS.toNanos(LOOK_MS));
    }
    return true;
  }

  private void waitUntil(long dueNanos) throws InterruptedException {
    long wait = dueNanos - tally.nanos();
    if (wait > 0 && never.await(wait, TimeUnit.NANOSECONDS)) {
      throw new IllegalStateException("nobody counts this down");
    }
    progress(sinceStart() / NANOS_PER_SECOND);
  }

  private long sinceStart() {
    return tally.nanos() - startNanos;
  }

  /** Prints a line for each second that has passed. */
  private void progress(long seconds) {
    if (seconds > toldSeconds) {
      toldSeconds = seconds;
      out.println(tally.progress(seconds));
    }
  }
}
