package io.carrick.engine.queue;

import io.carrick.ConsumerInfo;
import io.carrick.Limit;
import io.carrick.Message;
import io.carrick.Rejection;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One consumer as its queue sees it: its credit and its unsettled deliveries. Confined to the
 * queue's loop; deliveries to an {@link Outlet} on another loop go by command.
 */
public class Consumer implements Feed {

  private static final long NANOS_PER_MS = 1_000_000;
  private static final int FIRST_DELIVERIES = 16;
  private static final long SLOW_BEGINNING_MS = 100;

  private final Queue queue;
  private final Outlet outlet;
  private final Mode mode;
  private final boolean autoAccept;

  /** Higher ones are served first. */
  final int priority;

  /** How many deliveries may be unsettled. */
  private int prefetch;

  /** How many may be, once the consumer has shown that it takes them. */
  private int fullPrefetch;

  /** Null until a delivery is to be settled. */
  private @Nullable Unsettled unsettled;

  /** Null until it first has to wait, or might have to. */
  private @Nullable Congestion congestion;

  /** What a window has lent for it and others; null without a window. */
  private @Nullable Loan loan;

  /** Whether it gets turns from {@link Consumers}. */
  boolean listed;

  /** Whether its loan wakes it when there is credit. */
  boolean lacksCredit;

  /** Whether the queue may deliver to it: from its adding to its cancelling. */
  boolean attached;

  /** Whether it only settles what it has; its outlet is told when that is nothing. */
  boolean cancelled;

  /** Whether its client has left it: what it asked for before is not for it any more. */
  boolean gone;

  /** Makes the consumer that was asked for. */
  Consumer(Queue queue, Outlet outlet, ConsumeRequest request) {
    this.queue = queue;
    this.outlet = outlet;
    this.mode = request.mode();
    this.autoAccept = request.autoAccept();
    this.priority = request.priority();
    this.fullPrefetch = atMost(request.prefetch());
    this.prefetch = fullPrefetch;
  }

  private int atMost(int asked) {
    int most = queue.limits().count(Limit.UNSETTLED_DELIVERIES);
    return asked == 0 ? most : Math.min(asked, most);
  }

  /** Returns the queue that is consumed. Callable from any thread. */
  @Override
  public Queue queue() {
    return queue;
  }

  /** Puts a message in its queue past the admission. */
  @Override
  public void offer(Message message, @Nullable Object tag) {
    Arrival.offered(queue, message, tag);
  }

  Outlet outlet() {
    return outlet;
  }

  Mode mode() {
    return mode;
  }

  /** Whether what it gets is settled by that. */
  boolean autoAccept() {
    return autoAccept;
  }

  int unsettled() {
    return unsettled == null ? 0 : unsettled.size();
  }

  @Nullable Loan loan() {
    return loan;
  }

  /** Whether it has a use for a stored message now. */
  boolean hasRoom() {
    return !congested() && (autoAccept || unsettled() < prefetch);
  }

  /** Whether the queue may hand over one now; lacking only a window's credit, it is woken then. */
  boolean canTake() {
    return hasRoom() && (loan == null || loan.covers(this));
  }

  boolean congested() {
    return congestion != null && congestion.blocks();
  }

  /** How long the peer has not been taking bytes. */
  private long congestedNanos(long now) {
    return congestion == null ? 0 : congestion.nanos(now);
  }

  /** Takes a message from the queue: its turn has come, and it has credit. */
  void receive(QueuedMessage m) {
    if (autoAccept) {
      passOn(m, m.tag);
    } else {
      queue.consumers().holds(m);
      hold(m);
      send(m, m.deliveryId(), m.tag);
    }
  }

  /** Takes a message from the queue that is settled by that. */
  final void passOn(QueuedMessage m, @Nullable Object tag) {
    send(m, DeliverySink.NO_ID, tag);
    Departure.delivered(queue, m);
  }

  final void send(QueuedMessage m, long id, @Nullable Object tag) {
    boolean redelivered = m.redelivered;
    Message message = m.message;
    queue.counts().add(Count.DELIVERED);
    if (redelivered) {
      queue.counts().add(Count.REDELIVERED);
      message = PastDeliveries.again(queue, m);
    }
    Followed.delivered(queue, message, outlet, id, redelivered);
    hand(id, message, tag, redelivered);
  }

  /** Takes a message that does not wait: at once, for a while also if it is slow, or not at all. */
  Answer passThrough(Message message, @Nullable Object tag, BackPressureListener feeder) {
    if (!congested()) {
      queue.counts().add(Count.ROUTED);
      deliverSettled(message, tag);
      return Answer.TAKEN;
    }
    long pause = queue.limits().value(Limit.SLOW_CONSUMER_PAUSE_MS) * NANOS_PER_MS;
    if (congestedNanos(queue.home().loop().nanoTime()) >= pause) {
      queue.counts().add(Count.SLOW_CONSUMER);
      Followed.dropped(queue, message, Count.SLOW_CONSUMER);
      return Answer.TAKEN;
    }
    queue.counts().add(Count.ROUTED);
    deliverSettled(message, tag);
    congestion().pauses(feeder);
    return Answer.CONGESTED;
  }

  void deliverSettled(Message message, @Nullable Object tag) {
    queue.counts().add(Count.DELIVERED);
    Followed.delivered(queue, message, outlet, DeliverySink.NO_ID, false);
    hand(DeliverySink.NO_ID, message, tag, false);
  }

