package io.carrick.engine.routing;

import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.queue.Consumer;
import io.carrick.engine.queue.Outlet;
import io.carrick.engine.topology.DelayedMessages;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.ConsumeRequest.Mode;
import io.carrick.spi.DeliverySink.End;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;

/**
 * The consumer of a queue whose messages are due soon. It takes as many of them as a queue may hold
 * in memory, and for statistics it is none. Confined to the queue's loop.
 */
final class OpenedDelay implements Outlet, Completion<Consumer> {

  private static final int MESSAGE_BYTES = 128;

  private final DelayedMessages messages;
  private final DelayedPublisher publisher;
  private final LoopContext here;
  private final long mostBytes;

  private @Nullable Consumer consumer;
  private int held;
  private long heldBytes;
  private boolean full;
  private boolean ended;

  /** Whether no message comes any more but those that may be on their way. */
  boolean closed;

  /** Whether none is on its way either. */
  boolean complete;

  OpenedDelay(DelayedMessages messages, DelayedPublisher publisher, Limits limits) {
    this.messages = messages;
    this.publisher = publisher;
    this.here = messages.queue().home();
    this.mostBytes = limits.value(Limit.QUEUE_WINDOW_BYTES);
    var request =
        new ConsumeRequest(
            messages.queue().name(),
            false,
            Mode.SHARED,
            limits.count(Limit.QUEUE_WINDOW_MESSAGES),
            0);
    messages.queue().consumers().consume(request, this, this);
  }

  @Override
  public void completed(Consumer added) {
    consumer = added;
  }

  /** The queue was deleted. */
  @Override
  public void failed(BrokerException reason) {
    ended = true;
  }

  DelayedMessages messages() {
    return messages;
  }

  /** Returns whether what it has had is not to be published any more. */
  boolean ended() {
    return ended;
  }

  /** Returns whether nothing is in the queue. */
  boolean isEmpty() {
    return held == 0 && messages.queue().info().ready() == 0;
  }

  private static int bytes(Message message) {
    return message.payload().length + MESSAGE_BYTES;
  }

  /** A message has gone where it was to go: it is in the queue no more. */
  void settle(long deliveryId, Message message) {
    held--;
    heldBytes -= bytes(message);
    Consumer settling = consumer;
    if (settling == null || ended) {
      return;
    }
    settling.settle(deliveryId, Settlement.ACCEPT);
    here.counts().add(Count.ACCEPTED, -1);
    if (full && heldBytes < mostBytes / 2) {
      full = false;
      settling.writable(true);
    }
  }

  // ---- as the queue sees it

  @Override
  public LoopContext home() {
    return here;
  }

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    here.counts().add(Count.DELIVERED, -1);
    held++;
    heldBytes += bytes(message);
    Consumer taking = consumer;
    if (taking != null && heldBytes >= mostBytes) {
      full = true;
      taking.writable(false);
    }
    publisher.took(this, deliveryId, message);
  }

  @Override
  public void ended(End why) {
    ended = true;
  }

  @Override
  public void finished() {}

  @Override
  public String connectionId() {
    return "";
  }
}
