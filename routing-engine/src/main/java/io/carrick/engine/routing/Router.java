package io.carrick.engine.routing;

import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.Refusal;
import io.carrick.engine.delivery.Confirms;
import io.carrick.engine.delivery.Confirms.Pending;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.queue.Answer;
import io.carrick.engine.queue.Arrival;
import io.carrick.engine.queue.BackPressureListener;
import io.carrick.engine.queue.DeadLetter;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.queue.SharedMessage;
import io.carrick.engine.topology.DeadLetters;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.Releases;
import io.carrick.engine.topology.Seen;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.tracing.Tracers;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a message from a publisher to its queues: matches, stores, hands over, in that order. A
 * publish may begin while another is under way. Confined to one loop.
 */
public final class Router {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final LoopContext context;
  private final Policies policies;
  private final Tracers tracers;
  private final int loops;
  private final DelayedPublisher delayed;

  /** By depth: a publish may begin while another is under way. */
  private final List<PublishUnderWay> publishes = new ArrayList<>(1);

  private final DeadLetterPublisher deadLetters;
  private final FirehosePublisher firehose;
  private int depth;
  private long routings;
  private boolean storeRefuses;

  /** Whether a record set is being made that the store has been asked for as a whole. */
  private boolean asOne;

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

  /**
   * Makes the router of one loop.
   *
   * @param all every loop's
   * @param policies who is told
   * @param tracers who may want to follow what is left to be published
   * @param limits bound what is on its way to other loops
   */
  public Router(
      LoopContext context,
      List<LoopContext> all,
      Policies policies,
      Tracers tracers,
      Limits limits) {
    this.context = context;
    this.policies = policies;
    this.tracers = tracers;
    this.loops = all.size();
    this.delayed = new DelayedPublisher(this, all, limits);
    this.firehose = new FirehosePublisher(this, limits);
    this.deadLetters = new DeadLetterPublisher(this, limits.value(Limit.PUBLISHER_CREDIT_BYTES));
  }

  LoopContext context() {
    return context;
  }

  /** Returns where queues of this loop put what they have given up. */
  public DeadLetters deadLetters() {
    return deadLetters;
  }

  FirehosePublisher firehose() {
    return firehose;
  }

  /** Returns who publishes the messages of this loop that have waited. */
  public Releases releases() {
    return delayed;
  }

  Policies policies() {
    return policies;
  }

  Tracers tracers() {
    return tracers;
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
    assert context.loop().inLoop();
    PublishUnderWay publish = begin();
    try {
      return publish(publish, host, exchange, message, publisher, confirms);
    } finally {
      depth--;
    }
  }

  /**
   * Runs something that publishes and settles: a durable store has all of that or none of it after
   * a crash. Whether it takes messages is not asked again for each of them.
   */
  public void asOne(Runnable changes) {
    assert context.loop().inLoop();
    asOne = true;
    context.appender().begin();
    try {
      changes.run();
    } finally {
      asOne = false;
      context.appender().end();
    }
  }

  private PublishUnderWay begin() {
    if (depth == publishes.size()) {
      publishes.add(new PublishUnderWay(context, loops, delayed));
    }
    return publishes.get(depth++);
  }

  private int publish(
      PublishUnderWay publish,
      VirtualHost host,
      Exchange exchange,
      Message message,
      Publishing publisher,
      @Nullable Confirms confirms) {
    publish.match(host, exchange, message, ++routings);
    int count = publish.count();
    context.counts().add(Count.PUBLISHED);
    if (count == 0) {
      publish.forget();
      Seen before = publish.repeated();
      if (before != null) {
        return repeated(before, confirms);
      }
      unroutable(confirms);
    }
    boolean retain = host.lastValues().takes(message, exchange);
    boolean stores = publish.durable() > 0 || (retain && message.properties().persistent());
    if (stores && !storeTakes() && !asOne) {
      publish.forget();
      refuse(host, message, confirms);
      return count;
    }
    long sequence = publish.store(message);
    if (publish.durable() > 0 && context.storeCongested()) {
      publisher.storeCongested();
    }
    long toConfirm =
        retain
            ? Math.max(sequence, host.lastValues().keep(message.withoutReceipt(), publish, context))
            : sequence;
    Pending confirm = confirms == null ? null : confirm(publish, toConfirm, confirms);
    handOver(publish, message, sequence, publisher, confirm);
    if (context.alarms().any()) {
      publisher.alarmed();
    }
    return count;
  }

