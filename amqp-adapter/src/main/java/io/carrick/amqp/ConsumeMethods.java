package io.carrick.amqp;

import io.carrick.BrokerException;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.amqp.codec.AmqpException;
import io.carrick.amqp.codec.BasicMethod;
import io.carrick.amqp.codec.Method;
import io.carrick.amqp.codec.ReplyCode;
import io.carrick.spi.Attachment;
import io.carrick.spi.Attachment.Fetched;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.Consumption;
import io.carrick.spi.CreditWindow;
import io.carrick.spi.DeliverySink;
import io.carrick.spi.Done;
import io.carrick.spi.Settlement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Consuming and acknowledging on one channel. Confined to the event loop of its connection. */
final class ConsumeMethods {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.amqp");

  /** More than a channel ever has unacknowledged. */
  private static final int NO_BOUND = Integer.MAX_VALUE;

  private final AmqpChannel channel;
  private final Attachment attachment;
  private final QueueMethods queues;
  private final DirectReplies replies;
  private final DeliveryTags tags = new DeliveryTags();
  private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
  private int prefetch;

  /** Null unless the channel is transactional. */
  private @Nullable ChannelTransaction transaction;

  /** What bounds all consumers of the channel together; null before the peer asks for that. */
  private @Nullable CreditWindow together;

  ConsumeMethods(
      AmqpChannel channel, Attachment attachment, QueueMethods queues, DirectReplies replies) {
    this.channel = channel;
    this.attachment = attachment;
    this.queues = queues;
    this.replies = replies;
  }

  void method(BasicMethod method) {
    if (method instanceof BasicMethod.Nack m) {
      settle(m, m.deliveryTag(), m.multiple(), refusal(m.requeue()));
    } else if (method instanceof BasicMethod.Reject m) {
      settle(m, m.deliveryTag(), false, refusal(m.requeue()));
    } else if (method instanceof BasicMethod.Get m) {
      get(m);
    } else if (method instanceof BasicMethod.Consume m) {
      consume(m);
    } else if (method instanceof BasicMethod.Cancel m) {
      cancel(m);
    } else if (method instanceof BasicMethod.Qos m) {
      qos(m);
    } else if (method instanceof BasicMethod.Recover m) {
      checkRecover(m.requeue(), m);
      tags.settle(0, true, Settlement.REQUEUE);
      channel.send(new BasicMethod.RecoverOk());
    } else if (method instanceof BasicMethod.RecoverAsync m) {
      checkRecover(m.requeue(), m);
      tags.settle(0, true, Settlement.REQUEUE);
    } else if (!(method instanceof BasicMethod.CancelOk)) {
      throw AmqpChannel.unexpected(method);
    }
  }

  private static AmqpException wrong(ReplyCode code, String text, Method cause) {
    return new AmqpException(code, text, cause.classId(), cause.methodId());
  }

  // ---- acknowledging

  private static Settlement refusal(boolean requeue) {
    return requeue ? Settlement.REQUEUE : Settlement.REJECT;
  }

  /** Takes a basic.ack. */
  void ack(long tag, boolean multiple) {
    try {
      if (!settle(tag, multiple, Settlement.ACCEPT)) {
        throw unknown(tag, new BasicMethod.Ack(tag, multiple));
      }
    } catch (BrokerException refused) {
      throw Refusals.of(refused, new BasicMethod.Ack(tag, multiple));
    }
  }

  private void settle(Method cause, long tag, boolean multiple, Settlement how) {
    try {
      if (!settle(tag, multiple, how)) {
        throw unknown(tag, cause);
      }
    } catch (BrokerException refused) {
      throw Refusals.of(refused, cause);
    }
  }

  private boolean settle(long tag, boolean multiple, Settlement how) {
    ChannelTransaction with = transaction;
    return with == null ? tags.settle(tag, multiple, how) : with.settle(tag, multiple, how);
  }

