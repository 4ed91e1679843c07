package io.carrick.engine.client;

import io.carrick.BrokerException;
import io.carrick.Delivery;
import io.carrick.DeliveryHandler;
import io.carrick.Message;
import io.carrick.Subscription;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An in-JVM consumer: takes deliveries in the client's loop and has its handler run elsewhere, one
 * at a time. The queue between the two is thread-safe; the consumption is confined to the loop.
 */
final class LocalConsumer implements Subscription, DeliverySink {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.client");

  /** Deliveries waiting for the handler beyond which the broker is asked to hold back. */
  private static final int MANY = 1_024;

  private final LocalClient client;
  private final String queue;
  private final DeliveryHandler handler;
  private final Executor executor;
  private final boolean handlerSettles;

  private final ConcurrentLinkedQueue<LocalDelivery> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCount = new AtomicInteger();
  private volatile boolean active = true;

  /** Confined to the loop. */
  private @Nullable Consumption consumption;

  private volatile boolean heldBack;

  LocalConsumer(
      LocalClient client,
      String queue,
      DeliveryHandler handler,
      Executor executor,
      boolean handlerSettles) {
    this.client = client;
    this.queue = queue;
    this.handler = handler;
    this.executor = executor;
    this.handlerSettles = handlerSettles;
  }

  /** Returns a completion that keeps the consumption before it passes it on. */
  Completion<Consumption> started(Completion<Consumption> next) {
    return new Completion<>() {
      @Override
      public void completed(Consumption value) {
        consumption = value;
        next.completed(value);
      }

      @Override
      public void failed(BrokerException reason) {
        active = false;
        next.failed(reason);
      }
    };
  }

  // ---- in the loop

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    waiting.add(new LocalDelivery(message, redelivered, how -> settle(deliveryId, how)));
    int count = waitingCount.incrementAndGet();
    Consumption c = consumption;
    if (count >= MANY && !heldBack && c != null) {
      heldBack = true;
      c.writable(false);
    }
    if (count == 1) {
      startHandling();
    }
  }

  @Override
  public void ended(End why) {
    active = false;
  }

  private void settle(long deliveryId, Settlement how) {
    if (deliveryId != NO_ID) {
      client.tell(
          attachment -> {
            Consumption c = consumption;
            if (c != null) {
              c.settle(deliveryId, how);
            }
          });
    }
  }

  // ---- elsewhere

  private void startHandling() {
    try {
      executor.execute(this::handleWaiting);
    } catch (RejectedExecutionException closed) {
      active = false;
    }
  }

  /** Runs the handler for what waits; only one thread at a time gets here. */
  private void handleWaiting() {
    do {
      LocalDelivery next = waiting.poll();
      if (next == null) {
        throw new IllegalStateException("a delivery was counted and is not there");
      }
      handle(next);
      if (heldBack && waitingCount.get() < MANY / 2) {
        client.tell(attachment -> takeAgain());
      }
    } while (waitingCount.decrementAndGet() > 0);
  }

  private void takeAgain() {
    Consumption c = consumption;
    if (heldBack && c != null) {
      heldBack = false;
      c.writable(true);
    }
  }

  private void handle(Delivery delivery) {
    if (!active) {
      return;
    }
    try {
      handler.handle(delivery);
      if (!handlerSettles) {
        delivery.accept();
      }
    } catch (Exception | AssertionError | LinkageError failure) {
      log.warn("a handler of queue {} has failed", queue, failure);
      if (delivery.redelivered()) {
        delivery.reject();
      } else {
        delivery.requeue();
      }
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public String queue() {
    return queue;
  }

  @Override
  public boolean active() {
    return active && !client.closed();
  }

  @Override
  public void close() {
    if (!active()) {
      return;
    }
    active = false;
    client.ask((Attachment a, Completion<Done> done) -> stop(done));
  }

  private void stop(Completion<Done> done) {
    Consumption c = consumption;
    if (c != null) {
      c.detach();
    }
    done.completed(Done.DONE);
  }
}