  /**
   * Answers for a message that is not routed since another one with its id was. Who sends it again
   * has missed the answer to that one, so this is the same.
   *
   * @return one, for the queue that has the first
   */
  private int repeated(Seen before, @Nullable Confirms confirms) {
    if (confirms != null) {
      Pending confirm = confirms.publishedFarAway(0, 1);
      before.whenKnown(
          context,
          first -> {
            if (first.isTaken()) {
              confirm.submitted(first.sequence());
            } else {
              confirm.answered(Refusal.LIMIT);
            }
          });
    }
    return 1;
  }

  private void unroutable(@Nullable Confirms confirms) {
    context.counts().add(Count.UNROUTABLE);
    if (confirms != null) {
      confirms.unroutable();
    }
  }

  /** Notes who has to answer; returns null if nobody of another loop. */
  private static @Nullable Pending confirm(
      PublishUnderWay publish, long toConfirm, Confirms confirms) {
    if (publish.farAway() > 0) {
      Pending confirm = confirms.publishedFarAway(toConfirm, publish.farAway());
      if (publish.refused()) {
        confirm.refused(Refusal.LIMIT);
      }
      if (confirms.oneQueueIsEnough() && publish.taken()) {
        confirm.taken();
      }
      return confirm;
    }
    if (publish.refused() && !(confirms.oneQueueIsEnough() && publish.taken())) {
      confirms.publishRefused(Refusal.LIMIT);
    } else {
      confirms.published(toConfirm);
    }
    return null;
  }

  /**
   * Publishes a dead letter, which its queue has no more from then on: in the store that is one
   * step. What has to be stored must not come while the store takes nothing.
   */
  void publishAgain(
      VirtualHost host,
      Exchange exchange,
      Message message,
      DeadLetter letter,
      Publishing publisher) {
    assert context.loop().inLoop();
    PublishUnderWay publish = begin();
    try {
      count(publish, publish.matchDeadLetter(host, exchange, message, ++routings));
      long sequence = publish.move(message, letter);
      handOver(publish, message, sequence, publisher, null);
      letter.gone();
    } finally {
      depth--;
    }
  }

  private void count(PublishUnderWay deadLetter, int circles) {
    context.counts().add(Count.DEAD_LETTER_CIRCLE, circles);
    if (deadLetter.count() > 0) {
      context.counts().add(Count.DEAD_LETTERED);
    } else if (circles == 0) {
      context.counts().add(Count.DEAD_LETTER_UNROUTABLE);
    }
  }

  /**
   * Publishes a dead letter as {@link #publishAgain} does if all its queues take it, and does
   * nothing otherwise.
   *
   * @param farAway gets the queues of other loops if they have to be asked first; null if they have
   *     been, and said that they take it
   * @return whether it was published
   */
  boolean publishKept(
      VirtualHost host,
      Exchange exchange,
      Message message,
      DeadLetter letter,
      Publishing publisher,
      @Nullable List<Queue> farAway) {
    assert context.loop().inLoop();
    PublishUnderWay publish = begin();
    try {
      int circles = publish.matchKept(host, exchange, message, ++routings);
      if (publish.refused()) {
        return false;
      } else if (farAway != null && publish.farAway() > 0) {
        publish.addFarAway(farAway);
        return false;
      }
      publish.tellDeadLetter(host, message);
      count(publish, circles);
      handOverKept(publish, message, publish.move(message, letter), publisher);
      letter.gone();
      return true;
    } finally {
      depth--;
    }
  }

  /** Hands over what no queue refuses any more. */
  private void handOverKept(
      PublishUnderWay publish, Message message, long sequence, Publishing publisher) {
    int queued = publish.queued();
    SharedMessage all = queued > 1 ? SharedMessage.given(message, queued, context.held()) : null;
    for (int i = 0; i < publish.count(); i++) {
      Verdict verdict = publish.verdict(i);
      if (verdict.kind() == Kind.DROP) {
        continue;
      }
      boolean kept = verdict.kind() == Kind.ENQUEUE;
      Queue queue = publish.queue(i);
      long stored = queue.durable() && kept ? sequence : 0;
      handOver(queue, message, stored, verdict, publisher, kept ? all : null);
    }
  }

  private void handOver(
      Queue to,
      Message message,
      long sequence,
      Verdict verdict,
      Publishing publisher,
      @Nullable SharedMessage shared) {
    if (to.home() == context) {
      Arrival.routed(to, message, sequence, verdict, publisher, shared);
      return;
    }
    publisher.handedOver(bytes(message));
    context.tell(
        to.home(),
        () -> {
          Arrival.routed(to, message, sequence, verdict, publisher, shared);
          to.home().tell(context, () -> publisher.answered(bytes(message), Answer.TAKEN, null));
        });
  }

