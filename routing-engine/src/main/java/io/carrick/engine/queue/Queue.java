package io.carrick.engine.queue;

import io.carrick.ConsumerInfo;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.NotSupportedException;
import io.carrick.PreconditionFailedException;
import io.carrick.QueueInfo;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.delivery.LoopCounts;
import io.carrick.engine.delivery.LoopCounts.Count;
import io.carrick.engine.delivery.LoopMemory;
import io.carrick.spi.Admission;
import io.carrick.spi.Completion;
import io.carrick.spi.ConsumeRequest;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.Sharing;
import io.carrick.spi.StreamRead;
import io.carrick.storage.QueueLog;
import io.carrick.storage.StoredMessage;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages in order, their consumers, and what is unsettled: the single writer of all of it.
 * Confined to its home loop, for as long as it exists, except what is final.
 */
public final class Queue {

  private static final int PUMPING = 1;
  private static final int HOLDING = 2;

  private final long id;
  private final QueueDeclaration declaration;
  private final boolean durable;
  private final @Nullable Admission admission;
  private final LoopContext home;
  private final QueueOwner owner;

  /** Null in most queues. */
  private final @Nullable Priorities priorities;

  private final ReadyMessages ready;

  /** Others take their place when the first session joins an ordinary queue. */
  private Consumers consumers;

  /** What everything is left to; null in all queues but streams. */
  private final @Nullable Stream stream;

  /** Why it does not begin to hand over: {@link #PUMPING} or {@link #HOLDING}, or both. */
  private int busy;

  private boolean deleted;

  private QueueSettings settings;

  // Each null as long as there is no need of it: most queues are idle ones.
  private @Nullable Expiry expiry;
  private @Nullable PastDeliveries past;
  private @Nullable GivenUp givenUp;

  /**
   * Makes a new queue.
   *
   * @param id unique in the broker and its store
   * @param declaration what it was declared as, with the name it really has
   * @param settings how much it keeps and for how long
   */
  public Queue(
      long id,
      QueueDeclaration declaration,
      QueueSettings settings,
      LoopContext home,
      QueueOwner owner) {
    this.id = id;
    this.declaration = declaration;
    this.settings = settings;
    this.durable = declaration.durable() && !declaration.exclusive();
    this.admission = declaration.session() == null ? null : declaration.session().admission();
    this.home = home;
    this.owner = owner;
    Priorities asked = Priorities.of(declaration);
    this.priorities = asked.highest() == 0 ? null : asked;
    this.ready =
        priorities == null ? new ReadyMessages(this) : new MessagesByPriority(this, priorities);
    this.consumers =
        admission instanceof Sharing sharing
            ? new SharedConsumers(this, sharing)
            : new Consumers(this);
    if (settings.ages()) {
      expiry = new Expiry(this, ready);
      home.loop().execute(this::used);
    }
    this.stream = owner.streamOf(this);
  }

  // ---- callable from any thread

  /** Returns the queue's name. */
  public String name() {
    return declaration.name();
  }

  /** Returns the id that the store knows. */
  public long id() {
    return id;
  }

  /** Returns the id under which the store has a message of it. */
  public long storeId(Message message) {
    return priorities == null ? id : id + priorities.of(message);
  }

  /** Returns the highest of the ids under which the store has messages of it. */
  public long lastStoreId() {
    return priorities == null ? id : id + priorities.highest();
  }

  /** Returns what it was declared as. */
  public QueueDeclaration declaration() {
    return declaration;
  }

  /** Returns whether it outlives the broker, with the persistent messages in it. */
  public boolean durable() {
    return durable;
  }

  /** Returns what decides about each message; null in a queue that is no session's. */
  public @Nullable Admission admission() {
    return admission;
  }

  /** Returns its loop. */
  public LoopContext home() {
    return home;
  }

  /** Returns whether it is a stream. */
  public boolean isStream() {
    return stream != null;
  }

  /** Returns what everything is left to; null in all queues but streams. */
  @Nullable Stream stream() {
    return stream;
  }

  /**
   * Returns who takes its messages. Called in its loop; from another one they may be those whose
   * place others have taken, which is enough to make a {@linkplain Consumers#fetcher fetcher}.
   */
  public Consumers consumers() {
    return consumers;
  }

  /** Returns who takes its messages, to let sessions join it. Called in its loop. */
  public MemberConsumers members() {
    if (consumers instanceof MemberConsumers there) {
      return there;
    }
    var members = new MemberConsumers(consumers);
    consumers = members;
    return members;
  }

  /** Returns whether it is there for several sessions that share it. Callable from any thread. */
  public boolean isShared() {
    return admission instanceof Sharing;
  }

  /** Returns who keeps the list of queues. Callable from any thread. */
  public QueueOwner owner() {
    return owner;
  }

  LoopMemory held() {
    return home.held();
  }

  LoopCounts counts() {
    return home.counts();
  }

