package io.carrick.engine.queue;

import io.carrick.spi.Loop;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The unsettled deliveries of a consumer that has to settle each within a time: it knows when they
 * were made, and has one timer, for the oldest. Confined to the queue's loop.
 */
final class TimedUnsettled extends Unsettled {

  private final Loop loop;
  private final long timeoutMs;
  private final Runnable overdue;

  /** When each was delivered, the oldest first. */
  private final LinkedHashMap<Long, Long> deliveredNanos = new LinkedHashMap<>();

  /**
   * It may be early, for what it was set for may be settled since, and is never late. Who has all
   * of it settled and gets no more {@linkplain #removeAll takes it away}.
   */
  private Loop.@Nullable Timer timer;

  /**
   * Makes one without deliveries.
   *
   * @param overdue runs when one has been there for so long; it takes all of them away
   */
  TimedUnsettled(Loop loop, long timeoutMs, Runnable overdue) {
    this.loop = loop;
    this.timeoutMs = timeoutMs;
    this.overdue = overdue;
  }

  @Override
  void add(QueuedMessage m) {
    super.add(m);
    deliveredNanos.put(m.deliveryId(), loop.nanoTime());
    if (timer == null) {
      timer = loop.schedule(timeoutMs, this::due);
    }
  }

  @Override
  @Nullable QueuedMessage remove(long deliveryId) {
    deliveredNanos.remove(deliveryId);
    return super.remove(deliveryId);
  }

  @Override
  List<QueuedMessage> removeAll() {
    deliveredNanos.clear();
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    return super.removeAll();
  }

  private void due() {
    timer = null;
    Iterator<Long> times = deliveredNanos.values().iterator();
    if (times.hasNext()) {
      long heldMs = TimeUnit.NANOSECONDS.toMillis(loop.nanoTime() - times.next());
      if (heldMs < timeoutMs) {
        timer = loop.schedule(timeoutMs - heldMs, this::due);
      } else {
        overdue.run();
      }
    }
  }
}
