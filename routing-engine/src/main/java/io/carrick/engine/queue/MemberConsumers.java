package io.carrick.engine.queue;

import io.carrick.Guarantee;
import io.carrick.NotFoundException;
import io.carrick.Rejection;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.Part;
import io.carrick.spi.Settlement;
import io.carrick.spi.Sharing.Share;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue that sessions have joined: those of its members, and others that compete
 * with them. What a member has begun to get exactly once waits for it when it goes. When its
 * session ends, it is everybody's again: an ordinary queue loses nothing. Confined to the queue's
 * loop.
 */
public class MemberConsumers extends Consumers {

  /** How a message goes of which nothing is said. */
  private static final Share AS_IT_IS = new Share(Guarantee.AT_LEAST_ONCE, null);

  /** By the names of the sessions' queues; those of sessions that have ended are not in it. */
  private final Map<String, Seat> seats = new LinkedHashMap<>();

  /** Whose messages are, that only the log holds as yet: seats' ids by the store's sequences. */
  private Map<Long, Long> claimed = Map.of();

  MemberConsumers(Queue queue) {
    super(queue);
  }

  /** Takes the place of others, who have nobody among them that is a member. */
  MemberConsumers(Consumers before) {
    super(before);
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
  }

  /** The broker has started: members that had left and have nothing to finish go. */
  public void started() {
    List.copyOf(seats.values()).forEach(this::checkVacant);
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
    fewer();
    Competitor c = seat.consumer;
    if (c != null) {
      if (!caughtUp(seat)) {
        unlist(c);
      }
      wake(seat);
    }
    checkVacant(seat);
  }

  /** A session has ended, and what it had begun to get has no one that it waits for. */
  public void ended(long id, String name) {
    assert queue.home().loop().inLoop();
    Seat seat = seats.get(name);
    if (seat == null || seat.id != id) {
      queue.owner().vacated(queue, id);
      return;
    }
    seat.joined = false;
    seat.ended = true;
    fewer();
    seats.remove(name);
    while (seat.hasPinned()) {
      endedWith(seat.unpin());
    }
    Competitor c = seat.consumer;
    if (c != null) {
      cancel(c);
    }
    checkVacant(seat);
    queue.pump();
  }

  /** One of those who have joined has left, or has ended. */
  void fewer() {
    // An ordinary queue does not depend on who consumes it.
  }

  private void wake(Seat seat) {
    Competitor c = seat.consumer;
    if (c != null && c.attached) {
      canTake(c);
      queue.pump();
    }
  }

  final void checkVacant(Seat seat) {
    caughtUp(seat);
    if (seat.vacant()) {
      seats.remove(seat.member, seat);
      queue.owner().vacated(queue, seat.id);
    }
  }

  // ---- coming

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
    if (seat == null) {
      return stranger(request, outlet);
    }
    var c = new Competitor(this, outlet, request, seat);
    seat.taken(c);
    return c;
  }

  /** Makes a consumer that is no member's. */
  Consumer stranger(ConsumeRequest request, Outlet outlet) {
    return super.newConsumer(request, outlet);
  }

  /** One has more to settle than before, or less. */
  void moved(Competitor c) {
    // In an ordinary queue that changes no turns.
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

  /** Decides how a message goes to a member. */
  Share share(QueuedMessage m, Seat seat) {
    return seat.attachment instanceof Part part ? part.share(m.message) : AS_IT_IS;
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

  /** A session has ended that had begun to get a message. */
  void endedWith(QueuedMessage m) {
    forgetPin(m);
    returned(m, Settlement.REQUEUE, null);
  }

  /** The same, of a message that only the log held; returns whether it has gone by that. */
  boolean endedWithLogged(QueuedMessage m) {
    forgetPin(m);
    m.redelivered = true;
    return false;
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

  final void forgetPin(QueuedMessage m) {
    if (m.sequence != 0) {
      queue.owner().unpinned(queue, m.sequence);
    }
  }

  // ---- after a restart

  @Override
  boolean claims(QueuedMessage m) {
    Long id = claimed.isEmpty() ? null : claimed.remove(m.sequence);
    if (id == null) {
      return false;
    }
    for (Seat seat : seats.values()) {
      if (seat.id == id) {
        holds(m);
        seat.awaited--;
        seat.pin(m);
        queue.home().loop().execute(() -> wake(seat));
        return true;
      }
    }
    return endedWithLogged(m); // its session has ended meanwhile
  }

  /** Returns whether the log may hold what somebody had begun to get in an earlier run. */
  final boolean claimsSomething() {
    return !claimed.isEmpty();
  }

  final java.util.Collection<Seat> seats() {
    return seats.values();
  }

  @Override
  void forEachUnsettled(java.util.function.Consumer<QueuedMessage> each) {
    super.forEachUnsettled(each);
    seats.values().forEach(seat -> seat.forEachPinned(each));
  }
}
