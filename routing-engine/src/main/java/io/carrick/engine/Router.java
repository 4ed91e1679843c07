package io.carrick.engine;

import io.carrick.Message;
import io.carrick.engine.delivery.Confirms;
import io.carrick.engine.delivery.Confirms.Pending;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.queue.Feeder;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.Queue.Answer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Brings a message from a publisher to its queues: matches, stores, hands over, in that order.
 * Confined to one loop.
 */
final class Router {

  private final LoopContext context;
  private final Matches matches;
  private long[] durableQueues = new long[8];

  /** Who publishes. Called in its own loop. */
  interface Publishing extends Feeder {

    /** A message of that size is on its way to another loop. */
    void handedOver(int bytes);

    /** A queue of another loop has answered for a message of that size. */
    void answered(int bytes, Answer answer, @Nullable Pending confirm);

    /** A queue of this loop asks to pause. */
    void congested();
  }

  Router(LoopContext context) {
    this.context = context;
    this.matches = new Matches(context.index());
  }

  /**
   * Routes a message.
   *
   * @param confirms where to report it; null for nowhere
   * @return how many queues matched
   */
  int publish(
      VirtualHost host,
      Exchange exchange,
      Message message,
      Publishing publisher,
      @Nullable Confirms confirms) {
    matches.route(host, exchange, message);
    int count = matches.count();
    context.counts().add(Count.PUBLISHED);
    if (count == 0) {
      context.counts().add(Count.UNROUTABLE);
    }
    long sequence = message.properties().persistent() ? append(message, count) : 0;
    if (message.properties().retain() && !host.lastValues().keep(message)) {
      context.counts().add(Count.LAST_VALUES_FULL);
    }
    Pending confirm = null;
    if (confirms != null) {
      int farAway = farAway(count);
      if (farAway == 0) {
        confirms.published(sequence);
      } else {
        confirm = confirms.publishedFarAway(sequence, farAway);
      }
    }
    for (int i = 0; i < count; i++) {
      handOver(i, message, sequence, publisher, confirm);
    }
    return count;
  }

  private long append(Message message, int count) {
    int durable = 0;
    for (int i = 0; i < count; i++) {
      Queue queue = matches.queue(i).queue;
      if (queue.durable()) {
        if (durable == durableQueues.length) {
          durableQueues = Arrays.copyOf(durableQueues, durable * 2);
        }
        durableQueues[durable++] = queue.id();
      }
    }
    return durable == 0 ? 0 : context.appender().append(message, durableQueues, durable);
  }

  private int farAway(int count) {
    int farAway = 0;
    for (int i = 0; i < count; i++) {
      if (matches.queue(i).queue.home() != context) {
        farAway++;
      }
    }
    return farAway;
  }

  private void handOver(
      int i, Message message, long sequence, Publishing publisher, @Nullable Pending confirm) {
    Queue queue = matches.queue(i).queue;
    long stored = queue.durable() ? sequence : 0;
    @Nullable Object[] attachments = matches.attachments(i);
    int attachmentCount = matches.attachmentCount(i);
    if (queue.home() == context) {
      if (queue.route(message, stored, attachments, attachmentCount, publisher)
          == Answer.CONGESTED) {
        publisher.congested();
      }
      return;
    }
    publisher.handedOver(bytes(message));
    context.tell(
        queue.home(),
        new RouteLetter(
            queue,
            message,
            stored,
            Arrays.copyOf(attachments, attachmentCount),
            publisher,
            confirm));
  }

  private static int bytes(Message message) {
    return message.payload().length + 128;
  }

  /** A message on its way to a queue of another loop, and then its answer on the way back. */
  private static final class RouteLetter implements Runnable {

    private final Queue queue;
    private final Message message;
    private final long sequence;
    private final @Nullable Object[] attachments;
    private final Publishing publisher;
    private final @Nullable Pending confirm;
    private @Nullable Answer answer;

    RouteLetter(
        Queue queue,
        Message message,
        long sequence,
        @Nullable Object[] attachments,
        Publishing publisher,
        @Nullable Pending confirm) {
      this.queue = queue;
      this.message = message;
      this.sequence = sequence;
      this.attachments = attachments;
      this.publisher = publisher;
      this.confirm = confirm;
    }

    @Override
    public void run() {
      if (answer == null) {
        answer = queue.route(message, sequence, attachments, attachments.length, publisher);
        queue.home().tell(publisher.home(), this);
      } else {
        publisher.answered(bytes(message), answer, confirm);
      }
    }
  }
}