  private void hand(long id, Message message, @Nullable Object tag, boolean redelivered) {
    LoopContext there = outlet.home();
    LoopContext here = queue.home();
    here.loop().worked(1);
    if (there == here) {
      outlet.deliver(id, message, tag, redelivered);
    } else if (id == DeliverySink.NO_ID) {
      int bytes = message.payload().length + 64;
      Congestion noted = congestion();
      noted.leaves(bytes);
      here.tell(
          there,
          () -> {
            outlet.deliver(id, message, tag, redelivered);
            there.tell(here, () -> noted.arrived(bytes));
          });
    } else {
      here.tell(there, () -> outlet.deliver(id, message, tag, redelivered));
    }
  }

  private Congestion congestion() {
    if (congestion == null) {
      congestion = new Congestion(this);
    }
    return congestion;
  }

  /** The peer takes bytes, or does not. */
  @Override
  public void writable(boolean now) {
    if (!now) {
      congestion().begins(queue.home().loop().nanoTime());
    } else if (congestion != null) {
      congestion.ends();
    }
  }

  /** Settles one of its deliveries; an id that is not unsettled is passed over. */
  @Override
  public void settle(long deliveryId, Settlement how) {
    queue.consumers().settle(this, deliveryId, how, null);
  }

  /** Gives one of its deliveries up, and has said why. */
  @Override
  public void reject(long deliveryId, Rejection said) {
    queue.consumers().settle(this, deliveryId, Settlement.REJECT, said);
  }

  /**
   * Returns the store's sequence of a delivery, 0 if it is not stored. Callable from any thread.
   */
  @Override
  public long stored(long deliveryId) {
    return Math.max(0, deliveryId); // see QueuedMessage.deliveryId
  }

  @Override
  public boolean holds(long deliveryId) {
    return unsettled != null && unsettled.has(deliveryId);
  }

  /** Accepts one of its deliveries, of which the store has heard already. */
  @Override
  public void acceptStored(long deliveryId) {
    queue.consumers().acceptStored(this, deliveryId);
  }

  /** Stops deliveries; what is not settled stays with it. */
  @Override
  public void cancel() {
    queue.consumers().cancel(this);
  }

  /** Ends it: what is not settled goes back to its place. */
  @Override
  public void detach() {
    queue.consumers().detach(this);
  }

  /** It comes, and a window bounds it from the start. */
  void startsWith(SharedWindow window) {
    loan = Loan.of(queue, window);
    loan.joins();
  }

  /** Lets a window bound it too from now on, and tells the window what it has. */
  @Override
  public void drawOn(SharedWindow window) {
    if (loan == null && (attached || unsettled() > 0)) {
      loan = Loan.of(queue, window);
      loan.joins(unsettled(), attached);
    } else {
      queue.home().tell(window.home(), window::joinedNobody);
    }
  }

  /** Changes how many deliveries may be unsettled. */
  @Override
  public void prefetch(int deliveries) {
    fullPrefetch = atMost(deliveries);
    prefetch = fullPrefetch;
    queue.consumers().creditChanged(this);
  }

  /**
   * Begins with a few deliveries if it takes a session over: it gets what others had before it, and
   * perhaps another takes over before it has read any. Each that it settles is worth two more, and
   * after a while it gets what it asked for, whether it settles or not.
   *
   * @param again whether there is something that others had
   */
  void beginSlowly(boolean again) {
    if (again && mode == Mode.LEASE && prefetch > FIRST_DELIVERIES) {
      prefetch = FIRST_DELIVERIES;
      queue.home().loop().schedule(SLOW_BEGINNING_MS, () -> prefetch(fullPrefetch));
    }
  }

  void tellEnded(DeliverySink.End why, Runnable then) {
    tellEnded(() -> outlet.ended(why), then);
  }

  /** It has ended because it has not settled a delivery in time. */
  void tellOverdue(long timeoutMs, Runnable then) {
    cancelled = false;
    tellEnded(() -> outlet.overdue(timeoutMs), then);
  }

  private void tellEnded(Runnable end, Runnable then) {
    LoopContext here = queue.home();
    LoopContext there = outlet.home();
    if (congestion != null) {
      congestion.relieveFeeders();
    }
    here.tell(
        there,
        () -> {
          end.run();
          there.tell(here, then);
        });
  }

  void tellIfFinished() {
    if (cancelled && unsettled() == 0) {
      cancelled = false;
      takeAll(); // of nothing: a timer that was set for what is settled would stay for its time
      queue.home().tell(outlet.home(), outlet::finished);
    }
  }

  @Nullable QueuedMessage take(long deliveryId) {
    QueuedMessage m = unsettled == null ? null : unsettled.remove(deliveryId);
    if (m != null && prefetch < fullPrefetch) {
      prefetch = Math.min(fullPrefetch, prefetch + 2);
    }
    return m;
  }

  List<QueuedMessage> takeAll() {
    return unsettled == null ? List.of() : unsettled.removeAll();
  }

  void hold(QueuedMessage m) {
    if (unsettled == null) {
      unsettled = queue.consumers().unsettledOf(this);
    }
    unsettled.add(m);
    if (loan != null) {
      loan.uses();
    }
  }

  /** It may have a delivery for longer than before, or not so long, from now on. */
  void timeoutChanged() {
    if (unsettled != null) {
      List<QueuedMessage> all = unsettled.removeAll();
      unsettled = queue.consumers().unsettledOf(this);
      all.forEach(unsettled::add);
    }
  }

  void forEachUnsettled(java.util.function.Consumer<QueuedMessage> each) {
    if (unsettled != null) {
      unsettled.forEach(each);
    }
  }

  /**
   * Shows it as it is now.
   *
   * @param active whether it gets messages
   */
  ConsumerInfo info(boolean active) {
    int asked = fullPrefetch == atMost(0) ? 0 : fullPrefetch;
    return new ConsumerInfo(outlet.connectionId(), queue.name(), asked, unsettled(), active);
  }
}
