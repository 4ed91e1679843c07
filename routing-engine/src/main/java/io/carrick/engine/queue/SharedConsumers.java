package io.carrick.engine.queue;

import io.carrick.AccessRefusedException;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.Sharing;
import io.carrick.spi.Sharing.Share;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a queue that several sessions share, and that is there for them alone: the least
 * busy one is next, and what a member has begun to get exactly once is never another's. Confined to
 * the queue's loop.
 */
public final class SharedConsumers extends MemberConsumers {

  /** No session's queue has it as its id. */
  private static final long NOBODY = 0;

  private final Sharing sharing;

  private @Nullable LeastBusy leastBusy;

  SharedConsumers(Queue queue, Sharing sharing) {
    super(queue);
    this.sharing = sharing;
  }

  // ---- members

  @Override
  public void restore(List<RestoredMember> members, Map<Long, Long> pinned) {
    super.restore(members, pinned);
    if (deserted() && !queue.ready().isEmpty()) {
      queue.home().loop().execute(this::sweep);
    }
  }

  @Override
  public void started() {
    super.started();
    queue.owner().vacated(queue, NOBODY);
  }

  @Override
  void fewer() {
    if (deserted()) {
      desert();
    }
  }

  /**
   * Returns whether nobody is to get what is here, not even who has joined and is not known yet.
   */
  private boolean deserted() {
    return seats().stream().noneMatch(seat -> seat.joined) && !queue.owner().hasMembers(queue);
  }

  /**
   * The last member has left: what is under way is everybody's own from now on, as there is nobody
   * else who could get it, and what is ready goes.
   */
  private void desert() {
    for (Seat seat : seats()) {
      seat.forEachConsumer(c -> c.keepAll(seat));
    }
    sweep();
  }

  /** Nobody is to get what is ready: it goes, but for what is under way exactly once. */
  private void sweep() {
    if (!deserted() || queue.deleted()) {
      return;
    }
    if (!claimsSomething()) {
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
  Consumer stranger(ConsumeRequest request, Outlet outlet) {
    return new Competitor(this, outlet, request, null);
  }

  @Override
  Turns newTurns() {
    var made = new LeastBusy();
    leastBusy = made;
    return made;
  }

  @Override
  void moved(Competitor c) {
    if (leastBusy != null) {
      leastBusy.moved(c);
    }
  }

  // ---- deliveries

  @Override
  Share share(QueuedMessage m, Seat seat) {
    return sharing.share(m.message, seat.attachment);
  }

  // ---- sessions that have ended

  @Override
  void endedWith(QueuedMessage m) {
    released(m);
    Departure.discarded(queue, m, Discard.SESSION_ENDED);
    forgetPin(m); // behind that: until it has left, it is nobody else's
  }

  @Override
  boolean endedWithLogged(QueuedMessage m) {
    holds(m);
    endedWith(m);
    return true;
  }
}
