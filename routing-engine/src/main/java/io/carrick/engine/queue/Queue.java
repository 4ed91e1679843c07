package io.carrick.engine.queue;

import io.carrick.AccessRefusedException;
import io.carrick.ConsumerInfo;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.QueueInfo;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.delivery.LoopMemory;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.DeliverySink.End;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Settlement;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoredMessage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Messages in order, their consumers, and what is unsettled: the single writer of all of it.
 * Confined to its home loop, for as long as it exists, except what is final.
 */
public final class Queue {

  private final long id;
  private final QueueDeclaration declaration;
  private final boolean durable;
  private final @Nullable Admission admission;
  private final LoopContext home;
  private final QueueOwner owner;

  private final ReadyMessages ready;
  private final Consumers consumers = new Consumers();
  private int unsettledCount;
  private long unsettledBytes;
  private boolean pumping;
  private boolean deleted;

  // Each null as long as there is no need of it: most queues are idle ones.
  private @Nullable Expiry expiry;
  private @Nullable Redeliveries earlier;
  private @Nullable ConsumedNote consumedNote;
  private @Nullable Lease lease;
  private @Nullable Fetches fetches;

  /**
   * Makes a new queue.
   *
   * @param id unique in the broker and its store
   * @param declaration what it was declared as, with the name it really has
   */
  public Queue(long id, QueueDeclaration declaration, LoopContext home, QueueOwner owner) {
    this.id = id;
    this.declaration = declaration;
    this.durable = declaration.durable() && !declaration.exclusive();
    this.admission = declaration.session() == null ? null : declaration.session().admission();
    this.home = home;
    this.owner = owner;
    this.ready = new ReadyMessages(this);
    Lifetime lifetime = Lifetime.of(declaration);
    if (lifetime != Lifetime.UNBOUNDED) {
      expiry = new Expiry(this, ready, lifetime);
      home.loop().execute(this::used);
    }
  }

  // ---- callable from any thread

  /** Returns the queue's name. */
  public String name() {
    return declaration.name();
  }

  /** Returns the id that the store knows. */
  public long id() {
    return id;
  }

  /** Returns what it was declared as. */
  public QueueDeclaration declaration() {
    return declaration;
  }

  /** Returns whether it outlives the broker, with the persistent messages in it. */
  public boolean durable() {
    return durable;
  }

  /** Returns what decides about each message; null in a queue that is no session's. */
  public @Nullable Admission admission() {
    return admission;
  }

  /** Returns its loop. */
  public LoopContext home() {
    return home;
  }

  LoopMemory held() {
    return home.held();
  }

  LoopCounts counts() {
    return home.counts();
  }

  /** Returns whether what is out of the window is in memory as well. */
  boolean logInMemory() {
    return owner.logInMemory();
  }

  Limits limits() {
    return owner.limits();
  }

  boolean consumed() {
    return !consumers.isEmpty();
  }

  // ---- messages in

  /**
   * Takes a message that routing sent here.
   *
   * @param sequence the store's, 0 if it is not durable
   * @param verdict what becomes of it: transient or queued
   * @param feeder who is told when it need not pause any more
   * @param shared counts the message's bytes if other queues get it too, else null; null also for
   *     what passes through
   */
  public Answer route(
      Message message,
      long sequence,
      Verdict verdict,
      BackPressureListener feeder,
      @Nullable SharedMessage shared) {
    if (deleted) {
      counts().add(Count.QUEUE_DELETED);
      settleStored(sequence);
      SharedMessage.letGoIfShared(shared, held());
      return Answer.TAKEN;
    }
    if (verdict.kind() == Admission.Kind.TRANSIENT) {
      return passThrough(message, verdict.tag(), feeder);
    }
    enqueue(message, sequence, verdict.tag(), shared);
    return Answer.TAKEN;
  }

  /** Puts a message in past the admission. */
  public void offer(Message message, @Nullable Object tag) {
    if (!deleted) {
      enqueue(message, store(message), tag, null);
    }
  }

