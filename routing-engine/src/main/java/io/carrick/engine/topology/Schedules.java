package io.carrick.engine.topology;

import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredSchedule;
import io.carrick.engine.definitions.StoredSchedule.When;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.Loop.Timer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The scheduled publishes of one virtual host by name. Guarded by {@code this}; off the hot path.
 */
public final class Schedules {

  /** A name, its entry and a timer. */
  private static final int ENTRY_BYTES = 200;

  private static final Timer NO_TIMER = () -> {};

  private final Map<String, Entry> entries = new HashMap<>();
  private final String virtualHost;
  private final Definitions definitions;
  private final int most;

  /** Read by anyone. */
  private final LongAdder bytes = new LongAdder();

  /** A scheduled publish. Immutable but for what is set before it is shared. */
  private static final class Entry {
    private final int bytes;
    private Timer timer = NO_TIMER;

    /** Publishes it now; null as long as nothing has started its clock. */
    private @Nullable Runnable hastened;

    Entry(int bytes) {
      this.bytes = bytes;
    }
  }

  Schedules(String virtualHost, Definitions definitions, int most) {
    this.virtualHost = virtualHost;
    this.definitions = definitions;
    this.most = most;
  }

  /**
   * Runs {@code publish} in the loop of {@code here} after a delay, unless cancelled or replaced.
   *
   * @param message what it will publish, for the store
   * @return the store's sequence of it
   * @throws PreconditionFailedException when there are too many, or the store takes none
   */
  public synchronized long add(
      String name, Message message, long delayMs, LoopContext here, Runnable publish) {
    long now = here.loop().wallTimeMs();
    long dueMs = delayMs > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + delayMs;
    long sequence = store(name, When.AT, dueMs, message, here);
    start(name, message, delayMs, here, publish);
    return sequence;
  }

  /**
   * Keeps a message for the case that the broker stops: the next one publishes it. Where nothing
   * outlives the process there is nothing to keep.
   *
   * @return the store's sequence of it
   */
  public synchronized long addAfterStart(
      String name, Message message, long delayMs, LoopContext here) {
    if (!definitions.kept()) {
      return 0;
    }
    long sequence = store(name, When.AFTER_START, delayMs, message, here);
    put(name, new Entry(ENTRY_BYTES));
    return sequence;
  }

  private long store(String name, When when, long timeMs, Message message, LoopContext here) {
    if (!entries.containsKey(name) && entries.size() >= most) {
      throw new PreconditionFailedException("no more scheduled publishes");
    }
    if (!definitions.kept()) {
      return 0;
    }
    if (!here.storeTakes()) {
      throw LoopContext.storeUnavailable();
    }
    return definitions.schedule(here, new StoredSchedule(virtualHost, name, when, timeMs, message));
  }

  /** Starts the clock of a scheduled publish that the store has. */
  public synchronized void start(
      String name, Message message, long delayMs, LoopContext here, Runnable publish) {
    var entry = new Entry(ENTRY_BYTES + message.memoryBytes());
    put(name, entry);
    Runnable due = () -> publishIfDue(name, entry, here, publish);
    entry.timer = here.loop().schedule(delayMs, due);
    entry.hastened = () -> here.loop().execute(due);
  }

  private void put(String name, Entry entry) {
    Entry old = entries.put(name, entry);
    bytes.add(entry.bytes);
    if (old != null) {
      old.timer.cancel();
      bytes.add(-old.bytes);
    }
  }

  /** Returns how many bytes of memory the messages hold, about. */
  public long bytes() {
    return bytes.sum();
  }

  private void publishIfDue(String name, Entry entry, LoopContext here, Runnable publish) {
    here.appender().begin();
    try {
      if (due(name, entry, here)) {
        publish.run();
      }
    } finally {
      here.appender().end();
    }
  }

  private synchronized boolean due(String name, Entry entry, LoopContext here) {
    boolean due = entries.remove(name, entry);
    if (due) {
      bytes.add(-entry.bytes);
      definitions.deleteSchedule(here, virtualHost, name);
    }
    return due;
  }

  /** Publishes one now whose clock has started; it is not there afterwards. */
  public synchronized void hasten(String name) {
    Entry entry = entries.get(name);
    if (entry != null && entry.hastened != null) {
      entry.timer.cancel();
      entry.hastened.run();
    }
  }

  /** Cancels any; returns whether there was one. */
  synchronized boolean cancelOne(LoopContext here) {
    return !entries.isEmpty() && cancel(entries.keySet().iterator().next(), here);
  }

  /** Cancels; returns whether there was one. */
  public synchronized boolean cancel(String name, LoopContext here) {
    Entry entry = entries.remove(name);
    if (entry == null) {
      return false;
    }
    entry.timer.cancel();
    bytes.add(-entry.bytes);
    definitions.deleteSchedule(here, virtualHost, name);
    return true;
  }
}
