package io.carrick.engine.queue;

import io.carrick.AccessRefusedException;
import io.carrick.ConsumerInfo;
import io.carrick.NotFoundException;
import io.carrick.QueueOptions;
import io.carrick.Rejection;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.DeliverySink.End;
import io.carrick.spi.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of one queue: how they come and go, whose turn it is, and how much they have not
 * settled. Confined to the queue's loop.
 */
public class Consumers {

  final Queue queue;

  /** The only one, as in most queues; null while there are none or several. */
  private @Nullable Consumer only;

  /** Null while there are none or one, or only one is active. */
  private @Nullable Turns several;

  /** Those that wait until the one that is active goes; null while there are none. */
  private @Nullable Standby standby;

  private int unsettled;
  private long unsettledBytes;

  // Each null as long as there is no need of it: most queues are idle ones.
  private @Nullable ConsumedNote consumedNote;
  private @Nullable Lease lease;
  private @Nullable Fetches fetches;

  Consumers(Queue queue) {
    this.queue = queue;
  }

  /** Takes the place of others, with all that they have. */
  Consumers(Consumers before) {
    this.queue = before.queue;
    this.only = before.only;
    this.several = before.several;
    this.standby = before.standby;
    this.unsettled = before.unsettled;
    this.unsettledBytes = before.unsettledBytes;
    this.consumedNote = before.consumedNote;
    this.lease = before.lease;
    this.fetches = before.fetches;
  }

  // ---- who is there

  /** Returns whether nobody is there. */
  public boolean isEmpty() {
    return only == null && several == null;
  }

  /** Returns them all, in the order of their coming. */
  List<Consumer> all() {
    if (several != null) {
      return List.copyOf(several.all);
    }
    if (standby != null && only != null) {
      var all = new ArrayList<Consumer>();
      all.add(only);
      all.addAll(standby.all());
      return all;
    }
    return only == null ? List.of() : List.of(only);
  }

  int size() {
    if (several != null) {
      return several.all.size();
    }
    int waiting = standby == null ? 0 : standby.all().size();
    return only == null ? 0 : 1 + waiting;
  }

  /** Returns the one that came first, or null. */
  @Nullable Consumer first() {
    return several == null ? only : several.all.iterator().next();
  }

  /** Shows them as they are now. */
  public void show(java.util.function.Consumer<ConsumerInfo> each) {
    all().forEach(c -> each.accept(c.info(several != null || c == only)));
  }

  // ---- whose turn it is

  /** Gives turns to one of them that may have got credit. */
  void canTake(Consumer c) {
    if (!c.listed) {
      c.listed = true;
      if (several != null) {
        several.list(c);
      }
    }
  }

  /** Gives no turns any more to one of them that stays. */
  final void unlist(Consumer c) {
    if (several != null) {
      several.unlist(c);
    }
    c.listed = false;
  }

  /** Returns the one whose turn it is, or null; the others come before its next. */
  @Nullable Consumer next() {
    Consumer alone = only;
    if (alone == null) {
      return several == null ? null : several.next();
    }
    if (alone.listed && !alone.canTake()) {
      alone.listed = false;
    }
    return alone.listed ? alone : null;
  }

  void creditChanged(Consumer c) {
    assert queue.home().loop().inLoop();
    if (c.attached) {
      canTake(c);
      queue.pump();
    }
  }

  // ---- coming

  /** Makes a consumer for {@link #take} alone. Callable from any thread. */
  public Consumer fetcher(Outlet outlet, boolean autoAccept) {
    var request = new ConsumeRequest(queue.name(), autoAccept, Mode.SHARED, 0, 0);
    return new Consumer(queue, outlet, request);
  }

  /**
   * Adds a consumer; completes in this loop, and deliveries start behind the completion.
   *
   * @param done gets the consumer, or why not
   */
  public void consume(ConsumeRequest request, Outlet outlet, Completion<? super Consumer> done) {
    asConsumed(() -> queue.consumers().consumeNow(request, outlet, done));
  }

  private void asConsumed(Runnable then) {
    LoopContext home = queue.home();
    if (queue.durable() && consumedNote == null && !home.storeFailed()) {
      consumedNote = new ConsumedNote(queue.owner().consumed(queue));
    }
    if (consumedNote == null || !home.storeTakes()) {
      then.run(); // A full store gets the note when there is room, which consumers make.
    } else {
      consumedNote.whenStored(home, then);
    }
  }

