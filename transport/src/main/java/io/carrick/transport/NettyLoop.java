package io.carrick.transport;

import io.carrick.spi.HeldBytes;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import io.carrick.transport.TimerQueue.LoopTimer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.unix.IovArray;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop over Netty's I/O. {@link #execute}, {@link #schedule} and {@link #beginClose} are
 * thread-safe, everything else is confined to the thread that runs the turns: one of ours in real
 * time, the test's own in virtual time.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Netty tells the pipeline of failures
final class NettyLoop implements Loop {

  private static final Logger LOG = LoggerFactory.getLogger("io.carrick.transport");

  /** Mailbox tasks in one turn, so that I/O gets its share. */
  private static final int MAX_TASKS = 4_096;

  /**
   * So much work is a turn's share, in each of its parts: what is read, the mailbox with timers,
   * and what was left over. A message costs less than a microsecond, or a few.
   */
  static final int SHARE = 8_192;

  /** Outputs flushed in one turn: a system call each. */
  private static final int MAX_FLUSHES = 1_024;

  /** A loop without timers looks around once an hour: some selectors cannot wait for ever. */
  private static final long LONGEST_WAIT_NANOS = TimeUnit.HOURS.toNanos(1);

  private static final int RECEIVE_BYTES = 64 << 10;

  private static final int MAX_VECTORS = 64;

  /** Outputs that are kept for the next turn, as many as connections may well write in one. */
  private static final int MAX_SPARE_OUTPUTS = 256;

  /** Turns that a closing loop gives to what it still has to do. */
  private static final int MAX_LAST_TURNS = 1_000;

  private final LoopClock clock;
  private final LoopActivity activity;
  private final ManualIoEventLoop io;
  private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
  private volatile boolean closing;
  private volatile boolean ended;

  /** Something failed after which nothing here can be trusted to be whole: nothing more is run. */
  private volatile boolean failed;

  private volatile Consumer<Throwable> onFailure = cause -> {};

  /** Set before the first connection is made. */
  private volatile HeldBytes held = (kind, bytes) -> {};

  /** When the first timer is due, {@link Long#MAX_VALUE} without one; true between turns. */
  private volatile long nextDeadline = Long.MAX_VALUE;

  private @Nullable Thread thread;
  private boolean inTurn;

  /** Whether the last turn left something that the next one does without being woken. */
  private boolean leftover;

  private final TimerQueue timers = new TimerQueue();
  private final ArrayDeque<Runnable> turnEnd = new ArrayDeque<>();

  /** What goes on in turns that have room for it, the longest waiting first. */
  private final ArrayDeque<Runnable> continued = new ArrayDeque<>();

  private int worked;
  private List<OutputBuffer> dirty = new ArrayList<>();
  private List<OutputBuffer> flushing = new ArrayList<>();
  private final ArrayDeque<OutputBuffer> spareOutputs = new ArrayDeque<>();
  private final List<Acceptor> acceptors = new ArrayList<>();
  private final List<Channel> otherChannels = new ArrayList<>();
  private final ConnectionList connections = new ConnectionList();
  private @Nullable ByteBuf receiveBuffer;
  private @Nullable IovArray vectors;

  NettyLoop(LoopClock clock, IoHandlerFactory handlers, LoopActivity activity) {
    this.clock = clock;
    this.activity = activity;
    this.io =
        new ManualIoEventLoop(null, null, handlers, clock) {
          @Override
          protected boolean canBlock() {
            return !closing && mailbox.isEmpty() && !hasLeftover();
          }
        };
  }

  /** Says whose thread runs the turns; called once, before the first. */
  void runBy(Thread owner) {
    io.setOwningThread(owner);
    thread = owner;
  }

  /** Says who is told of a failure, as {@link io.carrick.spi.LoopGroup#onFailure}. */
  void onFailure(Consumer<Throwable> listener) {
    onFailure = listener;
  }

  /** Says where to note what the loop's connections hold in memory. */
  void noteIn(HeldBytes account) {
    held = account;
  }

  HeldBytes held() {
    return held;
  }

  EventLoop io() {
    return io;
  }

  /** Adds what is no channel, such as a socket of ours. Thread-safe. */
  Future<IoRegistration> register(IoHandle handle) {
    return io.register(handle);
  }

  ConnectionList connections() {
    return connections;
  }

  /** The listening sockets of this loop, closed with it at the latest. */
  List<Acceptor> acceptors() {
    return acceptors;
  }

  /** What else is on this loop and no {@link Connection}, closed with it at the latest. */
  List<Channel> otherChannels() {
    return otherChannels;
  }