  DeliveryTags deliveryTags() {
    return tags;
  }

  /** From now on the channel acknowledges with commits. */
  void transacted(ChannelTransaction with) {
    transaction = with;
  }

  private static AmqpException unknown(long tag, Method cause) {
    return wrong(
        ReplyCode.PRECONDITION_FAILED, "unknown delivery tag " + Long.toUnsignedString(tag), cause);
  }

  private static void checkRecover(boolean requeue, Method cause) {
    if (!requeue) {
      throw wrong(ReplyCode.NOT_IMPLEMENTED, "requeue=false", cause);
    }
  }

  // ---- fetching

  private void get(BasicMethod.Get m) {
    get(m, queues.named(m.queue(), m));
  }

  private void get(BasicMethod.Get m, String queue) {
    attachment.get(
        queue, m.noAck(), channel.<Optional<Fetched>>answer(m, found -> got(m, queue, found)));
  }

  private void got(BasicMethod.Get m, String queue, Optional<Fetched> found) {
    if (found.isEmpty()) {
      channel.send(new BasicMethod.GetEmpty());
      return;
    }
    Fetched fetched = found.get();
    Consumption consumption = fetched.consumption();
    Message message = fetched.message();
    byte[] properties = channel.connection().propertiesOf(message);
    if (!channel.connection().output().fits(properties)) {
      countUndeliverable(message);
      if (!m.noAck()) {
        consumption.settle(fetched.deliveryId(), Settlement.UNDELIVERABLE);
      }
      channel.later(() -> get(m, queue)); // not at once: there may be many
      return;
    }
    long tag = m.noAck() ? tags.next() : tags.add(new Taking(consumption), fetched.deliveryId());
    var method =
        new BasicMethod.GetOk(
            tag,
            fetched.redelivered(),
            message.exchange(),
            RoutingKey.ofKey(Crossing.key(message)),
            fetched.remaining());
    channel.connection().output().content(channel.number(), method, message, properties);
  }

  // ---- consuming

  private void consume(BasicMethod.Consume m) {
    String queue = queues.named(m.queue(), m);
    String tag = m.consumerTag().isEmpty() ? "amq.ctag-" + UUID.randomUUID() : m.consumerTag();
    if (subscriptions.containsKey(tag)) {
      throw wrong(ReplyCode.NOT_ALLOWED, "attempt to reuse consumer tag '" + tag + "'", m);
    }
    var subscription = new Subscription(this, tag);
    if (queue.equals(DirectReplies.NAME)) {
      replies.consume(subscription, m);
      consuming(subscription, m.noWait());
      return;
    }
    var request =
        new ConsumeRequest(
            queue,
            m.noAck(),
            m.exclusive() ? ConsumeRequest.Mode.EXCLUSIVE : ConsumeRequest.Mode.SHARED,
            prefetch,
            priority(m, queue),
            together,
            StreamArguments.of(m, queue, attachment));
    Completion<Consumption> done =
        channel.answer(
            m,
            consumption -> {
              subscription.started(consumption);
              consuming(subscription, m.noWait());
            });
    attachment.consume(request, subscription, done);
  }

  private void consuming(Subscription subscription, boolean noWait) {
    subscriptions.put(subscription.tag(), subscription);
    if (!noWait) {
      channel.send(new BasicMethod.ConsumeOk(subscription.tag()));
    }
    applyWritable(subscription);
  }

