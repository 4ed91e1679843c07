package io.carrick.engine.client;

import io.carrick.Message;
import io.carrick.Rejection;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Feed;
import io.carrick.engine.queue.Outlet;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.SharedWindow;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.DeliverySink.End;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer as its client sees it: what comes from the queue goes to the sink, what the adapter
 * says goes to the queue. Confined to the client's loop, except what is final.
 */
final class AttachedConsumption implements Consumption, Outlet {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final ClientAttachment attachment;
  private final Place place;
  private final DeliverySink sink;

  /** The queue's side, from the start to the end. */
  private @Nullable Feed consumer;

  /** The next consumption of the attachment, which owns the chain. */
  @Nullable AttachedConsumption next;

  private @Nullable AttachedConsumption previous;

  /**
   * Under which id the store has each delivery that is to be settled, of a queue that has several
   * (priorities); null for others.
   */
  private @Nullable Map<Long, Long> storeIds;

  AttachedConsumption(ClientAttachment attachment, Place place, DeliverySink sink) {
    this.attachment = attachment;
    this.place = place;
    this.sink = sink;
  }

  /** The queue has added the consumer. */
  void started(Feed added) {
    consumer = added;
    Queue queue = added.queue();
    if (queue.lastStoreId() != queue.id()) {
      storeIds = new HashMap<>();
    }
  }

  /** A delivery goes to the client, which is to settle it. */
  void delivers(long deliveryId, Message message) {
    Feed c = consumer;
    if (storeIds != null && c != null && deliveryId != DeliverySink.NO_ID) {
      storeIds.put(deliveryId, c.queue().storeId(message));
    }
  }

  // ---- from the queue

  @Override
  public LoopContext home() {
    return place.context();
  }

  @Override
  public String connectionId() {
    return attachment.client().connectionId();
  }

  @Override
  public int channel() {
    return attachment.number();
  }

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    Feed c = consumer;
    if (c == null) {
      return;
    }
    String queue = c.queue().name();
    if (storeIds != null) {
      delivers(deliveryId, message);
    }
    try {
      sink.deliver(deliveryId, message, tag, redelivered);
    } catch (RuntimeException bug) {
      log.error("a consumer of queue {} has failed and is removed", queue, bug);
      detach();
      sink.ended(End.QUEUE_DELETED);
    }
    place.core().policies().delivered(message, queue);
  }

  @Override
  public void ended(End why) {
    if (consumer != null) {
      finished();
      sink.ended(why);
    }
  }

  @Override
  public void overdue(long timeoutMs) {
    Feed c = consumer;
    if (c != null) {
      String queue = c.queue().name();
      log.warn(
          "connection {} has had a message of queue {} for {} ms without settling it",
          connectionId(),
          queue,
          timeoutMs);
      ended(End.TIMED_OUT);
      attachment.overdue(queue, timeoutMs);
    }
  }

  @Override
  public void finished() {
    Feed c = consumer;
    if (c != null) {
      consumer = null;
      attachment.forget(c.queue(), this);
    }
  }

  // ---- from the adapter

  @Override
  public void settle(long deliveryId, Settlement settlement) {
    assert confined();
    Feed c = consumer;
    if (c == null) {
      return;
    }
    if (storeIds != null) {
      storeIds.remove(deliveryId);
    }
    LoopContext there = c.queue().home();
    if (there == home()) {
      c.settle(deliveryId, settlement);
    } else {
      home().tell(there, () -> c.settle(deliveryId, settlement));
    }
  }

  @Override
  public void reject(long deliveryId, Rejection said) {
    if (storeIds != null) {
      storeIds.remove(deliveryId);
    }
    tell(c -> c.reject(deliveryId, said));
  }

  /**
   * Settles a delivery within a record set of this loop; what goes back to its queue, or is given
   * up by it, is the queue's to store.
   *
   * @param behind gets what the queue is to be told behind the set
   * @return what must be durable for that, 0 for nothing
   */
  long settleInSet(long deliveryId, Settlement settlement, SettledTogether behind) {
    Feed c = consumer;
    if (c == null) {
      return 0;
    }
    boolean near = c.queue().home() == home();
    long sequence = settlement == Settlement.ACCEPT ? c.stored(deliveryId) : 0;
    if (settlement != Settlement.ACCEPT) {
      behind.queueStores();
    }
    if (sequence == 0) {
      if (near) {
        settle(deliveryId, settlement);
      } else {
        if (storeIds != null) {
          storeIds.remove(deliveryId);
        }
        behind.add(c, deliveryId, settlement);
      }
      return 0;
    }
    if (near && !c.holds(deliveryId)) {
      return 0; // the queue has taken it away
    }
    Long storeId = storeIds == null ? Long.valueOf(c.queue().id()) : storeIds.remove(deliveryId);
    if (storeId == null) {
      return 0; // no delivery of its
    }
    long recorded = home().appender().settle(storeId, sequence);
    if (near) {
      c.acceptStored(deliveryId);
    } else {
      behind.add(c, deliveryId, null);
    }
    return recorded;
  }

  /** Returns where its queue is; null if it has ended. */
  @Nullable LoopContext queueHome() {
    Feed c = consumer;
    return c == null ? null : c.queue().home();
  }

  @Override
  public void afterSettlements(Runnable task) {
    Feed c = consumer;
    if (c == null || c.queue().home() == home()) {
      task.run();
      return;
    }
    // Its commands leave a loop behind what the loop has submitted to the store.
    LoopContext there = c.queue().home();
    home()
        .tell(
            there,
            () ->
                there.tell(
                    home(),
                    () -> {
                      if (consumer != null) {
                        task.run();
                      }
                    }));
  }

  @Override
  public void writable(boolean writable) {
    tell(c -> c.writable(writable));
  }

  @Override
  public void prefetch(int deliveries) {
    tell(c -> c.prefetch(deliveries));
  }

  @Override
  public void drawOn(CreditWindow window, Completion<Done> done) {
    Feed c = consumer;
    if (c == null || !(window instanceof SharedWindow shared)) {
      done.completed(Done.DONE);
      return;
    }
    shared.expect(() -> attachment.complete(done, Done.DONE));
    home().tell(c.queue().home(), () -> c.drawOn(shared));
  }

  @Override
  public void offer(Message message, @Nullable Object tag) {
    tell(c -> c.offer(message, tag));
  }

  @Override
  public void cancel(Completion<Done> done) {
    Feed c = consumer;
    if (c == null) {
      done.completed(Done.DONE);
      return;
    }
    LoopContext there = c.queue().home();
    home()
        .tell(
            there,
            () -> {
              c.cancel();
              there.tell(home(), () -> attachment.complete(done, Done.DONE));
            });
  }

  @Override
  public void detach() {
    assert confined();
    Feed c = consumer;
    if (c != null) {
      home().tell(c.queue().home(), c::detach);
      consumer = null;
      attachment.forget(c.queue(), this);
    }
  }

  private boolean confined() {
    return home().loop().inLoop();
  }

  private void tell(Consumer<Feed> message) {
    assert confined();
    Feed c = consumer;
    if (c != null) {
      home().tell(c.queue().home(), () -> message.accept(c));
    }
  }

  // ---- in the chain of the attachment

  /** Puts it at the head of the chain. */
  void putBefore(@Nullable AttachedConsumption first) {
    next = first;
    if (first != null) {
      first.previous = this;
    }
  }

  /** Takes it out of the chain, if it is in there; the attachment knows another head then. */
  void takeOut() {
    if (previous != null) {
      previous.next = next;
    }
    if (next != null) {
      next.previous = previous;
    }
    next = null;
    previous = null;
  }
}