  // ---- Loop

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread && inTurn;
  }

  @Override
  public void execute(Runnable task) {
    if (ended) {
      throw new RejectedExecutionException("the loop has ended");
    }
    activity.began();
    mailbox.add(task);
    if (ended && mailbox.remove(task)) {
      activity.finished(1);
      throw new RejectedExecutionException("the loop has ended");
    }
    if (Thread.currentThread() != thread) {
      io.wakeup();
    }
  }

  @Override
  public void atTurnEnd(Runnable task) {
    turnEnd.add(task);
  }

  @Override
  public void worked(int amount) {
    worked += amount;
  }

  @Override
  public boolean workedEnough() {
    return worked >= SHARE;
  }

  @Override
  public void continueLater(Runnable task) {
    continued.add(task);
  }

  @Override
  public long nanoTime() {
    return clock.nanoTime();
  }

  @Override
  public long wallTimeMs() {
    return clock.wallTimeMs();
  }

  @Override
  public Timer schedule(long delayMs, Runnable task) {
    long delayNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(0, delayMs));
    long latest = Long.MAX_VALUE / 2; // so that deadlines can be subtracted from each other
    var timer = new LoopTimer(this, clock.nanoTime() + Math.min(delayNanos, latest), task);
    if (inLoop()) {
      timers.add(timer);
    } else {
      execute(() -> timers.add(timer));
    }
    return timer;
  }

  /** Takes a cancelled timer out of the queue. Thread-safe. */
  void forget(LoopTimer timer) {
    if (inLoop()) {
      timers.remove(timer);
    } else if (!ended) {
      try {
        execute(() -> timers.remove(timer));
      } catch (RejectedExecutionException e) {
        LOG.debug("a timer was cancelled after its loop had ended");
      }
    }
  }

  // ---- turns

  /** Runs turns until the loop is closed. */
  void run() {
    try {
      while (!closing) {
        turn(waitNanos());
      }
      closeChannels();
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      end();
    }
  }

  /** Ends the loop at once and tells who has to know. Called by the thread that runs turns. */
  void fail(Throwable cause) {
    if (!failed) {
      failed = true;
      closing = true;
      onFailure.accept(cause);
    }
  }

  /**
   * Runs one turn: I/O, mailbox and due timers, what was left over, what was asked for the end,
   * flush.
   *
   * @param waitNanos how long to wait for something to do, negative not to wait
   * @return whether anything was done
   */
  boolean turn(long waitNanos) {
    inTurn = true;
    int tasks = 0;
    try {
      long mark = timers.mark();
      worked = 0;
      int done = io.run(waitNanos, -1);
      done += io.runNonBlockingTasks(0);
      worked = 0;
      tasks = runMailbox();
      done += tasks;
      done += timers.runDue(clock.nanoTime(), mark);
      worked = 0;
      done += runContinued();
      done += runTurnEnd();
      done += flushDirty();
      return done > 0;
    } finally {
      inTurn = false;
      nextDeadline = timers.isEmpty() ? Long.MAX_VALUE : timers.firstDeadline();
      tellActivity(tasks);
    }
  }

  /** What is left for the next turn counts as a task: a loop that has it is not at rest. */
  private void tellActivity(int tasks) {
    int done = leftover ? tasks + 1 : tasks;
    leftover = hasLeftover() || (!clock.passes() && waitNanos() < 0);
    if (leftover) {
      activity.began();
    }
    activity.finished(done);
  }

  private boolean hasLeftover() {
    return !turnEnd.isEmpty() || !dirty.isEmpty() || !continued.isEmpty();
  }

  /** Makes the loop look at its timers, unless it has ended. Thread-safe. */
  void nudge() {
    try {
      execute(() -> {});
    } catch (RejectedExecutionException e) {
      LOG.debug("a loop had ended before it could look at its timers");
    }
  }

  /** Returns when the first timer is due. Thread-safe; exact while the loop sleeps. */
  long nextDeadline() {
    return nextDeadline;
  }

  private long waitNanos() {
    if (timers.isEmpty()) {
      return LONGEST_WAIT_NANOS;
    }
    long delay = timers.firstDeadline() - clock.nanoTime();
    if (delay <= 0) {
      return -1;
    }
    return clock.passes() ? Math.min(delay, LONGEST_WAIT_NANOS) : LONGEST_WAIT_NANOS;
  }

  private int runMailbox() {
    int ran = 0;
    Runnable task;
    while (ran < MAX_TASKS && !failed && !workedEnough() && (task = mailbox.poll()) != null) {
      runSafely(task);
      ran++;
    }
    return ran;
  }

  /** Each at most once, so that what one of them sends is flushed before it sends more. */
  private int runContinued() {
    int ran = 0;
    for (int most = continued.size(); ran < most && !failed && !workedEnough(); ran++) {
      runSafely(continued.remove());
    }
    return ran;
  }

  private int runTurnEnd() {
    int ran = 0;
    Runnable task;
    while (!failed && (task = turnEnd.poll()) != null) {
      runSafely(task);
      ran++;
    }
    return ran;
  }

  /** Runs a task that must not harm the loop. */
  void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      // Also when a class is missing: the loop has others to serve.
      failed(e, "a task failed in a loop");
    }
  }

  /** Logs what something in this loop has thrown, or ends the loop for it. */
  void failed(Throwable thrown, String what) {
    if (LoopGroup.isFatal(thrown)) {
      fail(thrown);
    } else {
      LOG.error("{}", what, thrown);
    }
  }

  // ---- output

  /**
   * Lends a connection what it writes to, until the first end of a turn at which nothing is left to
   * write.
   */
  OutputBuffer lendOutput(Connection borrower) {
    OutputBuffer spare = spareOutputs.poll();
    return spare == null ? new OutputBuffer(borrower) : spare.lend(borrower);
  }

  void takeBack(OutputBuffer output) {
    if (spareOutputs.size() < MAX_SPARE_OUTPUTS) {
      spareOutputs.push(output);
    }
  }

  /** Remembers to flush at the end of the turn. */
  void dirty(OutputBuffer output) {
    dirty.add(output);
  }

  private int flushDirty() {
    if (dirty.isEmpty() || failed) {
      return 0;
    }
    List<OutputBuffer> batch = dirty;
    dirty = flushing; // what becomes dirty by flushing has its flush in the next turn
    flushing = batch;
    int count = Math.min(batch.size(), MAX_FLUSHES);
    for (int i = 0; i < count; i++) {
      batch.get(i).flushAtTurnEnd();
    }
    if (count < batch.size()) {
      dirty.addAll(0, batch.subList(count, batch.size())); // first in the next turn
    }
    batch.clear();
    return count;
  }

  /** Returns the loop's place for what one system call sends from several buffers, empty. */
  IovArray vectors() {
    IovArray known = vectors;
    if (known == null) {
      known = new IovArray(MAX_VECTORS);
      vectors = known;
    }
    known.clear();
    return known;
  }

  // ---- input

  /** Returns the loop's receive buffer, retained, or one for once if it is in use. */
  ByteBuf receiveBuffer() {
    ByteBuf buffer = receiveBuffer;
    if (buffer == null) {
      buffer = UnpooledByteBufAllocator.DEFAULT.directBuffer(RECEIVE_BYTES, RECEIVE_BYTES);
      receiveBuffer = buffer;
    }
    if (buffer.refCnt() > 1) {
      return UnpooledByteBufAllocator.DEFAULT.directBuffer(RECEIVE_BYTES, RECEIVE_BYTES);
    }
    return buffer.clear().retain();
  }

  // ---- end

  /** Asks the loop to end after what is in its mailbox. Thread-safe. */
  void beginClose() {
    closing = true;
    io.wakeup();
  }

  boolean ended() {
    return ended;
  }

  /** Runs what is in the mailbox and closes every channel. Called by the thread that runs turns. */
  void closeChannels() {
    closing = true;
    lastTurns();
    inTurn = true;
    List.copyOf(acceptors).forEach(Acceptor::close);
    List.copyOf(otherChannels).forEach(Channel::close);
    connections.forEach(connection -> connection.close(EndReason.SHUTDOWN));
    inTurn = false;
    lastTurns();
  }

  /** Runs the last turns and takes nothing more. Called by the thread that runs turns. */
  void end() {
    ended = true;
    if (failed) {
      closeSockets();
    }
    lastTurns();
    if (leftover) {
      activity.finished(1);
    }
    shutDownIo();
    if (receiveBuffer != null) {
      receiveBuffer.release();
      receiveBuffer = null;
    }
    if (vectors != null) {
      vectors.release();
      vectors = null;
    }
  }

  /** Closes what the system has of a loop that does nothing more. */
  private void closeSockets() {
    try {
      List.copyOf(acceptors).forEach(Acceptor::close);
      connections.forEach(connection -> connection.close(EndReason.ERROR));
    } catch (RuntimeException | Error e) {
      LOG.debug("a loop that has failed could not close all its sockets", e);
    }
  }

  /** Returns whether nothing is run any more. */
  boolean hasFailed() {
    return failed;
  }

  private void lastTurns() {
    int turns = 0;
    while (!failed && turn(-1) && turns < MAX_LAST_TURNS) {
      turns++;
    }
  }

  // The graceful way has a quiet period that is measured, and slept, in real time.
  @SuppressWarnings("deprecation")
  private void shutDownIo() {
    io.shutdown();
    while (!io.isTerminated()) {
      io.run(-1, 0);
    }
  }
}