  private int priority(BasicMethod.Consume m, String queue) {
    Object priority = m.arguments().get("x-priority");
    if (priority == null) {
      return 0;
    }
    if (priority instanceof Integer
        || priority instanceof Long
        || priority instanceof Short
        || priority instanceof Byte) {
      long value = ((Number) priority).longValue();
      return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, value));
    }
    throw wrong(
        ReplyCode.PRECONDITION_FAILED,
        "invalid arg 'x-priority' for queue '%s' in vhost '%s': \"expected integer\""
            .formatted(queue, attachment.virtualHost()),
        m);
  }

  private void cancel(BasicMethod.Cancel m) {
    Subscription subscription = subscriptions.remove(m.consumerTag());
    if (subscription == null) {
      cancelled(m);
      return;
    }
    replies.cancelled(subscription);
    Completion<Done> done =
        channel.answer(
            m,
            d -> {
              subscription.cancelled();
              cancelled(m);
            });
    subscription.cancel(done);
  }

  private void cancelled(BasicMethod.Cancel m) {
    if (!m.noWait()) {
      channel.send(new BasicMethod.CancelOk(m.consumerTag()));
    }
  }

  private void qos(BasicMethod.Qos m) {
    if (m.prefetchBytes() != 0) {
      throw wrong(ReplyCode.NOT_IMPLEMENTED, "prefetch_size!=0 (" + m.prefetchBytes() + ")", m);
    }
    if (m.global()) {
      prefetchTogether(m);
    } else {
      prefetch = m.prefetch();
      channel.send(new BasicMethod.QosOk());
    }
  }

  /** The answer says that nothing comes beyond it: those that consume already are bounded too. */
  private void prefetchTogether(BasicMethod.Qos m) {
    int deliveries = m.prefetch() == 0 ? NO_BOUND : m.prefetch();
    Completion<Done> done = channel.answer(m, d -> channel.send(new BasicMethod.QosOk()));
    CreditWindow window = together;
    if (window != null) {
      window.resize(deliveries, done);
    } else if (deliveries == NO_BOUND) {
      done.completed(Done.DONE);
    } else {
      CreditWindow opened = attachment.openWindow(deliveries);
      together = opened;
      joinAll(opened, done);
    }
  }

  private void joinAll(CreditWindow window, Completion<Done> done) {
    var all = List.copyOf(subscriptions.values());
    var left = new AtomicInteger(all.size() + 1);
    Runnable oneMore =
        () -> {
          if (left.decrementAndGet() == 0) {
            done.completed(Done.DONE);
          }
        };
    all.forEach(s -> s.drawOn(window, oneMore));
    oneMore.run();
  }

  // ---- from the broker

  /**
   * Writes a delivery.
   *
   * @return whether it has to be settled
   */
  boolean deliver(
      Subscription subscription, long id, byte[] tagImage, Message message, boolean redelivered) {
    boolean settles = id != DeliverySink.NO_ID;
    byte[] properties = channel.connection().propertiesOf(message);
    FrameOutput output = channel.connection().output();
    if (!output.fits(properties)) {
      countUndeliverable(message);
      if (settles) {
        // Not at once: a queue is not called back while it delivers.
        attachment.loop().atTurnEnd(() -> subscription.giveBack(id, Settlement.UNDELIVERABLE));
      }
      return false;
    }
    long tag = settles ? tags.add(subscription, id) : tags.next();
    output.deliver(channel.number(), tagImage, tag, redelivered, message, properties);
    return settles;
  }

  private void countUndeliverable(Message message) {
    AmqpConnection connection = channel.connection();
    connection.context().counters().dropped("header-too-large").add();
    log.debug(
        "{} does not take the header of a message with key {}",
        connection.transport(),
        message.routingKey().asKey());
  }

  /** The queue has gone. */
  void ended(Subscription subscription) {
    if (subscriptions.remove(subscription.tag(), subscription)
        && channel.connection().client().consumerCancelNotify()) {
      channel.send(new BasicMethod.Cancel(subscription.tag(), true));
    }
  }

  /** The peer takes bytes, or does not. */
  void writable(boolean now) {
    applyWritable();
  }

  private void applyWritable() {
    List.copyOf(subscriptions.values()).forEach(this::applyWritable);
  }

  private void applyWritable(Subscription subscription) {
    subscription.writable(channel.connection().writable());
  }
}