  private long store(Message message) {
    boolean stored = durable && message.properties().persistent() && home.storeTakes();
    return stored ? home.appender().append(message, new long[] {id()}, 1) : 0;
  }

  private void enqueue(
      Message message, long sequence, @Nullable Object tag, @Nullable SharedMessage shared) {
    counts().add(Count.ROUTED);
    if (ready.isEmpty() && !pumping) {
      Consumer c = consumers.next();
      if (c != null) {
        if (c.autoAccept()) {
          // It never waits, so it needs nothing to wait in.
          c.deliverSettled(message, tag);
          settleStored(sequence);
          SharedMessage.letGoIfShared(shared, held());
          owner.settled(this, message, Settlement.ACCEPT);
        } else {
          var m = new QueuedMessage(ready.nextPosition(), sequence, message, tag, shared);
          hand(c, m.noted(held()));
        }
        return;
      }
    }
    watchAge(message);
    ready.add(message, sequence, tag, shared);
    pump();
    dropBeyondSessionLimits();
  }

  private Answer passThrough(Message message, @Nullable Object tag, BackPressureListener feeder) {
    Consumer c = consumers.first();
    if (c != null) {
      return c.passThrough(message, tag, feeder);
    }
    counts().add(Count.OFFLINE);
    return Answer.TAKEN;
  }

  private void dropBeyondSessionLimits() {
    if (admission == null) {
      return;
    }
    long most = limits().value(Limit.SESSION_QUEUE_MESSAGES);
    long mostBytes = limits().value(Limit.SESSION_QUEUE_BYTES);
    while (ready.size() > most || ready.bytes() > mostBytes) {
      QueuedMessage oldest = ready.poll();
      if (oldest == null) {
        return;
      }
      counts().add(Count.SESSION_FULL);
      gone(oldest);
    }
  }

  // ---- messages back from the log

  /**
   * Gives a queue that is made again what the store has of it; called before anything else.
   *
   * @param log what is in it
   * @param known of deliveries from it before
   */
  public void restore(QueueLog log, Redeliveries known) {
    ready.restore(log);
    earlier = known;
  }

  QueueLog openLog() {
    return owner.openLog(this);
  }

  /** Messages were read back, and not because the queue itself was asking. */
  void arrived() {
    dropBeyondSessionLimits();
    pump();
    answerWaiting();
  }

  /** Gives a message that was out of memory what it had, or had before the broker started. */
  QueuedMessage restored(long position, StoredMessage stored) {
    Object tag = stored.tag();
    if (tag == null && admission != null) {
      tag = owner.tagOf(this, stored.message());
    }
    watchAge(stored.message());
    var m = new QueuedMessage(position, stored, tag);
    m.redelivered = earlier != null && earlier.take(stored.sequence());
    return m;
  }

  /** Returns which stored messages may have been delivered, for the next run. */
  public Redeliveries redeliveries() {
    Redeliveries known = earlier == null ? Redeliveries.none() : earlier;
    earlier = known;
    ready.forEachInMemory(known::addIfDelivered);
    consumers.all().forEach(c -> c.forEachUnsettled(m -> known.add(m.sequence)));
    return known;
  }