  /**
   * Publishes a message that has waited, which is no more where it was from then on: in the store
   * that is one step. What has to be stored must not come while the store takes nothing.
   *
   * @param settle takes it from where it was
   */
  void release(
      VirtualHost host, Exchange exchange, Message message, Runnable settle, Publishing publisher) {
    PublishUnderWay publish = begin();
    try {
      if (message.isFollowed()) {
        context.follower().released(message, host.name(), exchange.name());
      }
      publish.match(host, exchange, message, ++routings);
      context.counts().add(Count.RELEASED);
      context.counts().add(Count.UNROUTABLE, publish.count() == 0 ? 1 : 0);
      handOver(publish, message, publish.move(message, settle), publisher, null);
    } finally {
      depth--;
    }
  }

  /** Publishes what the firehose says, which nobody waits for. */
  void publishCopy(VirtualHost host, Exchange exchange, Message copy, Publishing publisher) {
    PublishUnderWay publish = begin();
    try {
      context.counts().add(Count.FIREHOSE);
      publish.match(host, exchange, copy, ++routings);
      if (publish.durable() > 0 && !storeTakes()) {
        context.counts().add(Count.STORE);
      } else {
        handOver(publish, copy, publish.store(copy), publisher, null);
      }
    } finally {
      depth--;
    }
  }

  /** Publishes what an exchange remembers for the destination of a binding. */
  public void recall(VirtualHost host, Binding bound, List<Message> messages) {
    var publisher = new UnpausedPublishing(context);
    for (Message message : messages) {
      recall(host, bound, message, publisher);
      context.loop().worked(1);
    }
  }

  private void recall(VirtualHost host, Binding bound, Message message, Publishing publisher) {
    PublishUnderWay publish = begin();
    try {
      publish.match(host, bound, message, ++routings);
      if (publish.durable() > 0 && !storeTakes()) {
        refuse(host, message, null);
      } else {
        handOver(publish, message, publish.store(message), publisher, null);
      }
    } finally {
      depth--;
    }
  }

  /**
   * Puts a message that waits in another queue, in one step as {@link #release} does; the queue
   * does not refuse it, since it has been taken before.
   */
  void move(Queue to, Message message, Runnable settle, Publishing publisher) {
    boolean stored = to.durable() && message.properties().persistent();
    context.appender().begin();
    long sequence;
    try {
      sequence =
          stored ? context.appender().append(message, new long[] {to.storeId(message)}, 1) : 0;
      settle.run();
    } finally {
      context.appender().end();
    }
    handOver(to, message, sequence, PublishUnderWay.ENQUEUE, publisher, null);
  }

  boolean storeTakes() {
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

  private void refuse(VirtualHost host, Message message, @Nullable Confirms confirms) {
    context.counts().add(Count.STORE);
    policies.refused(message, Refusal.STORE);
    if (message.isFollowed()) {
      context.follower().refused(message, host.name(), Refusal.STORE);
    }
    if (confirms != null) {
      confirms.publishRefused(Refusal.STORE);
    }
  }

  private void handOver(
      PublishUnderWay publish,
      Message message,
      long sequence,
      Publishing publisher,
      @Nullable Pending confirm) {
    int queued = publish.queued();
    SharedMessage all = queued > 1 ? SharedMessage.given(message, queued, context.held()) : null;
    for (int i = 0; i < publish.count(); i++) {
      Verdict verdict = publish.verdict(i);
      if (verdict.kind() == Kind.DROP) {
        continue;
      }
      Queue queue = publish.queue(i);
      SharedMessage shared = verdict.kind() == Kind.ENQUEUE ? all : null;
      long stored = queue.durable() && verdict.kind() == Kind.ENQUEUE ? sequence : 0;
      if (queue.home() == context) {
        if (Arrival.routed(queue, message, stored, verdict, publisher, shared)
            == Answer.CONGESTED) {
          publisher.congested();
        }
      } else {
        publisher.handedOver(bytes(message));
        var command = new RouteCommand(queue, message, stored, verdict, publisher, confirm);
        command.shared = shared;
        command.firsts = publish.handedOver();
        context.tell(queue.home(), command);
      }
    }
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
    private List<Seen> firsts = List.of();
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
        answer = Arrival.fromAfar(queue, message, sequence, verdict, publisher, shared);
      } else if (answer != null) {
        for (int i = 0; i < firsts.size(); i++) { // an iterator would be one for each message
          if (answer == Answer.REFUSED) {
            firsts.get(i).refused();
          }
          firsts.get(i).answered();
        }
        publisher.answered(bytes(message), answer, confirm);
      }
    }
  }
}
