package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.Message;
import io.carrick.Rejection;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's part in one shared subscription while it is connected: brings messages to its session.
 * Confined to the connection's loop.
 */
final class SharedMember implements DeliverySink, Completion<Consumption> {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  private final ActiveSession client;
  private final SharedSubscriptions all;
  private final String queue;

  /** From the start on. */
  private @Nullable Consumption consumption;

  SharedMember(ActiveSession client, SharedSubscriptions all, String queue) {
    this.client = client;
    this.all = all;
    this.queue = queue;
  }

  String queue() {
    return queue;
  }

  @Override
  public void completed(Consumption started) {
    consumption = started;
    if (!client.owner.outputTakes()) {
      started.writable(false);
    }
  }

  @Override
  public void failed(BrokerException reason) {
    log.debug("{}: nothing comes of {}: {}", client.owner, queue, reason.getMessage());
    all.ended(this);
  }

  @Override
  public void deliver(long deliveryId, Message message, @Nullable Object tag, boolean redelivered) {
    if (client.owner.ended()) {
      return;
    }
    DeliveryTag how = tag instanceof DeliveryTag known ? known : DeliveryTag.of(message);
    if (deliveryId == NO_ID) {
      client.deliver(NO_ID, message, how, false);
      return;
    }
    SharedDeliveries deliveries = client.session.exchanges().shared();
    if (deliveries.isLeft(queue, deliveryId)) {
      // It goes on as it has begun, whatever the client has subscribed with since.
      how = DeliveryTag.of(2, how.retain(), how.subscriptionIds());
    } else if (how.qos() == 0) {
      client.deliver(NO_ID, message, how, false);
      settle(deliveryId, Settlement.ACCEPT);
      return;
    }
    long key = deliveries.brought(this, deliveryId);
    Rejection said = deliveries.rejection(key);
    if (said != null) {
      all.reject(key, said);
      return;
    }
    if (redelivered && how.qos() == 1) {
      deliveries.identifyAgain(key, client.session.exchanges().inflight());
    }
    client.deliver(key, message, how, redelivered);
  }

  @Override
  public void ended(End why) {
    all.ended(this);
  }

  void settle(long deliveryId, Settlement how) {
    Consumption c = consumption;
    if (c != null) {
      c.settle(deliveryId, how);
    }
  }

  void reject(long deliveryId, Rejection said) {
    Consumption c = consumption;
    if (c != null) {
      c.reject(deliveryId, said);
    }
  }

  void writable(boolean writable) {
    Consumption c = consumption;
    if (c != null) {
      c.writable(writable);
    }
  }

  /** Runs a task once the store has what was settled before; at once if nothing comes any more. */
  void afterSettlements(Runnable task) {
    Consumption c = consumption;
    if (c == null) {
      task.run();
    } else {
      c.afterSettlements(task);
    }
  }
}
