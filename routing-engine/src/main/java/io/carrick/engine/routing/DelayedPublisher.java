package io.carrick.engine.routing;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.topology.DelayedMessages;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.Releases;
import io.carrick.spi.Loop.Timer;
import io.carrick.spi.LoopGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the messages of one loop that have waited, each when it is due. A queue is left alone
 * until the stretch of time begins in which its messages are due; then those that are due soon wait
 * here, in order, and the others in another queue. Confined to that loop.
 */
final class DelayedPublisher implements Releases {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  /** When it is tried again if the store takes nothing. */
  private static final long AGAIN_MS = 100;

  /** How often a queue is looked at that has not become empty in its time. */
  private static final long LOOK_MS = 1_000;

  /** The wall clock may be set: nobody relies on it for longer. */
  private static final long LONGEST_SLEEP_MS = 600_000;

  private final Router router;
  private final LoopContext context;
  private final List<LoopContext> all;
  private final Limits limits;
  private final DeadLettersUnderWay underWay;

  private final PriorityQueue<DelayedMessages> closed =
      new PriorityQueue<>(1, Comparator.comparingLong(m -> m.stretch().opensMs()));

  private final List<OpenedDelay> opened = new ArrayList<>(1);

  /** What is due soon. */
  private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(1);

  /** What is not, and goes on waiting elsewhere. */
  private final ArrayDeque<Waiting> early = new ArrayDeque<>(1);

  /** What has to be stored while the store takes nothing. */
  private final ArrayDeque<Waiting> aside = new ArrayDeque<>(1);

  private long lastNumber;
  private boolean asked;
  private boolean working;
  private @Nullable Timer timer;
  private long timerMs = Long.MAX_VALUE;

  /** A message of an opened queue, which is settled once. */
  private static final class Waiting implements Comparable<Waiting> {

    private final OpenedDelay in;
    private final long deliveryId;
    private final Message message;
    private final long dueMs;
    private final long number;
    private boolean settled;

    Waiting(OpenedDelay in, long deliveryId, Message message, long dueMs, long number) {
      this.in = in;
      this.deliveryId = deliveryId;
      this.message = message;
      this.dueMs = dueMs;
      this.number = number;
    }

    @Override
    public int compareTo(Waiting other) {
      return dueMs == other.dueMs
          ? Long.compare(number, other.number)
          : Long.compare(dueMs, other.dueMs);
    }

    void settle() {
      settled = true;
      in.settle(deliveryId, message);
    }
  }

  /**
   * Makes the publisher of one loop.
   *
   * @param all every loop's
   */
  DelayedPublisher(Router router, List<LoopContext> all, Limits limits) {
    this.router = router;
    this.context = router.context();
    this.all = all;
    this.limits = limits;
    this.underWay =
        new DeadLettersUnderWay(context, limits.value(Limit.PUBLISHER_CREDIT_BYTES), this::ask);
  }

  @Override
  public void add(DelayedMessages messages) {
    closed.add(messages);
    ask();
  }

  /** A queue has handed over a message. */
  void took(OpenedDelay in, long deliveryId, Message message) {
    long now = context.loop().wallTimeMs();
    long dueMs = message.arrivedMs() + in.messages().delayMs(message);
    put(new Waiting(in, deliveryId, message, dueMs, ++lastNumber), now);
    if (!working && (dueMs < timerMs || !early.isEmpty())) {
      ask();
    }
  }

  private void put(Waiting w, long now) {
    if (w.in.messages().stretch().isNear(w.dueMs, now)) {
      waiting.add(w);
    } else {
      early.add(w);
    }
  }

  // ---- at work

  /** In this turn if there is room in it. */
  private void ask() {
    if (asked) {
      return;
    }
    asked = true;
    if (context.loop().workedEnough()) {
      context.loop().continueLater(this::work);
    } else {
      context.loop().atTurnEnd(this::work);
    }
  }

  private void work() {
    asked = false;
    working = true;
    long now = context.loop().wallTimeMs();
    try {
      open(now);
      takeBack(now);
      while (!context.loop().workedEnough()) {
        Waiting next = next(now);
        if (next == null || underWay.tooMuch()) {
          break;
        }
        context.loop().worked(1);
        if (mayBeStored(next) && !router.storeTakes()) {
          aside.add(remove(next));
        } else {
          go(next, now);
        }
      }
      end(now);
      rest(now);
    } finally {
      working = false;
    }
  }

  private void open(long now) {
    for (DelayedMessages m = closed.peek();
        m != null && m.stretch().opensMs() <= now;
        m = closed.peek()) {
      closed.remove();
      opened.add(new OpenedDelay(m, this, limits));
    }
  }

  /** Shows what is to go now: on to another queue or, since it is due, to its exchange. */
  private @Nullable Waiting next(long now) {
    Waiting first = early.peek();
    if (first != null) {
      return first;
    }
    first = waiting.peek();
    return first == null || first.dueMs > now ? null : first;
  }

