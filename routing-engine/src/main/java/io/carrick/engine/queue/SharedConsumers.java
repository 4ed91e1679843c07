package io.carrick.engine.queue;

import io.carrick.AccessRefusedException;
import io.carrick.NotFoundException;
import io.carrick.Rejection;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Settlement;
import io.carrick.spi.Sharing;
import io.carrick.spi.Sharing.Share;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue that several sessions share: those of its members, and others that
 * compete with them. The least busy one is next. What a member has begun to get exactly once waits
 * for it when it goes, and is never another's. Confined to the queue's loop.
 */
public final class SharedConsumers extends Consumers {

  /** No session's queue has it as its id. */
  private static final long NOBODY = 0;

  private final Sharing sharing;

  /** By the names of the sessions' queues; those of sessions that have ended are not in it. */
  private final Map<String, Seat> seats = new LinkedHashMap<>();

  /** Whose messages are, that only the log holds as yet: seats' ids by the store's sequences. */
  private Map<Long, Long> claimed = Map.of();

  private @Nullable LeastBusy leastBusy;

  SharedConsumers(Queue queue, Sharing sharing) {
    super(queue);
    this.sharing = sharing;
  }

  // ---- members

  /**
   * Takes what the store has of members; called before anything else.
   *
   * @param pinned whose messages are that were under way exactly once: the ids of the sessions'
   *     queues by the store's sequences
   */
  public void restore(List<RestoredMember> members, Map<Long, Long> pinned) {
    for (RestoredMember m : members) {
      Seat seat = seat(m.id(), m.name());
      seat.attachment = m.attachment();
      seat.joined = m.joined();
      seat.awaited = (int) pinned.values().stream().filter(id -> id == m.id()).count();
    }
    claimed = new HashMap<>(pinned);
    if (deserted() && !queue.ready().isEmpty()) {
      queue.home().loop().execute(this::sweep);
    }
  }

  /** The broker has started: members that had left and have nothing to finish go. */
  public void started() {
    List.copyOf(seats.values()).forEach(this::checkVacant);
    queue.owner().vacated(queue, NOBODY);
  }

  /**
   * A member as the store has it. Immutable.
   *
   * @param id of the session's queue
   * @param name of the session's queue
   * @param attachment what the adapter attached
   * @param joined whether it gets new messages
   */
  public record RestoredMember(long id, String name, @Nullable Object attachment, boolean joined) {}

  private Seat seat(long id, String name) {
    Seat there = seats.get(name);
    if (there != null && there.id != id) {
      ended(there.id, name);
      there = null;
    }
    if (there == null) {
      there = new Seat(id, name);
      seats.put(name, there);
    }
    return there;
  }

  /**
   * A session is a member from now on, or with something else attached.
   *
   * @param id of the session's queue
   * @param name of the session's queue
   */
  public void joined(long id, String name, @Nullable Object attachment) {
    assert queue.home().loop().inLoop();
    Seat seat = seat(id, name);
    seat.attachment = attachment;
    seat.joined = true;
    wake(seat);
  }

  /** A session gets nothing new any more; what it has begun to get is finished. */
  public void left(long id, String name) {
    assert queue.home().loop().inLoop();
    Seat seat = seats.get(name);
    if (seat == null || seat.id != id) {
      queue.owner().vacated(queue, id);
      return;
    }
    seat.joined = false;
    if (deserted()) {
      desert();
    }
    Competitor c = seat.consumer;
    if (c != null) {
      c.listed = false;
      wake(seat);
    }
    checkVacant(seat);
  }

  /** A session has ended: what it had begun to get goes, since it is nobody else's. */
  public void ended(long id, String name) {
    assert queue.home().loop().inLoop();
    Seat seat = seats.get(name);
    if (seat == null || seat.id != id) {
      queue.owner().vacated(queue, id);
      return;
    }
    seat.joined = false;
    seat.ended = true;
    if (deserted()) {
      desert();
    }
    seats.remove(name);
    while (seat.hasPinned()) {
      endedWith(seat.unpin());
    }
    Competitor c = seat.consumer;
    if (c != null) {
      cancel(c);
    }
    checkVacant(seat);
  }

