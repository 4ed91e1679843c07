package io.carrick.engine.loop;

import io.carrick.spi.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A loop that the test's thread runs, turn by turn, with a clock that the test moves. */
public final class ManualLoop implements Loop {

  private final ArrayDeque<Runnable> mailbox = new ArrayDeque<>();
  private final ArrayDeque<Runnable> turnEnd = new ArrayDeque<>();
  private final List<Due> timers = new ArrayList<>();
  private long nowMs;
  private long scheduled;
  private boolean running;
  private final ArrayDeque<Runnable> continued = new ArrayDeque<>();
  private int share = Integer.MAX_VALUE;
  private int worked;
  private int mostWorked;

  private final class Due implements Timer {
    private final long atMs;
    private final long order;
    private final Runnable task;

    Due(long atMs, Runnable task) {
      this.atMs = atMs;
      this.order = scheduled++;
      this.task = task;
    }

    @Override
    public void cancel() {
      timers.remove(this);
    }
  }

  /** Runs turns until there is nothing to do; returns whether there was. */
  public boolean run() {
    boolean did = false;
    while (step()) {
      did = true;
    }
    return did;
  }

  /** Runs one turn, if there is something to do; returns whether there was. */
  public boolean step() {
    if (mailbox.isEmpty() && turnEnd.isEmpty() && continued.isEmpty()) {
      return false;
    }
    running = true;
    worked = 0;
    for (int i = mailbox.size(); i > 0 && !workedEnough(); i--) {
      mailbox.remove().run();
    }
    noteWorked();
    for (int i = continued.size(); i > 0 && !workedEnough(); i--) {
      continued.remove().run();
    }
    noteWorked();
    while (!turnEnd.isEmpty()) {
      turnEnd.remove().run();
    }
    running = false;
    return true;
  }

  private void noteWorked() {
    mostWorked = Math.max(mostWorked, worked);
    worked = 0;
  }

  /** Says how much work a part of a turn may do before what can wait has to. */
  public void share(int most) {
    share = most;
    mostWorked = 0;
  }

  /** Returns the most that a part of a turn has done since {@link #share} was said. */
  public int mostWorked() {
    return mostWorked;
  }

  @Override
  public void worked(int amount) {
    worked += amount;
  }

  @Override
  public boolean workedEnough() {
    return worked >= share;
  }

  @Override
  public void continueLater(Runnable task) {
    continued.add(task);
  }

  /** Runs a task in a turn of its own, with everything that follows from it in this loop. */
  public void turn(Runnable task) {
    execute(task);
    run();
  }

  /** Moves the clock and runs what is due. */
  public void advance(long ms) {
    nowMs += ms;
    timers.stream()
        .filter(t -> t.atMs <= nowMs)
        .sorted(Comparator.<Due>comparingLong(t -> t.atMs).thenComparingLong(t -> t.order))
        .toList()
        .forEach(
            t -> {
              if (timers.remove(t)) {
                mailbox.add(t.task);
              }
            });
    run();
  }

  /** Returns how many timers wait. */
  public int timers() {
    return timers.size();
  }

  @Override
  public boolean inLoop() {
    return running;
  }

  @Override
  public void execute(Runnable task) {
    mailbox.add(task);
  }

  @Override
  public void atTurnEnd(Runnable task) {
    turnEnd.add(task);
  }

  @Override
  public long nanoTime() {
    return nowMs * 1_000_000;
  }

  @Override
  public long wallTimeMs() {
    return nowMs;
  }

  @Override
  public Timer schedule(long delayMs, Runnable task) {
    var due = new Due(nowMs + Math.max(0, delayMs), task);
    timers.add(due);
    return due;
  }
}
