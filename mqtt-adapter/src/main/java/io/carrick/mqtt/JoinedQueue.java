package io.carrick.mqtt;

import io.carrick.BrokerException;
import io.carrick.Message;
import io.carrick.Rejection;
import io.carrick.TopicSpelling;
import io.carrick.spi.Completion;
import io.carrick.spi.Consumption;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's part in a queue that is not its session's own, while it is connected: one of a shared
 * subscription (MAP-8), or an ordinary one that a filter names (MAP-38). Brings messages to the
 * session. Confined to the connection's loop.
 */
final class JoinedQueue implements DeliverySink, Completion<Consumption> {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.mqtt");

  private final ActiveSession client;
  private final JoinedQueues all;
  private final String queue;
  private final Completion<Done> begun;

  /** From the start on. */
  private @Nullable Consumption consumption;

  /**
   * Makes one that is to be consumed.
   *
   * @param begun completes when it is
   */
  JoinedQueue(ActiveSession client, JoinedQueues all, String queue, Completion<Done> begun) {
    this.client = client;
    this.all = all;
    this.queue = queue;
    this.begun = begun;
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
    begun.completed(Done.DONE);
  }

  @Override
  public void failed(BrokerException reason) {
    log.debug("{}: nothing comes of {}: {}", client.owner, queue, reason.getMessage());
    all.ended(this);
    begun.failed(reason);
  }

  @Override
  public void deliver(long deliveryId, Message queued, @Nullable Object tag, boolean redelivered) {
    if (client.owner.ended()) {
      return;
    }
    if (tag == DeliveryTag.UNWANTED) {
      return;
    }
    Message message = spelled(queued);
    DeliveryTag how = tag instanceof DeliveryTag known ? known : DeliveryTag.of(message);
    if (deliveryId == NO_ID) {
      client.deliver(NO_ID, message, how, false);
      return;
    }
    JoinedDeliveries deliveries = client.session.exchanges().joined();
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

  /**
   * A message of an ordinary queue has an address that is nobody's topic, as a rule, and may have
   * none that is one: nothing is lost for that, and it comes with the filter as its topic.
   */
  private Message spelled(Message queued) {
    TopicSpelling topics = client.server().space.topics();
    return JoinedQueues.hasTopics(queue) || topics.spells(queued.routingKey())
        ? queued
        : queued.shownAt(topics.address(QueueFilter.of(queue)));
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