  /**
   * Returns whether nobody is to get what is here, not even who has joined and is not known yet.
   */
  private boolean deserted() {
    return seats.values().stream().noneMatch(seat -> seat.joined)
        && !queue.owner().hasMembers(queue);
  }

  /**
   * The last member has left: what is under way is everybody's own from now on, as there is nobody
   * else who could get it, and what is ready goes.
   */
  private void desert() {
    for (Seat seat : seats.values()) {
      seat.forEachConsumer(c -> c.keepAll(seat));
    }
    sweep();
  }

  /** Nobody is to get what is ready: it goes, but for what is under way exactly once. */
  private void sweep() {
    if (!deserted() || queue.deleted()) {
      return;
    }
    if (claimed.isEmpty()) {
      queue.discardReady(Discard.QUEUE_DELETED);
      return;
    }
    for (QueuedMessage m = queue.poll(); m != null; m = queue.poll()) {
      Departure.discarded(queue, m, Discard.QUEUE_DELETED);
      queue.home().loop().worked(1);
      if (queue.home().loop().workedEnough()) {
        queue.home().loop().continueLater(this::sweep);
        return;
      }
    }
    if (!queue.ready().isEmpty()) {
      whenArrived(this::sweep);
    }
  }

  private void wake(Seat seat) {
    Competitor c = seat.consumer;
    if (c != null && c.attached) {
      canTake(c);
      queue.pump();
    }
  }

  private void checkVacant(Seat seat) {
    caughtUp(seat);
    if (seat.vacant()) {
      seats.remove(seat.member, seat);
      queue.owner().vacated(queue, seat.id);
    }
  }

  // ---- coming

  @Override
  public void consume(ConsumeRequest request, Outlet outlet, Completion<? super Consumer> done) {
    if (request.mode() != Mode.SHARED) {
      done.failed(
          new AccessRefusedException(queue.owner().called(queue) + " is shared by sessions"));
    } else {
      super.consume(request, outlet, done);
    }
  }

  @Override
  void add(ConsumeRequest request, Outlet outlet, Completion<? super Consumer> done) {
    Seat seat = request.member() == null ? null : seats.get(request.member());
    if (seat == null && request.member() != null) {
      done.failed(
          new NotFoundException(
              "'" + request.member() + "' does not share " + queue.owner().called(queue)));
      return;
    }
    super.add(request, outlet, done);
    if (seat != null && seat.consumer != null) {
      Competitor c = seat.consumer;
      c.started = true;
      wake(seat);
      c.canTake(); // so that it has credit when it is wanted
    }
  }

  @Override
  Consumer newConsumer(ConsumeRequest request, Outlet outlet) {
    Seat seat = request.member() == null ? null : seats.get(request.member());
    var c = new Competitor(this, outlet, request, seat);
    if (seat != null) {
      seat.taken(c);
    }
    return c;
  }

  @Override
  Turns newTurns() {
    var made = new LeastBusy();
    leastBusy = made;
    return made;
  }

  /** One has more to settle than before, or less. */
  void moved(Competitor c) {
    if (leastBusy != null) {
      leastBusy.moved(c);
    }
  }

  /** A member gets first what it had begun to get, and nothing new behind that if it has left. */
  @Override
  void canTake(Consumer c) {
    Seat seat = seatOf(c);
    if (seat == null) {
      super.canTake(c);
    } else if (c instanceof Competitor member && seat.consumer == c && member.started) {
      catchUp(member, seat);
      if (seat.joined && !seat.hasPinned()) {
        super.canTake(c);
      } else if (!seat.joined && caughtUp(seat)) {
        cancel(c);
      }
    }
  }

  private static @Nullable Seat seatOf(Consumer c) {
    return c instanceof Competitor member ? member.seat() : null;
  }

  private boolean caughtUp(Seat seat) {
    if (queue.ready().isEmpty()) {
      seat.awaited = 0; // what the log does not have has gone
    }
    return seat.caughtUp();
  }

  private static void catchUp(Competitor c, Seat seat) {
    while (seat.hasPinned() && c.canTake()) {
      c.receiveAgain(seat.unpin(), seat);
    }
  }

  // ---- deliveries

  Share share(QueuedMessage m, Seat seat) {
    return sharing.share(m.message, seat.attachment);
  }

