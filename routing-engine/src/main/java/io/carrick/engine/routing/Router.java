package io.carrick.engine.routing;

import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.Refusal;
import io.carrick.engine.delivery.Confirms;
import io.carrick.engine.delivery.Confirms.Pending;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.queue.Answer;
import io.carrick.engine.queue.BackPressureListener;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.SharedMessage;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a message from a publisher to its queues: matches, stores, hands over, in that order.
 * Confined to one loop.
 */
public final class Router {

  /** What becomes of a message in a queue that is not a session's. */
  private static final Verdict ENQUEUE = new Verdict(Kind.ENQUEUE, null);

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final LoopContext context;
  private final Policies policies;
  private final Matches matches;
  private boolean storeRefuses;

  // of the message that is being routed
  private Verdict[] verdicts = new Verdict[16];
  private long[] durableQueues = new long[8];
  private int durable;
  private int queued;
  private int farAway;

  /** Who publishes. Called in its own loop. */
  interface Publishing extends BackPressureListener {

    /** A message of that size is on its way to another loop. */
    void handedOver(int bytes);

    /** A queue of another loop has answered for a message of that size. */
    void answered(int bytes, Answer answer, @Nullable Pending confirm);

    /** The store has more under way than it likes: to be paused until it is relieved. */
    void storeCongested();

    /** A queue of this loop asks to pause. */
    void congested();

    /** There is an {@link io.carrick.Alarm}: to be paused until it is over. */
    void alarmed();
  }

  public Router(LoopContext context, int loops, Policies policies) {
    this.context = context;
    this.policies = policies;
    this.matches = new Matches(context.index(), loops);
  }

  LoopContext context() {
    return context;
  }

  Policies policies() {
    return policies;
  }

  /**
   * Routes a message.
   *
   * @param confirms where to report it; null for nowhere
   * @return how many queues matched
   */
  public int publish(
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
    admit(message, count);
    boolean retain = message.properties().retain();
    if (needsStore(message, retain) && !storeTakes()) {
      refuse(message, confirms);
      return count;
    }
    long sequence = durable == 0 ? 0 : context.appender().append(message, durableQueues, durable);
    if (durable > 0 && context.storeCongested()) {
      publisher.storeCongested();
    }
    long toConfirm = retain ? Math.max(sequence, keep(host, message)) : sequence;
    Pending confirm = null;
    if (confirms != null) {
      if (farAway == 0) {
        confirms.published(toConfirm);
      } else {
        confirm = confirms.publishedFarAway(toConfirm, farAway);
      }
    }
    SharedMessage shared = queued > 1 ? SharedMessage.given(message, queued, context.held()) : null;
    for (int i = 0; i < count; i++) {
      handOver(i, message, sequence, publisher, confirm, shared);
    }
    if (context.alarms().any()) {
      publisher.alarmed();
    }
    return count;
  }

  private boolean storeTakes() {
    boolean takes = context.storeTakes();
    if (takes == storeRefuses) {
      storeRefuses = !takes;
      if (takes) {
        log.info("the store takes messages again");
      } else {
        log.error("the store takes no messages: what has to be stored is refused");
      }
    }
    return takes;
  }

  private void refuse(Message message, @Nullable Confirms confirms) {
    context.counts().add(Count.STORE);
    policies.refused(message, Refusal.STORE);
    if (confirms != null) {
      confirms.publishRefused(Refusal.STORE);
    }
  }

  /** Asks sessions what becomes of the message, and notes which queues it is stored for. */
  private void admit(Message message, int count) {
    boolean persistent = message.properties().persistent();
    durable = 0;
    queued = 0;
    farAway = 0;
    for (int i = 0; i < count; i++) {
      Queue queue = matches.queue(i).queue;
      Verdict verdict = admit(i, queue, message);
      if (verdict.kind() == Kind.DROP) {
        continue;
      }
      if (queue.home() != context) {
        farAway++;
      }
      if (verdict.kind() != Kind.ENQUEUE) {
        continue;
      }
      queued++;
      if (persistent && queue.durable()) {
        if (durable == durableQueues.length) {
          durableQueues = Arrays.copyOf(durableQueues, durable * 2);
        }
        durableQueues[durable++] = queue.id();
      }
    }
  }

  private Verdict admit(int i, Queue queue, Message message) {
    Admission admission = queue.admission();
    Verdict verdict =
        admission == null
            ? ENQUEUE
            : admission.admit(message, matches.attachments(i), matches.attachmentCount(i));
    if (i >= verdicts.length) {
      verdicts = Arrays.copyOf(verdicts, Math.max(i + 1, verdicts.length * 2));
    }
    verdicts[i] = verdict;
    return verdict;
  }

  private boolean needsStore(Message message, boolean retain) {
    return durable > 0 || (retain && message.properties().persistent());
  }

  private long keep(VirtualHost host, Message message) {
    try {
      return host.lastValues().keep(message, context);
    } catch (PreconditionFailedException full) {
      context.counts().add(Count.LAST_VALUES_FULL);
      return 0;
    }
  }

  private void handOver(
      int i,
      Message message,
      long sequence,
      Publishing publisher,
      @Nullable Pending confirm,
      @Nullable SharedMessage all) {
    Verdict verdict = verdicts[i];
    if (verdict.kind() == Kind.DROP) {
      return;
    }
    Queue queue = matches.queue(i).queue;
    SharedMessage shared = verdict.kind() == Kind.ENQUEUE ? all : null;
    long stored = queue.durable() && verdict.kind() == Kind.ENQUEUE ? sequence : 0;
    if (queue.home() == context) {
      if (queue.route(message, stored, verdict, publisher, shared) == Answer.CONGESTED) {
        publisher.congested();
      }
      return;
    }
    publisher.handedOver(bytes(message));
    var command = new RouteCommand(queue, message, stored, verdict, publisher, confirm);
    command.shared = shared;
    context.tell(queue.home(), command);
  }

  private static int bytes(Message message) {
    return message.payload().length + 128;
  }

  /** A message on its way to a queue of another loop, and then its answer on the way back. */
  private static final class RouteCommand implements Runnable {

    private final Queue queue;
    private final Message message;
    private final long sequence;
    private final Verdict verdict;
    private final Publishing publisher;
    private final @Nullable Pending confirm;
    private @Nullable SharedMessage shared;
    private boolean delivered;
    private @Nullable Answer answer;

    RouteCommand(
        Queue queue,
        Message message,
        long sequence,
        Verdict verdict,
        Publishing publisher,
        @Nullable Pending confirm) {
      this.queue = queue;
      this.message = message;
      this.sequence = sequence;
      this.verdict = verdict;
      this.publisher = publisher;
      this.confirm = confirm;
    }

    @Override
    public void run() {
      if (!delivered) {
        delivered = true;
        // Ahead of what routing has to tell that loop, where the publisher may be the consumer.
        queue.home().tell(publisher.home(), this);
        answer = queue.route(message, sequence, verdict, publisher, shared);
      } else if (answer != null) {
        publisher.answered(bytes(message), answer, confirm);
      }
    }
  }
}
