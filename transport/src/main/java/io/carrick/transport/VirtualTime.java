package io.carrick.transport;

import io.carrick.spi.LoopGroup;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until a test advances it, for the loops of one or more brokers.
 *
 * <p>There are two ways to run the loops. {@linkplain #inThisThread In the test's thread}, over
 * connections inside the JVM, nothing happens unless the test calls {@link #advance}, {@link
 * #settle} or something of the broker that waits: such a test is fully repeatable. {@linkplain
 * #overSockets Over sockets}, threads run the loops and real clients connect, but timers move only
 * by {@link #advance}; bytes inside the kernel are outside of what it waits for.
 *
 * <p>{@code advance} and {@code settle} are for one thread, the test's.
 */
public final class VirtualTime {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** In real time: longer than anything takes that is not stuck. */
  private static final long STUCK_MS = 30_000;

  private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final int loopsPerBroker;
  private final @Nullable Thread owner;
  private final @Nullable LocalSockets localSockets;
  private final Sockets sockets;
  private final StandingClock clock = new StandingClock();
  private final LoopClock realClock = LoopClock.real();
  private final IdleWatch activity = new IdleWatch();
  private final List<NettyLoop> running = new CopyOnWriteArrayList<>();

  private VirtualTime(int loops, @Nullable Thread owner, @Nullable LocalSockets local) {
    if (loops < 1) {
      throw new IllegalArgumentException("a broker needs a loop: " + loops);
    }
    this.loopsPerBroker = loops;
    this.owner = owner;
    this.localSockets = local;
    this.sockets = local == null ? Sockets.ofThisMachine() : local;
  }

  /** Returns time whose loops the calling thread runs, over connections inside this JVM. */
  public static VirtualTime inThisThread(int loops) {
    NettyVersion.check();
    return new VirtualTime(loops, Thread.currentThread(), new LocalSockets());
  }

  /** Returns time whose loops have threads, over the machine's sockets. */
  public static VirtualTime overSockets(int loops) {
    NettyVersion.check();
    return new VirtualTime(loops, null, null);
  }

  /** Returns what makes loops that live in this time. */
  public LoopGroup.Factory loops() {
    return threadPrefix -> {
      List<NettyLoop> loops = clock.loops(loopsPerBroker, sockets, activity);
      LoopRunner runner =
          owner == null
              ? new Detaching(loops, ThreadRunner.start(loops, threadPrefix))
              : new CallerRunner(loops, owner);
      running.addAll(loops);
      return new NettyLoops(loops, sockets, runner);
    };
  }

  /** Returns the wall time, which starts with the year 2026 and moves with {@link #advance}. */
  public Instant now() {
    return Instant.ofEpochMilli(clock.wallTimeMs());
  }

  /**
   * Moves time from timer to timer, runs each when it is due, and returns when every mailbox is
   * empty.
   *
   * @throws IllegalStateException when the loops do not come to rest, or in a loop
   */
  public void advance(Duration by) {
    settle();
    long target = clock.nanoTime() + by.toNanos();
    long next = nextDeadline();
    while (next <= target) {
      clock.moveTo(Math.max(next, clock.nanoTime()));
      settle();
      next = nextDeadline();
    }
    clock.moveTo(target);
    settle();
  }

  /**
   * Waits, or runs the loops, until every mailbox is empty and no timer is due.
   *
   * @throws IllegalStateException when the loops do not come to rest, or in a loop
   */
  public void settle() {
    for (NettyLoop loop : running) {
      if (loop.inLoop()) {
        throw new IllegalStateException("a loop cannot wait for the loops");
      }
    }
    if (owner != null) {
      runUntilIdle(owner);
      return;
    }
    for (NettyLoop loop : running) {
      if (!loop.ended()) {
        loop.nudge();
      }
    }
    activity.awaitIdle();
  }

  /**
   * Connects to a listener of this time, inside the JVM.
   *
   * @param address as the endpoint gave it
   * @throws IllegalStateException when the loops run over sockets, or nobody listens there
   */
  public LocalPeer connect(InetSocketAddress address) {
    if (localSockets == null) {
      throw new IllegalStateException("over sockets, connect with a socket");
    }
    SocketAddress listener =
        localSockets
            .find(address.getPort())
            .orElseThrow(() -> new IllegalStateException("nobody listens on " + address));
    return LocalPeer.connect(this, running.get(0), listener);
  }

  private long nextDeadline() {
    long next = Long.MAX_VALUE;
    for (NettyLoop loop : running) {
      next = Math.min(next, loop.nextDeadline());
    }
    return next;
  }

  private void runUntilIdle(Thread thread) {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("these loops are run by " + thread.getName() + " alone");
    }
    long started = realClock.nanoTime();
    boolean did = true;
    while (did) {
      did = false;
      for (NettyLoop loop : running) {
        did |= loop.turn(-1);
      }
      if (stuckSince(started)) {
        throw new IllegalStateException("the loops do not come to rest");
      }
    }
  }

  private boolean stuckSince(long started) {
    return realClock.nanoTime() - started > TimeUnit.MILLISECONDS.toNanos(STUCK_MS);
  }

  /** The test's thread runs the loops. Confined to it. */
  private final class CallerRunner implements LoopRunner {

    private final List<NettyLoop> loops;
    private final Thread thread;

    CallerRunner(List<NettyLoop> loops, Thread thread) {
      this.loops = List.copyOf(loops);
      this.thread = thread;
      loops.forEach(loop -> loop.runBy(thread));
    }

    @Override
    public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
      long started = realClock.nanoTime();
      settle();
      while (!result.isDone()) {
        if (loops.get(0).ended()) {
          throw new IllegalStateException("the loops have ended");
        }
        if (Thread.interrupted()) {
          thread.interrupt();
          throw new IllegalStateException("interrupted while waiting for the loops");
        }
        if (stuckSince(started)) {
          throw new IllegalStateException(
              "nothing is left to run and the result is not there: it may need time to advance");
        }
        LockSupport.parkNanos(this, PARK_NANOS); // some other thread works for the broker
        settle();
      }
      return LoopRunner.resultOf(result);
    }

    @Override
    public void close() {
      boolean inLoop = running.stream().anyMatch(NettyLoop::inLoop);
      if (inLoop) {
        throw new IllegalStateException("the thread that runs the loops cannot end them in one");
      }
      if (!running.containsAll(loops)) {
        return;
      }
      settle();
      running.removeAll(loops);
      loops.forEach(NettyLoop::closeChannels);
      for (NettyLoop loop : loops) {
        loop.turn(-1); // hears of what another loop has closed
      }
      loops.forEach(NettyLoop::end);
    }
  }

  /** Threads run the loops; time forgets them when they have ended. Thread-safe. */
  private final class Detaching implements LoopRunner {

    private final List<NettyLoop> loops;
    private final LoopRunner threads;

    Detaching(List<NettyLoop> loops, LoopRunner threads) {
      this.loops = loops;
      this.threads = threads;
    }

    @Override
    public <T extends @Nullable Object> T await(CompletableFuture<T> result) {
      return threads.await(result);
    }

    @Override
    public void close() {
      running.removeAll(loops);
      threads.close();
    }
  }

  /** Two clocks that stand still together. Written by the test's thread, read by any. */
  private static final class StandingClock extends LoopClock {

    private volatile long nanos;

    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    long wallTimeMs() {
      return START.toEpochMilli() + TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    @Override
    boolean passes() {
      return false;
    }

    void moveTo(long to) {
      nanos = to;
    }

    /**
     * Returns loops that live by this clock. It is passed on here and not outside, where the JVM
     * would have to know it as a {@link LoopClock}, and so Netty's types, before they are checked.
     */
    List<NettyLoop> loops(int count, Sockets sockets, LoopActivity activity) {
      return NettyLoops.make(count, this, sockets, activity);
    }
  }

  /** Knows whether anything is in a mailbox or under way. Guarded by its own monitor. */
  private final class IdleWatch implements LoopActivity {

    private long busy;

    @Override
    public synchronized void began() {
      busy++;
    }

    @Override
    public synchronized void finished(int tasks) {
      busy -= tasks;
      if (busy == 0) {
        notifyAll();
      }
    }

    synchronized void awaitIdle() {
      long started = realClock.nanoTime();
      while (busy > 0) {
        try {
          wait(STUCK_MS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted while waiting for the loops", e);
        }
        if (busy > 0 && stuckSince(started)) {
          throw new IllegalStateException("the loops do not come to rest");
        }
      }
    }
  }
}