  /** A message is one member's alone from now on, also after a crash. */
  void pins(QueuedMessage m, Seat seat) {
    if (m.sequence != 0) {
      queue.owner().pinned(queue, m.sequence, seat.id);
    }
  }

  @Override
  void settle(Consumer c, long deliveryId, Settlement how, @Nullable Rejection said) {
    assert queue.home().loop().inLoop();
    Seat seat = seatOf(c);
    boolean kept = c instanceof Competitor member && member.keeps(deliveryId);
    QueuedMessage m = c.take(deliveryId);
    if (m == null) {
      return;
    }
    if (kept && m.sequence != 0) {
      returnedPinned(m, how, said);
    } else {
      returned(m, how, said);
    }
    settled(c);
    if (seat != null && !seat.joined) {
      checkVacant(seat);
    }
  }

  /** Of a message that has left, the store need not know any more whose it was. */
  private void returnedPinned(QueuedMessage m, Settlement how, @Nullable Rejection said) {
    queue.home().appender().begin();
    try {
      returned(m, how, said);
      queue.owner().unpinned(queue, m.sequence);
    } finally {
      queue.home().appender().end();
    }
  }

  // ---- going

  @Override
  void detach(Consumer c) {
    super.detach(c);
    Seat seat = seatOf(c);
    if (seat != null && c instanceof Competitor member) {
      seat.left(member);
      wake(seat); // it may be back already
      checkVacant(seat);
    }
  }

  @Override
  void cancel(Consumer c) {
    super.cancel(c);
    Seat seat = seatOf(c);
    if (seat != null && seat.consumer == c) {
      seat.consumer = null;
      checkVacant(seat);
    }
  }

  @Override
  void requeueAll(Consumer c) {
    Seat seat = seatOf(c);
    if (seat != null && !queue.deleted()) {
      freed(c, leaveBehind((Competitor) c, seat));
    }
    super.requeueAll(c);
  }

  /** What is one member's alone stays so. */
  private int leaveBehind(Competitor c, Seat seat) {
    List<QueuedMessage> kept = c.takeKept();
    for (QueuedMessage m : kept) {
      if (seat.ended) {
        endedWith(m);
      } else {
        seat.pin(comesAgain(m));
      }
    }
    return kept.size();
  }

  private static QueuedMessage comesAgain(QueuedMessage m) {
    m.redelivered = true;
    return m;
  }

  private void endedWith(QueuedMessage m) {
    released(m);
    Departure.discarded(queue, m, Discard.SESSION_ENDED);
    forgetPin(m); // behind that: until it has left, it is nobody else's
  }

  @Override
  void end(Runnable told) {
    for (Seat seat : seats.values()) {
      seat.forEachPinned(this::forgetPin);
    }
    for (Consumer c : all()) {
      if (c instanceof Competitor member) {
        member.forEachKept(this::forgetPin);
      }
    }
    claimed.keySet().forEach(sequence -> queue.owner().unpinned(queue, sequence));
    claimed = Map.of();
    for (Seat seat : seats.values()) {
      while (seat.hasPinned()) {
        QueuedMessage m = seat.unpin();
        released(m);
        Departure.discarded(queue, m, Discard.QUEUE_DELETED);
      }
    }
    super.end(told);
  }

  private void forgetPin(QueuedMessage m) {
    if (m.sequence != 0) {
      queue.owner().unpinned(queue, m.sequence);
    }
  }

  // ---- after a restart

  /** Returns whether a message from the log is for nobody but a member that had begun to get it. */
  boolean claims(QueuedMessage m) {
    Long id = claimed.isEmpty() ? null : claimed.remove(m.sequence);
    if (id == null) {
      return false;
    }
    holds(m);
    for (Seat seat : seats.values()) {
      if (seat.id == id) {
        seat.awaited--;
        seat.pin(m);
        queue.home().loop().execute(() -> wake(seat));
        return true;
      }
    }
    endedWith(m); // its session has ended meanwhile
    return true;
  }

  @Override
  void forEachUnsettled(java.util.function.Consumer<QueuedMessage> each) {
    super.forEachUnsettled(each);
    seats.values().forEach(seat -> seat.forEachPinned(each));
  }
}
