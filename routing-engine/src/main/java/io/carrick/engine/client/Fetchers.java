package io.carrick.engine.client;

import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Consumer;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.Taken;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one attachment has taken singly, and may settle: a consumption for each queue. Confined to
 * the client's loop.
 */
final class Fetchers {

  /** So many queues may be gone before it is looked which are. */
  private static final int FEW = 64;

  private final ClientAttachment attachment;
  private int lookAt = FEW;
  private final Map<Queue, Fetcher> byQueue = new HashMap<>(2);

  /** Both sides of one consumption. */
  private record Fetcher(AttachedConsumption consumption, Consumer consumer) {}

  Fetchers(ClientAttachment attachment) {
    this.attachment = attachment;
  }

  /** Takes one message. */
  void get(Queue queue, boolean autoAccept, Completion<Optional<Fetched>> done) {
    Fetcher fetcher = autoAccept ? made(queue, true) : kept(queue);
    Consumer consumer = fetcher.consumer;
    AttachedConsumption consumption = fetcher.consumption;
    LoopContext here = consumption.home();
    LoopContext there = queue.home();
    here.tell(
        there,
        () ->
            queue
                .consumers()
                .take(
                    consumer,
                    taken ->
                        there.tell(
                            here,
                            () ->
                                attachment.complete(
                                    done, taken.map(t -> fetched(t, consumption))))));
  }

  private Fetcher kept(Queue queue) {
    Fetcher there = byQueue.get(queue);
    if (there == null) {
      if (byQueue.size() >= lookAt) {
        forgetGone();
      }
      there = made(queue, false);
      byQueue.put(queue, there);
    }
    return there;
  }

  /** Nothing of a queue that is no more can be settled, and nobody says when it goes. */
  private void forgetGone() {
    VirtualHost host = attachment.client().place.host();
    byQueue.keySet().removeIf(queue -> !host.has(queue));
    lookAt = Math.max(FEW, 2 * byQueue.size());
  }

  private static Fetched fetched(Taken taken, AttachedConsumption fetcher) {
    fetcher.delivers(taken.deliveryId(), taken.message());
    return new Fetched(
        taken.message(), taken.deliveryId(), taken.redelivered(), taken.remaining(), fetcher);
  }

  private Fetcher made(Queue queue, boolean autoAccept) {
    var made = new AttachedConsumption(attachment, attachment.client().place, NoDeliveries.SINK);
    Consumer consumer = queue.consumers().fetcher(made, autoAccept);
    made.started(consumer);
    return new Fetcher(made, consumer);
  }

  Collection<AttachedConsumption> all() {
    return byQueue.values().stream().map(Fetcher::consumption).toList();
  }

  /** Forgets the consumption of a queue, if it is one of these. */
  void forget(Queue queue, AttachedConsumption consumption) {
    Fetcher there = byQueue.get(queue);
    if (there != null && there.consumption == consumption) {
      byQueue.remove(queue);
    }
  }
}
