package io.carrick.engine.queue;

import io.carrick.ConsumerInfo;
import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.DeliverySink;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One consumer as its queue sees it: its credit and its unsettled deliveries. Confined to the
 * queue's loop; deliveries to an {@link Outlet} on another loop go by letter.
 */
public final class Consumer {

  /** Bytes under way to another loop that need no settling; beyond, the consumer has to wait. */
  private static final long MAX_UNDER_WAY_BYTES = 1 << 20;

  private final Queue queue;
  private final Outlet outlet;
  private final ConsumeRequest request;
  private final Unsettled unsettled = new Unsettled();

  /** Who pauses for this consumer; null while nobody does. */
  private @Nullable Set<Feeder> paused;

  private int prefetch;
  private long underWayBytes;
  private boolean writable = true;
  private long unwritableSinceNanos;

  /** Whether {@link ActiveConsumers} has it. */
  boolean listed;

  /** Whether the queue may deliver to it: from its adding to its cancelling. */
  boolean attached;

  /** Whether it only settles what it has; its outlet is told when that is nothing. */
  boolean cancelled;

  /** Whether its party has left it: what it asked for before is not for it any more. */
  boolean gone;

  Consumer(Queue queue, Outlet outlet, ConsumeRequest request) {
    this.queue = queue;
    this.outlet = outlet;
    this.request = request;
    this.prefetch = queue.prefetch(request.prefetch());
  }

  /** Returns the queue that is consumed. Callable from any thread. */
  public Queue queue() {
    return queue;
  }

  Outlet outlet() {
    return outlet;
  }

  ConsumeRequest request() {
    return request;
  }

  int unsettled() {
    return unsettled.size();
  }

  /** Whether the queue may hand over a stored message now. */
  boolean hasCredit() {
    return writable
        && underWayBytes < MAX_UNDER_WAY_BYTES
        && (request.autoAccept() || unsettled.size() < prefetch);
  }

  boolean congested() {
    return !writable || underWayBytes >= MAX_UNDER_WAY_BYTES;
  }

  /** How long the peer has not been taking bytes. */
  long congestedNanos(long now) {
    return writable ? 0 : now - unwritableSinceNanos;
  }

  void deliver(QueuedMessage m) {
    boolean redelivered = m.redelivered;
    queue.counts().add(Count.DELIVERED);
    if (redelivered) {
      queue.counts().add(Count.REDELIVERED);
    }
    if (request.autoAccept()) {
      hand(DeliverySink.NO_ID, m.message, m.tag, redelivered);
    } else {
      unsettled.add(m);
      hand(m.deliveryId(), m.message, m.tag, redelivered);
    }
  }

  void deliverSettled(Message message, @Nullable Object tag) {
    queue.counts().add(Count.DELIVERED);
    hand(DeliverySink.NO_ID, message, tag, false);
  }

  private void hand(long id, Message message, @Nullable Object tag, boolean redelivered) {
    LoopContext there = outlet.home();
    LoopContext here = queue.home();
    if (there == here) {
      outlet.deliver(id, message, tag, redelivered);
    } else if (id == DeliverySink.NO_ID) {
      int bytes = message.payload().length + 64;
      underWayBytes += bytes;
      here.tell(
          there,
          () -> {
            outlet.deliver(id, message, tag, redelivered);
            there.tell(here, () -> arrived(bytes));
          });
    } else {
      here.tell(there, () -> outlet.deliver(id, message, tag, redelivered));
    }
  }

  private void arrived(int bytes) {
    boolean waited = underWayBytes >= MAX_UNDER_WAY_BYTES;
    underWayBytes -= bytes;
    if (waited && underWayBytes < MAX_UNDER_WAY_BYTES) {
      relieve();
    }
  }

  /** The peer takes bytes, or does not. */
  public void writable(boolean now) {
    if (writable == now) {
      return;
    }
    writable = now;
    if (now) {
      relieve();
    } else {
      unwritableSinceNanos = queue.home().loop().nanoTime();
    }
  }

  private void relieve() {
    relieveFeeders();
    queue.creditChanged(this);
  }

  private void relieveFeeders() {
    Set<Feeder> feeders = paused;
    if (feeders != null) {
      paused = null;
      feeders.forEach(feeder -> queue.home().tell(feeder.home(), feeder::relieved));
    }
  }

  /** Remembers who pauses for this consumer, to be told when it need not any more. */
  void pausedFor(Feeder feeder) {
    Set<Feeder> feeders = paused;
    if (feeders == null) {
      feeders = new LinkedHashSet<>();
      paused = feeders;
    }
    feeders.add(feeder);
  }

  /** Changes how many deliveries may be unsettled. */
  public void prefetch(int deliveries) {
    prefetch = queue.prefetch(deliveries);
    queue.creditChanged(this);
  }

  void tellEnded(DeliverySink.End why, Runnable then) {
    LoopContext here = queue.home();
    LoopContext there = outlet.home();
    relieveFeeders();
    here.tell(
        there,
        () -> {
          outlet.ended(why);
          there.tell(here, then);
        });
  }

  void tellIfFinished() {
    if (cancelled && unsettled.size() == 0) {
      cancelled = false;
      queue.home().tell(outlet.home(), outlet::finished);
    }
  }

  @Nullable QueuedMessage take(long deliveryId) {
    return unsettled.remove(deliveryId);
  }

  List<QueuedMessage> takeAll() {
    return unsettled.removeAll();
  }

  void hold(QueuedMessage m) {
    unsettled.add(m);
  }

  void forEachUnsettled(java.util.function.Consumer<QueuedMessage> each) {
    unsettled.forEach(each);
  }

  ConsumerInfo info() {
    return new ConsumerInfo(
        outlet.connectionId(), queue.name(), request.prefetch(), unsettled.size());
  }
}