  private void consumeNow(
      ConsumeRequest request, Outlet outlet, Completion<? super Consumer> done) {
    assert queue.home().loop().inLoop();
    if (request.mode() == Mode.LEASE) {
      if (lease == null) {
        lease = new Lease(queue);
      }
      lease.request(request, outlet, done);
      return;
    }
    Consumer first = first();
    boolean inTheWay =
        request.mode() == Mode.EXCLUSIVE
            ? first != null || oneAtATime()
            : first != null && first.mode() != Mode.SHARED;
    if (inTheWay) {
      done.failed(new AccessRefusedException(queue.owner().called(queue) + " in exclusive use"));
      return;
    }
    add(request, outlet, done);
  }

  /** Returns whether only one consumer gets messages while it is there. */
  private boolean oneAtATime() {
    Object asked = queue.declaration().arguments().get(QueueOptions.SINGLE_ACTIVE_CONSUMER);
    return Boolean.TRUE.equals(asked);
  }

  /** No take-over is under way any more. */
  void leaseSettled() {
    lease = null;
  }

  void add(ConsumeRequest request, Outlet outlet, Completion<? super Consumer> done) {
    if (queue.deleted()) {
      done.failed(new NotFoundException("no " + queue.owner().called(queue)));
      return;
    }
    Consumer c = newConsumer(request, outlet);
    c.beginSlowly(queue.ready().hasRequeued());
    if (request.window() instanceof SharedWindow window) {
      c.startsWith(window);
    }
    c.attached = true;
    if (only == null && several == null) {
      only = c;
      if (queue.admission() != null) {
        queue.owner().attended(queue);
      }
    } else if (oneAtATime()) {
      if (standby == null) {
        standby = new Standby();
      }
      standby.add(c);
    } else {
      if (several == null) {
        several = newTurns();
      }
      if (only != null) {
        several.add(only);
        only = null;
      }
      several.add(c);
    }
    canTake(c);
    done.completed(c);
    queue.pump();
  }

  Consumer newConsumer(ConsumeRequest request, Outlet outlet) {
    return new Consumer(queue, outlet, request);
  }

  /** Returns what says whose turn it is, for several. */
  Turns newTurns() {
    return new Turns();
  }

  // ---- going

  /** Takes one out, if it is there. */
  void remove(Consumer c) {
    boolean attached = c.attached;
    c.attached = false;
    if (only == c) {
      only = standby == null ? null : standby.next();
      if (only != null) {
        canTake(only);
      }
    } else if (standby != null) {
      standby.remove(c);
    } else if (several != null) {
      several.remove(c);
      if (several.all.size() == 1) {
        only = several.all.iterator().next();
        several = null;
      }
    }
    c.listed = false;
    Loan loan = c.loan();
    if (attached && loan != null) {
      loan.leaves();
    }
  }

  /** Stops deliveries to one; what it has not settled stays with it. */
  void cancel(Consumer c) {
    assert queue.home().loop().inLoop();
    if (!c.attached) {
      return;
    }
    remove(c);
    c.cancelled = true;
    c.tellIfFinished();
    left();
    queue.pump(); // another may be the active one now
  }

  private void left() {
    queue.used();
    if (!isEmpty() || queue.deleted()) {
      return;
    }
    if (queue.declaration().autoDelete()) {
      queue.owner().unused(queue);
    } else if (queue.admission() != null) {
      queue.owner().unattended(queue);
    }
  }

  /** Ends one: what it has not settled goes back to its place. */
  void detach(Consumer c) {
    assert queue.home().loop().inLoop();
    boolean consuming = c.attached;
    c.gone = true;
    remove(c);
    requeueAll(c);
    if (consuming) {
      left();
    }
  }

  void requeueAll(Consumer c) {
    List<QueuedMessage> all = c.takeAll();
    for (QueuedMessage m : all) {
      returned(m, Settlement.REQUEUE, null);
    }
    freed(c, all.size());
    queue.pump();
  }

  /**
   * The queue has ended: all are told, and what they have not settled goes.
   *
   * @param told runs when they know it
   */
  void end(Runnable told) {
    List<Consumer> all = all();
    int[] left = {all.size()};
    for (Consumer c : all) {
      remove(c);
      c.tellEnded(
          End.QUEUE_DELETED,
          () -> {
            requeueAll(c);
            left[0]--;
            if (left[0] == 0) {
              told.run();
            }
          });
    }
    if (all.isEmpty()) {
      told.run();
    }
  }

  /** One has had a delivery for too long: it ends, and what it has not settled goes back. */
  private void overdue(Consumer c, long timeoutMs) {
    boolean consuming = c.attached;
    c.gone = true;
    remove(c);
    c.tellOverdue(timeoutMs, () -> requeueAll(c));
    if (consuming) {
      left();
    }
  }

  /** They may have a delivery for longer than before, or not so long. */
  void timeoutChanged() {
    all().forEach(Consumer::timeoutChanged);
  }

  // ---- what they have

