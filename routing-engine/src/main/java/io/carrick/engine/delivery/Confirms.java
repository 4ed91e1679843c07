package io.carrick.engine.delivery;

import io.carrick.BrokerException;
import io.carrick.Refusal;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import org.jspecify.annotations.Nullable;

/**
 * The confirmed publishes of one attachment: each is reported when every matching queue has
 * answered and the store has it, in order, as ranges. Confined to the attachment's loop.
 */
public final class Confirms {

  private final LoopContext context;
  private final AttachmentListener listener;
  private final Runnable report = this::report;
  private final Completion<Done> durable = new Durable();

  /** Publishes that were not complete at once and all behind them, the oldest first. */
  private @Nullable Pending oldest;

  private @Nullable Pending youngest;

  private long reported;

  /** Those after {@code reported} that were complete at once: the common case needs no object. */
  private long completeRun;

  private final boolean prompt;
  private final boolean oneQueueIsEnough;
  private boolean reportAsked;
  private boolean durableAsked;
  private @Nullable Runnable whenIdle;
  private boolean closed;

  /** A publish that waits for something. Confined to the attachment's loop. */
  public final class Pending {
    private long storeSequence;
    private int answersMissing;
    private @Nullable Refusal refusal;

    /** Whether a queue has said that it has the message. */
    private boolean taken;

    private @Nullable Pending next;

    private Pending(long storeSequence, int answersMissing) {
      this.storeSequence = storeSequence;
      this.answersMissing = answersMissing;
    }

    /** A queue has not taken it. */
    public void refused(Refusal why) {
      refusal = why;
    }

    /** A queue has taken it. */
    public void taken() {
      taken = true;
    }

    /**
     * A loop has answered that has submitted what belongs to it.
     *
     * @param sequence what must be durable as well
     */
    public void submitted(long sequence) {
      storeSequence = Math.max(storeSequence, sequence);
      answered(null);
    }

    /** A queue of another loop has answered. */
    public void answered(@Nullable Refusal why) {
      if (closed) {
        return;
      }
      answersMissing--;
      if (why == null) {
        taken();
      } else {
        refused(why);
      }
      if (this == oldest) {
        reportSoon();
      }
    }
  }

  /** What was waited for is durable, or never will be: either way there is something to report. */
  private final class Durable implements Completion<Done> {

    @Override
    public void completed(Done done) {
      durableAsked = false;
      reportSoon();
    }

    @Override
    public void failed(BrokerException reason) {
      completed(Done.DONE);
    }
  }

  /** Makes the confirms of one attachment. */
  public Confirms(LoopContext context, AttachmentListener listener) {
    this.context = context;
    this.listener = listener;
    this.prompt = listener.prompt();
    this.oneQueueIsEnough = listener.oneQueueIsEnough();
  }

  /**
   * Notes a publish that no queue of another loop matches. Those of this loop get it at once and
   * have been asked whether they refuse it, so they need not have it yet.
   *
   * @param storeSequence what must be durable, 0 for nothing
   */
  public void published(long storeSequence) {
    if (oldest == null && context.durable(storeSequence)) {
      completeRun++;
      if (prompt && whenIdle == null) {
        reportRun();
      } else {
        reportSoon();
      }
    } else {
      append(new Pending(storeSequence, 0));
      askReport();
    }
  }

  /** Returns whether a publish that a queue of this loop has taken is not refused by others. */
  public boolean oneQueueIsEnough() {
    return oneQueueIsEnough;
  }

  /** No queue has matched the publish that is noted next. */
  public void unroutable() {
    listener.unroutable();
  }

  /** Notes a publish that is not taken. */
  public void publishRefused(Refusal refusal) {
    var p = new Pending(0, 0);
    p.refusal = refusal;
    append(p);
    listener.refusing();
    askReport();
  }

  /**
   * Notes a publish that queues on other loops will answer for.
   *
   * @param storeSequence what must be durable, 0 for nothing
   * @param answers how many times {@link Pending#answered} will be called
   */
  public Pending publishedFarAway(long storeSequence, int answers) {
    var p = new Pending(storeSequence, answers);
    append(p);
    return p;
  }

  private void append(Pending p) {
    if (youngest == null) {
      oldest = p;
    } else {
      youngest.next = p;
    }
    youngest = p;
  }

  /** Returns the number of the last publish, reported or not. */
  public long last() {
    long last = reported + completeRun;
    for (Pending p = oldest; p != null; p = p.next) {
      last++;
    }
    return last;
  }

  /** Returns whether every publish has been reported. */
  public boolean idle() {
    return closed || (oldest == null && completeRun == 0);
  }

  /** Runs a task, in place of an earlier one, when every publish has been reported. */
  public void whenIdle(Runnable task) {
    whenIdle = task;
    tellIfIdle();
  }

  private void tellIfIdle() {
    Runnable task = whenIdle;
    if (task != null && idle()) {
      whenIdle = null;
      task.run();
    }
  }

  /** Stops reporting. */
  public void close() {
    closed = true;
    oldest = null;
    youngest = null;
    tellIfIdle();
  }

  private void reportSoon() {
    if (prompt) {
      report();
    } else {
      askReport();
    }
  }

  private void askReport() {
    if (!reportAsked) {
      reportAsked = true;
      context.loop().atTurnEnd(report);
    }
  }

  /** Reports those that were complete at once, behind which nothing waits. */
  private void reportRun() {
    long first = reported + 1;
    reported += completeRun;
    completeRun = 0;
    accepted(first, reported);
  }

  private void report() {
    reportAsked = false;
    if (closed) {
      return;
    }
    long first = reported + 1;
    long to = reported + completeRun;
    completeRun = 0;
    for (Pending p = oldest; p != null && complete(p); p = oldest) {
      oldest = p.next;
      if (oldest == null) {
        youngest = null;
      }
      to++;
      Refusal refusal = refusal(p);
      if (refusal != null) {
        accepted(first, to - 1);
        reported = to;
        listener.refused(to, to, refusal);
        first = to + 1;
      }
    }
    reported = to;
    accepted(first, to);
    Pending head = oldest;
    if (head != null && head.answersMissing == 0 && !durableAsked) {
      durableAsked = true;
      context.whenDurable(head.storeSequence, durable);
    }
    tellIfIdle();
  }

  private @Nullable Refusal refusal(Pending p) {
    return p.refusal == Refusal.LIMIT && p.taken && oneQueueIsEnough ? null : p.refusal;
  }

  private void accepted(long first, long to) {
    if (first <= to && !closed) {
      listener.accepted(first, to);
    }
  }

  private boolean complete(Pending p) {
    if (p.answersMissing > 0) {
      return false;
    }
    if (context.durable(p.storeSequence)) {
      return true;
    }
    if (context.storeFailed()) {
      p.refusal = Refusal.STORE;
      return true;
    }
    return false;
  }
}