  // ---- messages out

  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    while (!ready.isEmpty()) {
      if (home.loop().workedEnough()) {
        home.loop().continueLater(this::pumpOn); // nothing goes past it until then
        return;
      }
      Consumer c = consumers.next();
      if (c == null) {
        break;
      }
      QueuedMessage m = poll();
      if (m == null) {
        break;
      }
      hand(c, m);
    }
    pumping = false;
    if (expiry != null) {
      expiry.watchHead();
    }
  }

  private void pumpOn() {
    pumping = false;
    pump();
  }

  private @Nullable QueuedMessage poll() {
    return expiry == null ? ready.poll() : expiry.poll();
  }

  private void hand(Consumer c, QueuedMessage m) {
    if (c.autoAccept()) {
      c.deliver(m);
      settledByDelivery(m);
    } else {
      unsettledCount++;
      unsettledBytes += m.bytes();
      c.deliver(m);
    }
  }

  private void settledByDelivery(QueuedMessage m) {
    gone(m);
    owner.settled(this, m.message, Settlement.ACCEPT);
  }

  void creditChanged(Consumer c) {
    if (c.attached) {
      consumers.canTake(c);
      pump();
    }
  }

  /** Settles one delivery of a consumer; an id that is not unsettled is passed over. */
  public void settle(Consumer c, long deliveryId, Settlement how) {
    QueuedMessage m = c.take(deliveryId);
    if (m == null) {
      return;
    }
    settleTaken(m, how);
    if (c.attached && c.hasCredit()) {
      consumers.canTake(c);
    }
    c.tellIfFinished();
    pump();
  }

  private void settleTaken(QueuedMessage m, Settlement how) {
    unsettledCount--;
    unsettledBytes -= m.bytes();
    switch (how) {
      case ACCEPT, REJECT -> {
        counts().add(how == Settlement.ACCEPT ? Count.ACCEPTED : Count.REJECTED);
        gone(m);
      }
      case REQUEUE, UNSENT -> {
        if (deleted) {
          counts().add(Count.QUEUE_DELETED);
          gone(m);
        } else {
          m.redelivered |= how == Settlement.REQUEUE;
          counts().add(Count.REQUEUED);
          watchAge(m.message);
          ready.requeue(m);
        }
      }
    }
    owner.settled(this, m.message, how);
  }

  /** A message is in the queue no more, and does not come back. */
  void gone(QueuedMessage m) {
    settleStored(m.sequence);
    m.gone(held());
  }

  private void settleStored(long sequence) {
    if (sequence != 0) {
      home.appender().settle(id, sequence);
    }
  }

  /**
   * Takes the next message for a consumer that was never added, which then settles it; waits while
   * it is being read.
   *
   * @param done gets the message's place and the message, or nothing if the queue is empty
   */
  public void take(Consumer c, java.util.function.Consumer<Optional<Taken>> done) {
    asConsumed(() -> takeNow(c, done));
  }

  private void takeNow(Consumer c, java.util.function.Consumer<Optional<Taken>> done) {
    used();
    QueuedMessage m = c.gone ? null : poll();
    if (m != null) {
      done.accept(Optional.of(taken(c, m)));
    } else if (c.gone || ready.isEmpty()) {
      done.accept(Optional.empty());
    } else {
      if (fetches == null) {
        fetches = new Fetches();
      }
      fetches.await(() -> takeNow(c, done));
    }
  }

  private void answerWaiting() {
    if (fetches != null) {
      fetches.answer();
    }
  }

  private Taken taken(Consumer c, QueuedMessage m) {
    counts().add(Count.DELIVERED);
    counts().add(Count.REDELIVERED, m.redelivered ? 1 : 0);
    if (c.autoAccept()) {
      settledByDelivery(m);
    } else {
      unsettledCount++;
      unsettledBytes += m.bytes();
      c.hold(m);
    }
    return new Taken(m.deliveryId(), m.message, m.redelivered, ready.size());
  }

  // ---- consumers

  /** Makes a consumer for {@link #take} alone. Callable from any thread. */
  public Consumer fetcher(Outlet outlet, boolean autoAccept) {
    return new Consumer(this, outlet, new ConsumeRequest(name(), autoAccept, Mode.SHARED, 0, 0));
  }

  /**
   * Adds a consumer; completes in this loop, and deliveries start behind the completion.
   *
   * @param done gets the consumer, or why not
   */
  public void consume(ConsumeRequest request, Outlet outlet, Completion<Consumer> done) {
    asConsumed(() -> consumeNow(request, outlet, done));
  }

  private void asConsumed(Runnable then) {
    if (durable && consumedNote == null && !home.storeFailed()) {
      consumedNote = new ConsumedNote(owner.consumed(this));
    }
    if (consumedNote == null || !home.storeTakes()) {
      then.run(); // A full store gets the note when there is room, which consumers make.
    } else {
      consumedNote.whenStored(home, then);
    }
  }

  private void consumeNow(ConsumeRequest request, Outlet outlet, Completion<Consumer> done) {
    if (request.mode() == Mode.LEASE) {
      if (lease == null) {
        lease = new Lease(this, consumers);
      }
      lease.request(request, outlet, done);
      return;
    }
    Consumer first = consumers.first();
    if (first != null && (request.mode() == Mode.EXCLUSIVE || first.mode() != Mode.SHARED)) {
      done.failed(new AccessRefusedException(owner.called(this) + " in exclusive use"));
      return;
    }
    add(request, outlet, done);
  }

  /** No take-over is under way any more. */
  void leaseSettled() {
    lease = null;
  }

  void add(ConsumeRequest request, Outlet outlet, Completion<Consumer> done) {
    if (deleted) {
      done.failed(new NotFoundException("no " + owner.called(this)));
      return;
    }
    var c = new Consumer(this, outlet, request);
    c.beginSlowly(ready.hasRequeued());
    c.attached = true;
    consumers.add(c);
    done.completed(c);
    pump();
  }

  void remove(Consumer c) {
    c.attached = false;
    consumers.remove(c);
  }

  /** Stops deliveries to a consumer; what it has not settled stays with it. */
  public void cancel(Consumer c) {
    if (!c.attached) {
      return;
    }
    remove(c);
    c.cancelled = true;
    c.tellIfFinished();
    left();
  }

  private void left() {
    used();
    if (consumers.isEmpty() && declaration.autoDelete() && !deleted) {
      owner.unused(this);
    }
  }

  /** Ends a consumer: what it has not settled goes back to its place. */
  public void detach(Consumer c) {
    boolean consuming = c.attached;
    c.gone = true;
    remove(c);
    requeueAll(c);
    if (consuming) {
      left();
    }
  }

  void requeueAll(Consumer c) {
    for (QueuedMessage m : c.takeAll()) {
      settleTaken(m, Settlement.REQUEUE);
    }
    pump();
  }

  // ---- age

  /** A message is ready that may grow too old, of all those in the queue perhaps as the first. */
  private void watchAge(Message message) {
    if (expiry == null && message.properties().expirationMs().isPresent()) {
      expiry = new Expiry(this, ready, Lifetime.UNBOUNDED);
    }
  }

  private void used() {
    if (expiry != null && consumers.isEmpty() && !deleted) {
      expiry.used();
    }
  }

  /** It was not used for as long as it may be. */
  void outlived() {
    if (consumers.isEmpty()) { // else the clock starts again when the last one leaves
      owner.unused(this);
    }
  }

  // ---- the queue as a whole

  /** Removes what is ready. */
  public long purge() {
    return dropReady(Count.PURGED);
  }

  private long dropReady(Count why) {
    long dropped = ready.size();
    ready.clear(this::gone, home.appender());
    counts().add(why, dropped);
    answerWaiting();
    return dropped;
  }

  /** Ends the queue, which nobody can find any more: messages go, consumers are told. */
  public long delete() {
    deleted = true;
    if (expiry != null) {
      expiry.stop();
    }
    for (Consumer c : consumers.all()) {
      remove(c);
      c.tellEnded(End.QUEUE_DELETED, () -> requeueAll(c));
    }
    return dropReady(Count.QUEUE_DELETED);
  }

  /** Returns whether nothing is unsettled. */
  public boolean settled() {
    return unsettledCount == 0;
  }

  /** Notes that somebody declares the queue, also passively, and returns it as it is now. */
  public QueueInfo declared() {
    used();
    return info();
  }

  /** Returns the queue as it is now. */
  public QueueInfo info() {
    return new QueueInfo(
        owner.virtualHost(),
        name(),
        durable,
        ready.size(),
        unsettledCount,
        consumers.size(),
        ready.bytes() + unsettledBytes);
  }

  /** Shows the consumers as they are now. */
  public void consumers(java.util.function.Consumer<ConsumerInfo> each) {
    consumers.all().forEach(c -> each.accept(c.info()));
  }
}