  private Waiting remove(Waiting next) {
    return early.peek() == next ? early.remove() : waiting.remove();
  }

  /** What waits on is stored if it was before; what is due may match a queue that stores it. */
  private boolean mayBeStored(Waiting next) {
    return next.message.properties().persistent()
        && (early.peek() != next || next.in.messages().queue().durable());
  }

  private void takeBack(long now) {
    if (!aside.isEmpty() && router.storeTakes()) {
      aside.forEach(w -> put(w, now));
      aside.clear();
    }
  }

  private void go(Waiting next, long now) {
    boolean isEarly = early.peek() == next;
    Waiting gone = remove(next);
    if (gone.in.ended()) {
      return;
    }
    try {
      if (isEarly) {
        goOnWaiting(gone);
      } else {
        release(gone, now);
      }
    } catch (RuntimeException | Error bug) {
      if (LoopGroup.isFatal(bug)) {
        throw bug;
      }
      log.error("a message of exchange '{}' that has waited was not published", name(gone), bug);
      drop(gone);
    }
  }

  /** What cannot be published would keep its queue for ever. */
  private void drop(Waiting failed) {
    if (!failed.settled) {
      context.counts().add(Count.NOT_RELEASED);
      notReleased(failed, Count.NOT_RELEASED);
      failed.settle();
    }
  }

  private void notReleased(Waiting w, Count why) {
    if (w.message.isFollowed()) {
      context.follower().notReleased(w.message, w.in.messages().host().name(), why);
    }
  }

  private static String name(Waiting w) {
    return w.in.messages().exchange();
  }

  private void goOnWaiting(Waiting w) {
    Queue nearer = w.in.messages().nearer(w.message, this);
    if (nearer == null) {
      return; // it goes with its queue
    }
    if (nearer == w.in.messages().queue()) { // as the clock was set back
      waiting.add(w);
    } else {
      router.move(nearer, w.message, w::settle, underWay);
    }
  }

  private void release(Waiting w, long now) {
    DelayedMessages from = w.in.messages();
    Exchange exchange = from.host().exchangeOrNull(from.exchange());
    if (exchange == null) {
      notReleased(w, Count.NOT_RELEASED);
      w.settle(); // and the queue goes, too
      return;
    }
    Message message = w.message.released(from.delayMs(w.message), now);
    router.release(from.host(), exchange, message, w::settle, underWay);
  }

  // ---- the end of a stretch

  private void end(long now) {
    for (OpenedDelay o : List.copyOf(opened)) {
      if (o.ended()) {
        opened.remove(o);
      } else if (now >= o.messages().stretch().endMs() && o.isEmpty()) {
        end(o);
      }
    }
  }

  private void end(OpenedDelay o) {
    if (o.complete) {
      opened.remove(o);
      o.messages().end();
    } else if (!o.closed) {
      o.closed = true;
      o.messages().close();
      // Who has found it before hands over by the end of its turn, ahead of its answer.
      int[] left = {all.size()};
      for (LoopContext other : all) {
        context.tell(other, () -> other.tell(context, () -> answered(o, left)));
      }
    }
  }

  private void answered(OpenedDelay o, int[] left) {
    left[0]--;
    if (left[0] == 0) {
      o.complete = true;
      ask();
    }
  }

  // ---- until there is something to do again

  private void rest(long now) {
    if (!early.isEmpty() || next(now) != null) {
      if (!underWay.tooMuch()) {
        ask(); // the turn had no room for it
      }
      return;
    }
    long wakeMs = now + LONGEST_SLEEP_MS;
    DelayedMessages nextToOpen = closed.peek();
    if (nextToOpen != null) {
      wakeMs = Math.min(wakeMs, nextToOpen.stretch().opensMs());
    }
    if (!aside.isEmpty()) {
      wakeMs = Math.min(wakeMs, now + AGAIN_MS);
    }
    Waiting nextDue = waiting.peek();
    if (nextDue != null) {
      wakeMs = Math.min(wakeMs, nextDue.dueMs);
    }
    for (OpenedDelay o : opened) {
      long endMs = o.messages().stretch().endMs();
      wakeMs = Math.min(wakeMs, endMs > now ? endMs : now + LOOK_MS);
    }
    if (!aside.isEmpty() || nextToOpen != null || nextDue != null || !opened.isEmpty()) {
      sleepUntil(wakeMs, now);
    }
  }

  private void sleepUntil(long wakeMs, long now) {
    Timer there = timer;
    if (there != null) {
      if (timerMs == wakeMs) {
        return;
      }
      there.cancel();
    }
    timerMs = wakeMs;
    timer = context.loop().schedule(Math.max(1, wakeMs - now), this::wake);
  }

  private void wake() {
    timer = null;
    timerMs = Long.MAX_VALUE;
    ask();
  }
}