  /** Returns whether what is out of the window is in memory as well. */
  public boolean logInMemory() {
    return owner.logInMemory();
  }

  /** Returns what bounds it. */
  public Limits limits() {
    return owner.limits();
  }

  boolean consumed() {
    return !consumers.isEmpty();
  }

  // ---- settings

  /** Returns how much it keeps and for how long. */
  QueueSettings settings() {
    return settings;
  }

  /** Changes how much it keeps and for how long, for what is there as well. */
  public void settings(QueueSettings changed) {
    assert home.loop().inLoop();
    if (changed.equals(settings)) {
      return;
    }
    boolean timed = changed.consumerMs() != settings.consumerMs();
    settings = changed;
    if (timed) {
      consumers.timeoutChanged();
    }
    if (expiry == null && changed.ages()) {
      expiry = new Expiry(this, ready);
    }
    if (expiry != null) {
      expiry.stop();
    }
    used();
    pump();
  }

  /** Changes how much a stream keeps and for how long, by arguments that have been found right. */
  public void bounds(Map<String, Object> arguments) {
    if (stream != null) {
      stream.bounds(arguments);
    }
  }

  // ---- messages back from the log

  /**
   * Gives a queue that is made again what the store has of it; called before anything else.
   *
   * @param log what is in it
   * @param known of deliveries from it before
   * @param returned how often messages have come back from consumers, by their sequences
   */
  public void restore(QueueLog log, Redeliveries known, Map<Long, Integer> returned) {
    ready.restore(log);
    past = new PastDeliveries(this, known, returned);
    boolean diesByAge = settings.deadLetters() != null && !ready.isEmpty();
    if (diesByAge && expiry == null) {
      expiry = new Expiry(this, ready); // The first may have a time of its own.
    }
    if (ready.tooMany()
        || diesByAge
        || (settings.messageMs() != QueueSettings.FOR_EVER && !ready.isEmpty())) {
      home.loop().execute(this::pump); // The first may be too old, though nobody asks for it.
    }
  }

  /**
   * Opens a log that was not opened yet.
   *
   * @param priority of the messages in it; 0 in a queue without priorities
   */
  QueueLog openLog(int priority) {
    return owner.openLog(this, id + priority);
  }

  /** Messages were read back, and not because the queue itself was asking. */
  void arrived() {
    pump();
    consumers.answerWaiting();
  }

  /** Gives a message that was out of memory what it had, or had before the broker started. */
  QueuedMessage restored(long position, StoredMessage stored) {
    Object tag = stored.tag();
    if (tag == null && admission != null) {
      tag = owner.tagOf(this, stored.message());
    }
    watchAge(stored.message());
    var m = new QueuedMessage(position, stored, tag);
    if (past != null) {
      past.read(m);
    }
    return m;
  }

  /** Returns which stored messages may have been delivered, for the next run. */
  public Redeliveries redeliveries() {
    Redeliveries known = past().known();
    ready.forEachInMemory(known::addIfDelivered);
    consumers.forEachUnsettled(m -> known.add(m.sequence));
    return known;
  }

  /** Returns what is known of deliveries before; null if that is nothing. */
  @Nullable PastDeliveries pastOrNull() {
    return past;
  }

  /** Returns what is known of deliveries before, which may be nothing as yet. */
  PastDeliveries past() {
    PastDeliveries known = past;
    if (known == null) {
      known = new PastDeliveries(this, Redeliveries.none(), Map.of());
      past = known;
    }
    return known;
  }

  // ---- consumers

  /**
   * Adds a consumer; completes in this loop, and deliveries start behind the completion.
   *
   * @param done gets the consumer, or why not
   */
  public void consume(ConsumeRequest request, Outlet outlet, Completion<Feed> done) {
    StreamRead read = request.stream();
    if (stream != null) {
      stream.consume(request, outlet, done);
    } else if (read != null) {
      done.failed(
          new PreconditionFailedException(
              "invalid arg '%s' for %s of queue type rabbit_%s_queue"
                  .formatted(
                      read.filter() == null ? "x-stream-offset" : "x-stream-filter",
                      owner.called(this),
                      declaration.arguments().getOrDefault("x-queue-type", "classic"))));
    } else if (request.member() != null && !(consumers instanceof MemberConsumers)) {
      done.failed(new PreconditionFailedException("nobody shares " + owner.called(this)));
    } else if (request.member() == null
        && request.window() != null
        && QueueSettings.isQuorum(declaration.arguments())) {
      done.failed(new NotSupportedException(owner.called(this) + " does not support global qos"));
    } else {
      consumers.consume(request, outlet, done);
    }
  }

  /** Shows its consumers as they are now. */
  public void showConsumers(java.util.function.Consumer<ConsumerInfo> each) {
    if (stream == null) {
      consumers.show(each);
    } else {
      stream.show(each);
    }
  }

  // ---- messages out

