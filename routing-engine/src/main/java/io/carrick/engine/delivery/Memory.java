package io.carrick.engine.delivery;

import io.carrick.Alarm;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.spi.HeldBytes.Kind;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The bytes that the broker holds, as the sum of what its loops report, and what follows from too
 * many. Thread-safe: the alarm changes under the lock of {@code this}, off the message path.
 *
 * <p>Queues whose store is not in memory are squeezed first, so that with a journal messages leave
 * memory before anybody has to wait.
 */
public final class Memory {

  /** The alarm is over at this many quarters of the watermark, so that it does not flutter. */
  private static final int OVER_QUARTERS = 3;

  /** Queues are squeezed more with every eighth of the watermark, from half of it on entirely. */
  private static final int SQUEEZE_STEPS = 8;

  private static final int MOST_SQUEEZED = SQUEEZE_STEPS / 2;

  /** Loops report what has changed by this part of the watermark, or this many bytes. */
  private static final int REPORT_PART = 1024;

  private static final int MOST_UNREPORTED_BYTES = 64 << 10;

  private volatile long watermarkBytes;
  private final int unreportedBytes;
  private final Alarms alarms;
  private final Map<Kind, LongSupplier> others;
  private final AtomicLong total = new AtomicLong();
  private final List<LoopMemory> loops = new CopyOnWriteArrayList<>();
  private volatile int squeeze;

  /**
   * Makes the account of one broker.
   *
   * @param limits has the watermark
   * @param alarms hears of it
   * @param others what is no loop's, to be asked from any thread
   */
  public Memory(Limits limits, Alarms alarms, Map<Kind, LongSupplier> others) {
    this.watermarkBytes = limits.value(Limit.MEMORY_BYTES);
    this.unreportedBytes =
        (int) Math.max(1, Math.min(MOST_UNREPORTED_BYTES, watermarkBytes / REPORT_PART));
    this.alarms = alarms;
    this.others = Map.copyOf(others);
  }

  /** Returns why publishers have to wait. */
  public Alarms alarms() {
    return alarms;
  }

  /** Makes the account of one loop. */
  LoopMemory newLoop() {
    var loop = new LoopMemory(this, unreportedBytes);
    loops.add(loop);
    return loop;
  }

  /** Returns how many bytes of a kind are held. */
  public long held(Kind kind) {
    LongSupplier other = others.get(kind);
    long sum = other == null ? 0 : other.getAsLong();
    for (LoopMemory loop : loops) {
      sum += loop.held(kind);
    }
    return sum;
  }

  /** Returns the watermark in bytes. */
  public long watermarkBytes() {
    return watermarkBytes;
  }

  /** Changes the watermark. From any thread. */
  public void watermark(long bytes) {
    watermarkBytes = Math.max(1, bytes);
    look();
  }

  /** Returns how much less queues hold in memory: 0 as usual, with each step a quarter of it. */
  int squeeze() {
    return squeeze;
  }

  void report(long change) {
    total.addAndGet(change);
    look();
  }

  /** Looks how much is held; loops do so by themselves when what they hold changes. */
  public void look() {
    long now = now();
    long eighths = now <= 0 ? 0 : now / Math.max(1, watermarkBytes / SQUEEZE_STEPS);
    int step = (int) Math.min(MOST_SQUEEZED, eighths);
    if (step != squeeze) {
      squeeze = step;
    }
    boolean raised = alarms.found(Alarm.MEMORY);
    if (raised ? isOver(now) : now > watermarkBytes) {
      decide();
    }
  }

  private long now() {
    long sum = total.get();
    for (LongSupplier other : others.values()) {
      sum += other.getAsLong();
    }
    return sum;
  }

  private boolean isOver(long bytes) {
    return bytes <= watermarkBytes / 4 * OVER_QUARTERS;
  }

  /** Looks again after each change: other loops report meanwhile. */
  private synchronized void decide() {
    while (true) {
      long now = now();
      boolean raised = alarms.found(Alarm.MEMORY);
      if (!raised && now > watermarkBytes) {
        alarms.raise(Alarm.MEMORY, now + " bytes are held, " + watermarkBytes + " may be");
      } else if (raised && isOver(now)) {
        alarms.lower(Alarm.MEMORY);
      } else {
        return;
      }
    }
  }
}
