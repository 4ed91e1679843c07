package io.carrick.engine.delivery;

import io.carrick.Alarm;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Why publishers have to wait. Thread-safe: one word says it to whoever publishes, changes are
 * guarded by {@code this}.
 */
public final class Alarms {

  private final Watcher watcher;
  private final List<Runnable> whenLowered = new ArrayList<>();
  private Runnable whenRaised = () -> {};

  /** What was measured, and what an administrator holds. */
  private volatile int found;

  private int held;

  /** Either. */
  private volatile int active;

  /** Hears of every change, under the lock, in whatever thread makes it. */
  public interface Watcher {

    /** Publishers have to wait. */
    void raised(Alarm alarm, String why);

    /** It is over. */
    void lowered(Alarm alarm);
  }

  /** Makes them, none active. */
  public Alarms(Watcher watcher) {
    this.watcher = watcher;
  }

  /** Returns whether there is any. */
  public boolean any() {
    return active != 0;
  }

  /** Returns whether there is that one. */
  public boolean active(Alarm alarm) {
    return (active & bit(alarm)) != 0;
  }

  /** Returns all. */
  public Set<Alarm> all() {
    Set<Alarm> all = EnumSet.noneOf(Alarm.class);
    for (Alarm alarm : Alarm.values()) {
      if (active(alarm)) {
        all.add(alarm);
      }
    }
    return all;
  }

  /** Adds what runs after each alarm that is over, in whatever thread has lowered it. */
  synchronized void whenLowered(Runnable task) {
    whenLowered.add(task);
  }

  /** Says what runs after each alarm that begins, in whatever thread has raised it. */
  public synchronized void whenRaised(Runnable task) {
    whenRaised = task;
  }

  /**
   * From now on publishers have to wait; nothing if they have to already.
   *
   * @param why for people
   */
  public synchronized void raise(Alarm alarm, String why) {
    found |= bit(alarm);
    changed(alarm, why);
  }

  /**
   * Publishers go on, unless there is another alarm or this one is held; nothing if they need not
   * wait.
   */
  public synchronized void lower(Alarm alarm) {
    found &= ~bit(alarm);
    changed(alarm, "");
  }

  /**
   * From now on publishers have to wait until that is released, whatever is measured.
   *
   * @param why for people
   */
  public synchronized void hold(Alarm alarm, String why) {
    held |= bit(alarm);
    changed(alarm, why);
  }

  /** An alarm is not held any more; what was measured counts. */
  public synchronized void release(Alarm alarm) {
    held &= ~bit(alarm);
    changed(alarm, "");
  }

  private void changed(Alarm alarm, String why) {
    boolean before = active(alarm);
    active = found | held;
    boolean now = active(alarm);
    if (now && !before) {
      watcher.raised(alarm, why);
      whenRaised.run();
    } else if (before && !now) {
      watcher.lowered(alarm);
      whenLowered.forEach(Runnable::run);
    }
  }

  /** Returns whether something measured has raised it. */
  boolean found(Alarm alarm) {
    return (found & bit(alarm)) != 0;
  }

  private static int bit(Alarm alarm) {
    return 1 << alarm.ordinal();
  }
}