  /** Hands over what is ready, as long as somebody takes it; too much of the rest goes. */
  void pump() {
    if (busy != 0) {
      return;
    }
    busy = PUMPING;
    while (!ready.isEmpty()) {
      if (home.loop().workedEnough()) {
        home.loop().continueLater(this::pumpOn); // nothing goes past it until then
        return;
      }
      Consumer c = consumers.next();
      if (c == null) {
        break;
      }
      QueuedMessage m = poll();
      if (m == null) {
        break;
      }
      c.receive(m);
    }
    busy &= ~PUMPING;
    if (!ready.isEmpty()) {
      ready.shorten();
      if (expiry != null) {
        expiry.watchHead();
      }
    }
  }

  /** Returns whether nothing goes past it: it hands over, or will, in this turn or a later one. */
  boolean pumps() {
    return busy != 0;
  }

  /** Hands nothing over, until it {@linkplain #goOn goes on}. */
  void holdBack() {
    busy |= HOLDING;
  }

  /** Returns whether it hands nothing over, as what it gives up finds no place. */
  boolean holdsBack() {
    return (busy & HOLDING) != 0;
  }

  /** What it gives up finds its place again. */
  void goOn() {
    if (holdsBack()) {
      busy &= ~HOLDING;
      arrived();
    }
  }

  /** Returns what it has given up that waits for its targets; null if it never had any. */
  @Nullable GivenUp givenUpOrNull() {
    return givenUp;
  }

  /** Returns what it has given up that waits for its targets. */
  GivenUp givenUp() {
    GivenUp waiting = givenUp;
    if (waiting == null) {
      waiting = new GivenUp(this);
      givenUp = waiting;
    }
    return waiting;
  }

  private void pumpOn() {
    busy &= ~PUMPING;
    pump();
  }

  /** Takes the next message; null if none is in memory. */
  @Nullable QueuedMessage poll() {
    return expiry == null ? ready.poll() : expiry.poll();
  }

  /** A message is ready again, at its old place. */
  void comesBack(QueuedMessage m) {
    m.redelivered = true;
    counts().add(Count.REQUEUED);
    watchAge(m.message);
    ready.requeue(m);
  }

  /**
   * Returns whether a message that comes from the log was with a session's client that has not
   * settled it. Of those of a run that has crashed nobody knows.
   */
  boolean wasSent(QueuedMessage m) {
    return admission != null && past != null && past.isSure(m);
  }

  // ---- age

  /** A message is ready that may grow too old, of all those in the queue perhaps as the first. */
  void watchAge(Message message) {
    if (expiry == null && message.properties().expirationMs().isPresent() && owner.messagesAge()) {
      expiry = new Expiry(this, ready);
    }
  }

  /** It is used now, or may be unused from now on. */
  void used() {
    if (expiry != null && consumers.isEmpty() && !deleted) {
      expiry.used();
    }
  }

  /** It was not used for as long as it may be. */
  void outlived() {
    if (consumers.isEmpty()) { // else the clock starts again when the last one leaves
      owner.unused(this);
    }
  }

  // ---- the queue as a whole

  /**
   * Removes what is ready.
   *
   * @throws NotSupportedException if it is a stream
   */
  public long purge() {
    if (stream != null) {
      throw new NotSupportedException(
          "queue.purge not supported by stream queues " + owner.called(this));
    }
    return discardReady(Discard.PURGED);
  }

  long discardReady(Discard why) {
    long dropped = ready.size();
    ready.clear(m -> Departure.removed(this, m, why), home.appender());
    if (past != null) {
      past.forgetLogged();
    }
    counts().add(why.count(), dropped);
    consumers.answerWaiting();
    return dropped;
  }

  /**
   * Ends the queue, which nobody can find any more: messages go, consumers are told.
   *
   * @param told gets the number of messages that were ready, when all consumers know
   * @return that number
   */
  public long delete(LongConsumer told) {
    assert home.loop().inLoop();
    deleted = true;
    if (expiry != null) {
      expiry.stop();
    }
    if (stream != null) {
      long[] kept = new long[1];
      kept[0] = stream.end(() -> told.accept(kept[0]));
      return kept[0];
    }
    long dropped = discardReady(Discard.QUEUE_DELETED);
    consumers.end(() -> told.accept(dropped));
    return dropped;
  }

  boolean deleted() {
    return deleted;
  }

  /** Returns what is ready. */
  ReadyMessages ready() {
    return ready;
  }

  /** Notes that somebody declares the queue, also passively, and returns it as it is now. */
  public QueueInfo declared() {
    used();
    return info();
  }

  /** Returns the queue as it is now. */
  public QueueInfo info() {
    if (stream != null) {
      return stream.info();
    }
    return new QueueInfo(
        owner.virtualHost(),
        name(),
        durable,
        ready.size(),
        consumers.unsettled(),
        consumers.size(),
        ready.bytes() + consumers.unsettledBytes());
  }
}
