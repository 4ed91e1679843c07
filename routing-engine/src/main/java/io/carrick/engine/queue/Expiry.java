package io.carrick.engine.queue;

import io.carrick.spi.Loop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The age of what is ready in a queue, and of a queue that nobody uses: one timer for each. A queue
 * has none before something in it, or it itself, may grow too old. Confined to the queue's loop.
 */
final class Expiry {

  /** How often it is asked whether what is too old can go where it is to go. */
  private static final long WAIT_MS = 1_000;

  private final Queue queue;
  private final Loop loop;
  private final ReadyMessages ready;
  private Loop.@Nullable Timer headTimer;
  private long headTimerMs;

  /** Whether it looks at the head again in a later turn, which has room for that. */
  private boolean watchesLater;

  /** Whether it takes the next message in a later turn. */
  private boolean goesOnLater;

  private Loop.@Nullable Timer unusedTimer;
  private long lastUsedNanos;

  Expiry(Queue queue, ReadyMessages ready) {
    this.queue = queue;
    this.loop = queue.home().loop();
    this.ready = ready;
  }

  // ---- messages

  /** Takes the next message that is not too old, or null if none is in memory. */
  @Nullable QueuedMessage poll() {
    boolean sent = ready.nextWasSent();
    QueuedMessage m = ready.poll();
    while (m != null && !sent && tooOld(queue.settings().endOf(m.message))) {
      expired(m);
      if (queue.holdsBack()) {
        return null;
      } else if (loop.workedEnough()) {
        goOnLater();
        return null;
      }
      sent = ready.nextWasSent();
      m = ready.poll();
    }
    return m;
  }

  /**
   * Drops what is too old at the head, of each priority if there are some, and looks again when the
   * next one is.
   */
  void watchHead() {
    ready.forEachLevel(this::watchHeadOf);
  }

  private void watchHeadOf(ReadyMessages level) {
    QueuedMessage head = level.peekUnsent();
    while (head != null) {
      if (loop.workedEnough()) {
        watchLater();
        return;
      }
      long end = queue.settings().endOf(head.message);
      if (!tooOld(end)) {
        lookAt(end);
        return;
      }
      if (Departure.mustWait(queue, head.message)) {
        lookAt(loop.wallTimeMs() + WAIT_MS);
        return;
      }
      level.pollUnsent();
      expired(head);
      head = level.peekUnsent();
    }
  }

  /** Whoever waits for a message gets it when what is too old before it has gone. */
  private void goOnLater() {
    if (!goesOnLater) {
      goesOnLater = true;
      loop.continueLater(
          () -> {
            goesOnLater = false;
            queue.arrived();
          });
    }
  }

  private void watchLater() {
    if (!watchesLater) {
      watchesLater = true;
      loop.continueLater(
          () -> {
            watchesLater = false;
            watchHead();
          });
    }
  }

  private void expired(QueuedMessage m) {
    loop.worked(1);
    Departure.discarded(queue, m, Discard.EXPIRED);
  }

  private boolean tooOld(long endMs) {
    return endMs != QueueSettings.FOR_EVER && endMs <= loop.wallTimeMs();
  }

  private void lookAt(long endMs) {
    if (endMs == QueueSettings.FOR_EVER || (headTimer != null && headTimerMs <= endMs)) {
      return;
    }
    if (headTimer != null) {
      headTimer.cancel();
    }
    headTimerMs = endMs;
    headTimer = loop.schedule(Math.max(0, endMs - loop.wallTimeMs()), this::headDue);
  }

  private void headDue() {
    headTimer = null;
    watchHead();
  }

  // ---- the queue

  /** The queue is used now; from here on it may be unused. */
  void used() {
    if (queue.settings().unusedMs() == QueueSettings.FOR_EVER) {
      return;
    }
    lastUsedNanos = loop.nanoTime();
    if (unusedTimer == null) {
      unusedTimer = loop.schedule(queue.settings().unusedMs(), this::unusedDue);
    }
  }

  private void unusedDue() {
    unusedTimer = null;
    long quietMs = TimeUnit.NANOSECONDS.toMillis(loop.nanoTime() - lastUsedNanos);
    if (quietMs < queue.settings().unusedMs()) {
      unusedTimer = loop.schedule(queue.settings().unusedMs() - quietMs, this::unusedDue);
    } else {
      queue.outlived();
    }
  }

  /** Nothing is watched any more, until it is asked for again. */
  void stop() {
    if (headTimer != null) {
      headTimer.cancel();
      headTimer = null;
    }
    if (unusedTimer != null) {
      unusedTimer.cancel();
      unusedTimer = null;
    }
  }
}