  /** Returns what keeps the unsettled deliveries of one. */
  Unsettled unsettledOf(Consumer c) {
    long timeoutMs = queue.settings().consumerMs();
    boolean untimed = timeoutMs == QueueSettings.FOR_EVER || queue.admission() != null;
    return untimed
        ? new Unsettled()
        : new TimedUnsettled(
            queue.home().loop(), timeoutMs, () -> queue.consumers().overdue(c, timeoutMs));
  }

  /** Returns whether a message from the log is for nobody but one that had begun to get it. */
  boolean claims(QueuedMessage m) {
    return false;
  }

  /** Shows what is unsettled, in no particular order. */
  void forEachUnsettled(java.util.function.Consumer<QueuedMessage> each) {
    all().forEach(c -> c.forEachUnsettled(each));
  }

  /** Returns whether nothing is unsettled. */
  public boolean settled() {
    return unsettled == 0;
  }

  int unsettled() {
    return unsettled;
  }

  long unsettledBytes() {
    return unsettledBytes;
  }

  /** One of them gets a message that it has to settle. */
  void holds(QueuedMessage m) {
    unsettled++;
    unsettledBytes += m.bytes();
  }

  /**
   * Settles one delivery; an id that is not unsettled is passed over.
   *
   * @param said why its consumer rejects it; null if it has said nothing
   */
  void settle(Consumer c, long deliveryId, Settlement how, @Nullable Rejection said) {
    assert queue.home().loop().inLoop();
    QueuedMessage m = c.take(deliveryId);
    if (m == null) {
      return;
    }
    returned(m, how, said);
    settled(c);
  }

  final void settled(Consumer c) {
    freed(c, 1);
    if (c.attached && c.hasRoom()) {
      canTake(c);
    }
    c.tellIfFinished();
    queue.pump();
  }

  /** Accepts one delivery, of which the store has heard already. */
  void acceptStored(Consumer c, long deliveryId) {
    assert queue.home().loop().inLoop();
    QueuedMessage m = c.take(deliveryId);
    if (m != null) {
      unsettled--;
      unsettledBytes -= m.bytes();
      Departure.acceptedInStore(queue, m);
      settled(c);
    } else if (!queue.deleted()) {
      queue.past().settledInStore(deliveryId); // it has gone back meanwhile
    }
  }

  static void freed(Consumer c, int deliveries) {
    Loan loan = c.loan();
    if (loan != null && deliveries > 0) {
      loan.settled(deliveries);
    }
  }

  /** One of them has a message no more that it had to settle. */
  final void released(QueuedMessage m) {
    unsettled--;
    unsettledBytes -= m.bytes();
  }

  final void returned(QueuedMessage m, Settlement how, @Nullable Rejection said) {
    released(m);
    Departure.settled(queue, m, how, said);
  }

  // ---- single messages

  /**
   * Takes the next message for a consumer that was never added, which then settles it; waits while
   * it is being read.
   *
   * @param done gets the message's place and the message, or nothing if the queue is empty
   */
  public void take(Consumer c, java.util.function.Consumer<Optional<Taken>> done) {
    asConsumed(() -> queue.consumers().takeNow(c, done));
  }

  private void takeNow(Consumer c, java.util.function.Consumer<Optional<Taken>> done) {
    assert queue.home().loop().inLoop();
    queue.used();
    QueuedMessage m = c.gone ? null : queue.poll();
    if (m != null) {
      done.accept(Optional.of(taken(c, m)));
    } else if (c.gone || queue.ready().isEmpty() || queue.holdsBack()) {
      done.accept(Optional.empty());
    } else {
      whenArrived(() -> queue.consumers().takeNow(c, done));
    }
  }

  /** Runs a task when messages have come into memory, or there are none. */
  final void whenArrived(Runnable task) {
    if (fetches == null) {
      fetches = new Fetches();
    }
    fetches.await(task);
  }

  /** Messages have come into memory, or there are none. */
  void answerWaiting() {
    if (fetches != null) {
      fetches.answer();
    }
  }

  private Taken taken(Consumer c, QueuedMessage m) {
    queue.counts().add(Count.DELIVERED);
    queue.counts().add(Count.REDELIVERED, m.redelivered ? 1 : 0);
    long settledBy = c.autoAccept() ? DeliverySink.NO_ID : m.deliveryId();
    Followed.delivered(queue, m.message, c.outlet(), settledBy, m.redelivered);
    if (c.autoAccept()) {
      Departure.delivered(queue, m);
    } else {
      holds(m);
      c.hold(m);
    }
    return new Taken(
        m.deliveryId(),
        m.redelivered ? PastDeliveries.again(queue, m) : m.message,
        m.redelivered,
        queue.ready().size());
  }
}
