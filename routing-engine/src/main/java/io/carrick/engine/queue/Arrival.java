package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Verdict;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;

/**
 * How a message comes into a queue: it is taken, or refused. There is no other way. Stateless;
 * called in the queue's loop.
 */
public final class Arrival {

  private Arrival() {}

  /**
   * Returns whether a queue that does not take a message says so to its publisher; asked after
   * {@link #refused}.
   */
  public static boolean tells(Queue at) {
    LengthLimit limit = at.settings().length();
    return limit != null && limit.tells();
  }

  /** Returns whether a queue refuses a message that it is to keep; if so, that is the end of it. */
  public static boolean refused(Queue at, Message message) {
    return refused(at, message, 0, null);
  }

  /** Returns whether a queue would refuse a message that it is to keep; that is no end of it. */
  public static boolean wouldRefuse(Queue at, Message message) {
    LengthLimit limit = at.deleted() ? null : at.settings().length();
    return limit != null && limit.refuses(at, message);
  }

  private static boolean refused(
      Queue at, Message message, long sequence, @Nullable SharedMessage shared) {
    LengthLimit limit = at.settings().length();
    if (limit == null || !limit.refuses(at, message)) {
      return false;
    }
    if (limit.tells()) {
      at.owner().refused(message);
    }
    var m = new QueuedMessage(at.ready().nextPosition(), sequence, message, null, shared);
    Discard why = Departure.mustWait(at, message) ? Discard.REFUSED : limit.refusal();
    Departure.discarded(at, m.noted(at.held()), why);
    return true;
  }

  /** Takes a message from another loop as {@link #routed} does, or refuses it. */
  public static Answer fromAfar(
      Queue at,
      Message message,
      long sequence,
      Verdict verdict,
      BackPressureListener publisher,
      @Nullable SharedMessage shared) {
    boolean mayRefuse = !at.deleted() && verdict.kind() == Admission.Kind.ENQUEUE;
    if (mayRefuse && refused(at, message, sequence, shared)) {
      return tells(at) ? Answer.REFUSED : Answer.TAKEN;
    }
    return routed(at, message, sequence, verdict, publisher, shared);
  }

  /**
   * Takes a message that routing sent and that the queue does not refuse.
   *
   * @param sequence the store's, 0 if it is not durable
   * @param verdict what becomes of it: transient or queued
   * @param publisher who is told when it need not pause any more
   * @param shared counts the message's bytes if other queues get it too, else null; null also for
   *     what passes through
   */
  public static Answer routed(
      Queue at,
      Message message,
      long sequence,
      Verdict verdict,
      BackPressureListener publisher,
      @Nullable SharedMessage shared) {
    assert at.home().loop().inLoop();
    if (at.deleted()) {
      at.counts().add(Discard.QUEUE_DELETED.count());
      Followed.dropped(at, message, Discard.QUEUE_DELETED.count());
      Departure.settle(at, message, sequence);
      SharedMessage.letGoIfShared(shared, at.held());
      return Answer.TAKEN;
    }
    if (verdict.kind() == Admission.Kind.TRANSIENT) {
      return passThrough(at, message, verdict.tag(), publisher);
    }
    enqueue(at, message, sequence, verdict.tag(), shared);
    return Answer.TAKEN;
  }

  /** Puts a message in past the admission. */
  static void offered(Queue at, Message message, @Nullable Object tag) {
    if (!at.deleted() && !refused(at, message)) {
      enqueue(at, message, store(at, message), tag, null);
    }
  }

  /**
   * Takes a last value that a binding has asked for, or refuses it: a queue that is full, or one
   * that has to have it stored while the store takes nothing.
   *
   * @return the store's sequence, 0 if it is not stored
   */
  public static long lastValue(Queue at, Message message) {
    assert at.home().loop().inLoop();
    if (at.deleted()) {
      return 0;
    }
    if (at.durable()
        && (message.properties().persistent() || at.isStream())
        && !at.home().storeTakes()) {
      at.counts().add(Count.STORE);
      Followed.dropped(at, message, Count.STORE);
      return 0;
    }
    if (refused(at, message)) {
      return 0;
    }
    long sequence = store(at, message);
    enqueue(at, message, sequence, null, null);
    return sequence;
  }

  private static long store(Queue at, Message message) {
    boolean stored =
        at.durable()
            && (message.properties().persistent() || at.isStream())
            && at.home().storeTakes();
    return stored ? at.home().appender().append(message, new long[] {at.storeId(message)}, 1) : 0;
  }

  private static void enqueue(
      Queue at, Message message, long sequence, @Nullable Object tag, @Nullable SharedMessage all) {
    at.counts().add(Count.ROUTED);
    Followed.taken(at, message);
    Stream stream = at.stream();
    if (stream != null) {
      stream.arrived(message, sequence);
      SharedMessage.letGoIfShared(all, at.held());
      return;
    }
    if (at.ready().isEmpty() && !at.pumps()) {
      Consumer c = at.consumers().next();
      if (c != null) {
        hand(at, c, message, sequence, tag, all);
        return;
      }
    }
    at.watchAge(message);
    at.ready().add(message, sequence, tag, all);
    at.pump();
    if (at.pumps()) {
      at.ready().shorten(); // which the end of the pump does else, but it may be far
    }
  }

  private static void hand(
      Queue at,
      Consumer c,
      Message message,
      long sequence,
      @Nullable Object tag,
      @Nullable SharedMessage shared) {
    if (c.autoAccept()) {
      // It never waits, so it needs nothing to wait in.
      c.deliverSettled(message, tag);
      Departure.settle(at, message, sequence);
      SharedMessage.letGoIfShared(shared, at.held());
      at.owner().settled(at, message, Settlement.ACCEPT);
    } else {
      var m = new QueuedMessage(at.ready().nextPosition(), sequence, message, tag, shared);
      c.receive(m.noted(at.held()));
    }
  }

  private static Answer passThrough(
      Queue at, Message message, @Nullable Object tag, BackPressureListener publisher) {
    Consumer c = at.consumers().first();
    if (c != null) {
      return c.passThrough(message, tag, publisher);
    }
    at.counts().add(Count.OFFLINE);
    Followed.dropped(at, message, Count.OFFLINE);
    return Answer.TAKEN;
  }
}
