package io.carrick.engine.routing;

import io.carrick.Binding;
import io.carrick.Message;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.queue.Arrival;
import io.carrick.engine.queue.DeadLetter;
import io.carrick.engine.queue.Queue;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.LastValues;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.Releases;
import io.carrick.engine.topology.Seen;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.Admission;
import io.carrick.spi.Admission.Kind;
import io.carrick.spi.Admission.Verdict;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One publish: which queues it matches and what becomes of it in each. Confined to one loop, and
 * reused by it from publish to publish, but not for one that begins while another is under way.
 */
final class PublishUnderWay implements LastValues.Reach {

  /** What becomes of a message in a queue that is not a session's. */
  static final Verdict ENQUEUE = new Verdict(Kind.ENQUEUE, null);

  private static final Verdict DROP = new Verdict(Kind.DROP, null);

  private final LoopContext context;
  private final Matches matches;

  private Verdict[] verdicts = new Verdict[16];
  private long[] durableQueues = new long[8];
  private int durable;
  private int queued;
  private int farAway;
  private boolean refused;

  PublishUnderWay(LoopContext context, int loops, Releases releases) {
    this.context = context;
    this.matches = new Matches(context, loops, releases);
  }

  /** Returns how many queues matched. */
  int count() {
    return matches.count();
  }

  @Override
  public boolean reaches(QueueEntry queue) {
    return matches.has(queue);
  }

  Queue queue(int i) {
    return matches.queue(i).queue;
  }

  Verdict verdict(int i) {
    return verdicts[i];
  }

  /** Returns how many queues keep the message until it is settled. */
  int queued() {
    return queued;
  }

  /** Returns how many queues of other loops get it. */
  int farAway() {
    return farAway;
  }

  /** Adds those that get it in other loops, and keep it. */
  void addFarAway(List<Queue> to) {
    for (int i = 0; i < count(); i++) {
      if (verdicts[i].kind() == Kind.ENQUEUE && queue(i).home() != context) {
        to.add(queue(i));
      }
    }
  }

  /** Returns how many queues have it stored. */
  int durable() {
    return durable;
  }

