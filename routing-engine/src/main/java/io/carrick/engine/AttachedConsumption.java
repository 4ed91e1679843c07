package io.carrick.engine;

import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Consumer;
import io.carrick.engine.queue.Outlet;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.DeliverySink.End;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer as its party sees it: what comes from the queue goes to the sink, what the adapter
 * says goes to the queue. Confined to the party's loop, except what is final.
 */
final class AttachedConsumption implements Consumption, Outlet {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final PartyAttachment attachment;
  private final LoopContext context;
  private final Queue queue;
  private final DeliverySink sink;
  private @Nullable Consumer consumer;
  private boolean ended;

  AttachedConsumption(
      PartyAttachment attachment, LoopContext context, Queue queue, DeliverySink sink) {
    this.attachment = attachment;
    this.context = context;
    this.queue = queue;
    this.sink = sink;
  }

  /** The queue has added the consumer. */
  void started(Consumer added) {
    consumer = added;
  }

  /** Returns the queue's side, of a consumer that has started. */
  Consumer consumer() {
    if (consumer == null) {
      throw new IllegalStateException("the consumer has not started");
    }
    return consumer;
  }

  // ---- from the queue

  @Override
  public LoopContext home() {
    return context;
  }

  @Override
  public String connectionId() {
    return attachment.party().info.id();
  }

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    if (ended) {
      return;
    }
    try {
      sink.deliver(deliveryId, message, tag, redelivered);
    } catch (RuntimeException bug) {
      log.error("a consumer of queue {} has failed and is removed", queue.name(), bug);
      detach();
      sink.ended(End.QUEUE_DELETED);
    }
    attachment.delivered(message, queue.name());
  }

  @Override
  public void ended(End why) {
    if (!ended) {
      ended = true;
      attachment.forget(this);
      sink.ended(why);
    }
  }

  @Override
  public void finished() {
    if (!ended) {
      ended = true;
      attachment.forget(this);
    }
  }

  // ---- from the adapter

  @Override
  public String queue() {
    return queue.name();
  }

  @Override
  public void settle(long deliveryId, Settlement settlement) {
    Consumer c = consumer;
    if (c == null || ended) {
      return;
    }
    if (queue.home() == context) {
      queue.settle(c, deliveryId, settlement);
    } else {
      context.tell(queue.home(), () -> queue.settle(c, deliveryId, settlement));
    }
  }

  @Override
  public void afterSettlements(Runnable task) {
    LoopContext there = queue.home();
    if (there == context) {
      task.run();
    } else {
      // Its letters leave a loop behind what the loop has submitted to the store.
      tell(
          c ->
              there.tell(
                  context,
                  () -> {
                    if (!ended) {
                      task.run();
                    }
                  }));
    }
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
  public void offer(Message message, @Nullable Object tag) {
    tell(c -> queue.offer(message, tag));
  }

  @Override
  public void cancel(Completion<Done> done) {
    Consumer c = consumer;
    if (c == null || ended) {
      done.completed(Done.DONE);
      return;
    }
    context.tell(
        queue.home(),
        () -> {
          queue.cancel(c);
          queue.home().tell(context, () -> attachment.complete(done, Done.DONE));
        });
  }

  @Override
  public void detach() {
    tell(queue::detach);
    ended = true;
    attachment.forget(this);
  }

  private void tell(java.util.function.Consumer<Consumer> message) {
    Consumer c = consumer;
    if (c != null && !ended) {
      context.tell(queue.home(), () -> message.accept(c));
    }
  }
}
