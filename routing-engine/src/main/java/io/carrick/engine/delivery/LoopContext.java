package io.carrick.engine.delivery;

import io.carrick.BrokerException;
import io.carrick.PreconditionFailedException;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import io.carrick.storage.Appender;
import io.carrick.storage.MessageStore;
import io.carrick.storage.MessageStore.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's side of one loop: its batch for the store, its commands to other loops, its waits
 * for durability. Confined to that loop, except {@link #loop()}, {@link #index()}, {@link
 * #counts()}, {@link #alarms()} and {@link #submitted()}.
 *
 * <p>At the end of a turn the store's batch is submitted first and the commands are handed over
 * after it, so that in the log an append precedes every settle of it.
 */
public final class LoopContext {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final Loop loop;
  private final int index;
  private final MessageStore store;
  private final Appender appender;
  private final LoopCounts counts = new LoopCounts();

  private final LoopMemory held;
  private final Alarms alarms;

  /** Who waits for an alarm to be over; they may leave before. */
  private Set<Runnable> waitForAlarms = new LinkedHashSet<>();

  private final ArrayDeque<Wait> waits = new ArrayDeque<>();
  private final List<Outbox> outboxes = new ArrayList<>();
  private final Runnable endTurn = this::endTurn;
  private final Runnable durableAdvanced = this::durableAdvanced;

  /** The last record that was submitted. Written in the loop, read by anyone. */
  private volatile long submitted;

  /** Who hears of messages that are followed. */
  private Follower follower = Follower.NOBODY;

  private boolean turnEndAsked;
  private boolean wakeAsked;

  /** What runs once a sequence is durable, or never will be. */
  private record Wait(long sequence, Completion<Done> task) {}

  /** Runs only if all goes well. Immutable. */
  private record WhenDurable(Runnable task) implements Completion<Done> {

    @Override
    public void completed(Done done) {
      task.run();
    }

    @Override
    public void failed(BrokerException reason) {
      log.debug("nothing follows: {}", reason.getMessage());
    }
  }

  /**
   * Makes the context of one loop.
   *
   * @param index the loop's place among the broker's loops
   * @param memory sums up what the loops hold
   */
  public LoopContext(Loop loop, int index, MessageStore store, Memory memory) {
    this.loop = loop;
    this.index = index;
    this.store = store;
    this.appender = store.appender();
    this.alarms = memory.alarms();
    this.held = memory.newLoop();
    alarms.whenLowered(() -> wake(this::alarmLowered));
  }

  /** Returns the loop. */
  public Loop loop() {
    return loop;
  }

  /** Returns the loop's place among the broker's loops. */
  public int index() {
    return index;
  }

  /** Returns this loop's counters; written in the loop, read by anyone. */
  public LoopCounts counts() {
    return counts;
  }

  /** Returns the account of what this loop holds in memory; written in the loop. */
  public LoopMemory held() {
    return held;
  }

  /** Adds who hears of messages that are followed; called before the loop has any. */
  public void followedBy(Follower another) {
    follower = follower.and(another);
  }

  /** Returns who hears of messages that are followed. */
  public Follower follower() {
    return follower;
  }

  /** Returns why publishers have to wait; from any thread. */
  public Alarms alarms() {
    return alarms;
  }

  /** Runs a task in this loop when one of the alarms is over. */
  public void whenAlarmLowered(Runnable task) {
    waitForAlarms.add(task);
  }

  /** Does not run a task that was to wait. */
  public void forgetAlarm(Runnable task) {
    waitForAlarms.remove(task);
  }

  private void alarmLowered() {
    Set<Runnable> waited = waitForAlarms;
    waitForAlarms = new LinkedHashSet<>();
    waited.forEach(LoopContext::runSafely);
  }

  /** Returns whether nothing more will become durable. */
  public boolean storeFailed() {
    return store.state() == State.FAILED;
  }

  /** Returns whether the store takes more messages and definitions. */
  public boolean storeTakes() {
    return store.state() == State.OPEN;
  }

  /** Returns whether publishers should pause for the store. */
  public boolean storeCongested() {
    return store.congested();
  }

  /** Runs a task in this loop when publishers need not pause for the store any more. */
  public void whenStoreRelieved(Runnable task) {
    store.wakeWhenRelieved(() -> wake(task));
  }

  /** Runs a task in this loop's next turn, unless the broker has closed. From any thread. */
  public void wake(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException closed) {
      // The broker has closed: nobody waits any more.
    }
  }

  /** Returns the batch of this turn; it is submitted when the turn ends. */
  public Appender appender() {
    askTurnEnd();
    return appender;
  }

  /**
   * Runs a command in another loop: at once if that is this one, else after all earlier commands
   * from here to there, in that loop's next turn.
   */
  public void tell(LoopContext target, Runnable command) {
    if (target == this) {
      command.run();
      return;
    }
    while (outboxes.size() <= target.index) {
      outboxes.add(new Outbox());
    }
    outboxes.get(target.index).add(target, command);
    loop.worked(1);
    askTurnEnd();
  }

  /**
   * Runs a task once everything up to {@code sequence} is durable, tasks in order of asking; never
   * if the store has failed. There is nothing to wait for behind 0: such a task runs at once.
   */
  public void whenDurable(long sequence, Runnable task) {
    if (sequence == 0 || (waits.isEmpty() && durable(sequence))) {
      task.run();
    } else {
      whenDurable(sequence, new WhenDurable(task));
    }
  }

  /** Completes as the other form does, and fails if the store has failed. */
  public void whenDurable(long sequence, Completion<Done> task) {
    if (sequence == 0 || (waits.isEmpty() && durable(sequence))) {
      task.completed(Done.DONE);
    } else if (storeFailed()) {
      task.failed(storeUnavailable());
    } else {
      waits.add(new Wait(sequence, task));
      askTurnEnd();
    }
  }

  /** Says that the store is what something fails for. */
  public static PreconditionFailedException storeUnavailable() {
    return new PreconditionFailedException("the store takes nothing at present");
  }

  /** Returns the sequence of the last record that this loop has submitted; from any thread. */
  public long submitted() {
    return submitted;
  }

  /** Returns whether everything up to {@code sequence} is durable. */
  public boolean durable(long sequence) {
    return sequence <= store.durableSequence();
  }

  private void askTurnEnd() {
    if (!turnEndAsked) {
      turnEndAsked = true;
      loop.atTurnEnd(endTurn);
    }
  }

  private void endTurn() {
    turnEndAsked = false;
    submitted = appender.submit();
    for (Outbox outbox : outboxes) {
      outbox.handOver();
    }
    askWake();
  }

  private void askWake() {
    Wait first = waits.peekFirst();
    if (first != null && !wakeAsked) {
      wakeAsked = true;
      store.wakeWhenDurable(first.sequence, () -> wake(durableAdvanced));
    }
  }

  private void durableAdvanced() {
    wakeAsked = false;
    long durable = store.durableSequence();
    for (Wait w = waits.peekFirst(); w != null && w.sequence <= durable; w = waits.peekFirst()) {
      Wait done = waits.removeFirst();
      runSafely(() -> done.task.completed(Done.DONE));
    }
    if (storeFailed()) {
      for (Wait w = waits.pollFirst(); w != null; w = waits.pollFirst()) {
        Wait failed = w;
        runSafely(() -> failed.task.failed(storeUnavailable()));
      }
    } else {
      askWake();
    }
  }

  /** Runs what is not the only thing to do: a mistake in it must not take the rest along. */
  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error bug) {
      if (LoopGroup.isFatal(bug)) {
        throw bug; // the loop knows what follows from that
      }
      log.error("a task of the engine has failed", bug);
    }
  }

  /** What this loop has to tell one other loop in this turn. */
  private static final class Outbox {

    private ArrayList<Runnable> commands = new ArrayList<>();
    private @org.jspecify.annotations.Nullable LoopContext target;

    void add(LoopContext to, Runnable command) {
      target = to;
      commands.add(command);
    }

    void handOver() {
      LoopContext to = target;
      if (to == null || commands.isEmpty()) {
        return;
      }
      List<Runnable> batch = commands;
      commands = new ArrayList<>(Math.min(1024, batch.size()));
      try {
        to.loop.execute(
            () -> {
              for (Runnable command : batch) {
                runSafely(command);
              }
            });
      } catch (RejectedExecutionException closed) {
        // The broker has closed and with it what the commands were about.
      }
    }
  }
}