  /** Returns whether a queue of this loop gets it. */
  boolean taken() {
    for (int i = 0; i < count(); i++) {
      if (verdicts[i].kind() != Kind.DROP && queue(i).home() == context) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a queue of this loop has refused it. */
  boolean refused() {
    return refused;
  }

  /**
   * Finds the queues and asks each what becomes of the message.
   *
   * @param number which no other routing of this loop has
   */
  void match(VirtualHost host, Exchange exchange, Message message, long number) {
    route(host, exchange, message, number);
    matches.tell(host, message);
    admit(message);
  }

  private void route(VirtualHost host, Exchange exchange, Message message, long number) {
    matches.route(host, exchange, message, number);
    int further = message.annotations().furtherKeys().size();
    if (further > 0) {
      context.loop().worked(further);
    }
  }

  /**
   * Finds the queues behind a binding and asks each what becomes of the message.
   *
   * @param number which no other routing of this loop has
   */
  void match(VirtualHost host, Binding bound, Message message, long number) {
    matches.route(host, bound, message, number);
    matches.tell(host, message);
    admit(message);
  }

  /**
   * Finds the queues of a dead letter, without those that it would come back to in a circle, and
   * asks the others what becomes of it.
   *
   * @return how many queues it would come back to
   */
  int matchDeadLetter(VirtualHost host, Exchange exchange, Message message, long number) {
    route(host, exchange, message, number);
    tellDeadLetter(host, message);
    int circles = withoutCircles(host, message);
    admit(message);
    return circles;
  }

  /**
   * Finds the queues of a dead letter as {@link #matchDeadLetter} does, and refuses nothing yet.
   *
   * @return how many queues it would come back to
   */
  int matchKept(VirtualHost host, Exchange exchange, Message message, long number) {
    route(host, exchange, message, number);
    int circles = withoutCircles(host, message);
    int count = matches.count();
    begin();
    for (int i = 0; i < count; i++) {
      Queue queue = matches.queue(i).queue;
      Verdict verdict = admit(i, queue, message);
      if (verdict.kind() == Kind.DROP) {
        continue;
      }
      if (queue.home() != context) {
        farAway++;
      } else if (verdict.kind() == Kind.ENQUEUE && Arrival.wouldRefuse(queue, message)) {
        refused = true;
      }
      if (verdict.kind() == Kind.ENQUEUE) {
        keeps(queue, message);
      }
    }
    return circles;
  }

  private int withoutCircles(VirtualHost host, Message message) {
    int matched = matches.count();
    matches.removeIf(entry -> circles(host, message, entry.queue.name()));
    return matched - matches.count();
  }

  private boolean circles(VirtualHost host, Message message, String queue) {
    boolean circles = message.annotations().circlesTo(queue);
    if (circles && message.isFollowed()) {
      Count why = Count.DEAD_LETTER_CIRCLE;
      context.follower().dropped(message, host.name(), queue, why, false);
    }
    return circles;
  }

  /** Tells who follows a dead letter where it goes. */
  void tellDeadLetter(VirtualHost host, Message message) {
    if (message.isFollowed()) {
      context.follower().deadLettered(message, host.name());
      matches.tell(host, message);
    }
  }

  private void begin() {
    durable = 0;
    queued = 0;
    farAway = 0;
    refused = false;
  }

  private void keeps(Queue queue, Message message) {
    queued++;
    if (queue.durable() && (message.properties().persistent() || queue.isStream())) {
      if (durable == durableQueues.length) {
        durableQueues = Arrays.copyOf(durableQueues, durable * 2);
      }
      durableQueues[durable++] = queue.storeId(message);
    }
  }

  private void admit(Message message) {
    int count = matches.count();
    begin();
    for (int i = 0; i < count; i++) {
      Queue queue = matches.queue(i).queue;
      Verdict verdict = admit(i, queue, message);
      if (verdict.kind() == Kind.DROP) {
        if (message.isFollowed()) {
          context.follower().notAdmitted(message, queue.owner().virtualHost(), queue.name());
        }
        continue;
      }
      if (queue.home() != context) {
        farAway++;
      } else if (verdict.kind() == Kind.ENQUEUE && Arrival.refused(queue, message)) {
        verdicts[i] = DROP;
        if (Arrival.tells(queue)) {
          refused = true;
          forget();
        }
        continue;
      }
      if (verdict.kind() != Kind.ENQUEUE) {
        continue;
      }
      keeps(queue, message);
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

  /**
   * Stores a dead letter for those that have it stored, and no more for the queue that has given it
   * up: both or neither is there after a crash.
   *
   * @return the store's sequence, 0 if none has it stored
   */
  long move(Message message, DeadLetter letter) {
    if (durable == 0 || !letter.stored()) {
      letter.settle();
      return store(message);
    }
    context.appender().begin();
    try {
      long sequence = store(message);
      letter.settle();
      return sequence;
    } finally {
      context.appender().end();
    }
  }

  /**
   * Stores a message for those that have it stored, and that it has left where it was: both or
   * neither is there after a crash.
   *
   * @return the store's sequence, 0 if none has it stored
   */
  long move(Message message, Runnable settle) {
    context.appender().begin();
    try {
      long sequence = store(message);
      settle.run();
      return sequence;
    } finally {
      context.appender().end();
    }
  }

  /**
   * Stores the message for those that have it stored.
   *
   * @return the store's sequence, 0 if none has
   */
  long store(Message message) {
    if (durable == 0) {
      return 0;
    }
    long sequence = context.appender().append(message, durableQueues, durable);
    List<Seen> firsts = matches.firsts();
    for (int i = 0; i < firsts.size(); i++) { // an iterator would be one for each message
      firsts.get(i).storedAt(sequence);
    }
    return sequence;
  }

  /** Returns what the message is the first of, which waits for one answer more. */
  List<Seen> handedOver() {
    List<Seen> firsts = matches.firsts();
    for (int i = 0; i < firsts.size(); i++) { // an iterator would be one for each message
      firsts.get(i).handedOver();
    }
    return firsts;
  }

  /** Returns which message this one repeats and is not routed for; null with nearly all. */
  @Nullable Seen repeated() {
    return matches.repeated();
  }

  /** It is not taken by all that it is for: it may come again. */
  void forget() {
    matches.firsts().forEach(Seen::refused);
  }
}
