package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.BrokerException;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.Policy;
import io.carrick.RoutingKey;
import io.carrick.TopicSpelling;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.definitions.StoredMember;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.JoinRequest;
import io.carrick.spi.Membership;
import io.carrick.spi.Part;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The names of exchanges and queues, and the bindings between them. Changes are guarded by {@code
 * this}; looking up and routing take no lock.
 */
public final class VirtualHost {

  private final String name;
  private final Called called;
  private final ChangeLog log;
  private final NamedExchanges exchanges;
  private final NamedQueues queues;
  private final Bindings bindings;
  private final ExchangeRules exchangeRules;
  private final QueueRules queueRules;
  private final Memberships memberships;
  private final HostPolicies policies;
  public final ReservedKeys reservedKeys;
  private final LastValues lastValues;
  private final Schedules schedules;
  public final SessionTables sessionTables;
  public final SessionLives sessionLives;

  /** How topics are spelled as keys; set before anybody finds it. */
  private volatile TopicSpelling spelling = Mapping.lossless().spelling();

  /** Whether it is going: nothing is added any more. */
  private volatile boolean ended;

  /**
   * Makes a virtual host with its predeclared exchanges.
   *
   * @param types by name
   * @param loops how many loops route here
   * @param definitions what the store has of it
   */
  public VirtualHost(
      String name,
      Limits limits,
      Map<String, ExchangeType> types,
      int loops,
      Definitions definitions) {
    this.name = name;
    this.called = new Called(name);
    this.reservedKeys = new ReservedKeys(name);
    this.log = new ChangeLog(name, definitions);
    this.policies = new HostPolicies(log, limits);
    this.exchanges = new NamedExchanges(called, policies);
    this.queues = new NamedQueues(called);
    this.bindings = new Bindings(exchanges, queues, log, limits);
    var maker = new ExchangeMaker(types, loops, DelayKeeper.of(this, definitions, limits), limits);
    this.exchangeRules = new ExchangeRules(called, maker, exchanges, bindings, log, limits);
    this.queueRules = new QueueRules(called, queues, bindings, log, limits);
    this.memberships = new Memberships(queues, bindings, queueRules, log, limits);
    this.lastValues = new LastValues(name, definitions, limits, reservedKeys);
    this.schedules = new Schedules(name, definitions, limits.count(Limit.SCHEDULED_PUBLISHES));
    this.sessionTables = new SessionTables(name, definitions.kept());
    this.sessionLives = new SessionLives(name, definitions);
    exchangeRules.predeclare();
  }

  public String name() {
    return name;
  }

  void spelledBy(TopicSpelling given) {
    spelling = given;
  }

  /** Returns how topics are spelled as keys. */
  public TopicSpelling spelling() {
    return spelling;
  }

  /** From now on nothing is added; who comes too late is refused. */
  synchronized void end() {
    ended = true;
  }

  /** Returns whether it is going. From any thread. */
  public boolean ended() {
    return ended;
  }

  private void mayGrow() {
    if (ended) {
      throw VirtualHosts.none(name);
    }
  }

  /** Takes away what is left when clients and queues have gone, one thing for each call. */
  public BooleanSupplier remains(LoopContext here) {
    return new Remains(this, here);
  }

  /** Ends an exchange, predeclared or not, of a virtual host that goes. */
  synchronized void endExchange(Exchange exchange, LoopContext here) {
    bindings.end(exchange, here);
  }

  public LastValues lastValues() {
    return lastValues;
  }

  public Schedules schedules() {
    return schedules;
  }

  /** Returns about how many bytes of memory queues and bindings hold. From any thread. */
  public long topologyBytes() {
    long all = (long) queues.size() + queues.repliesCount();
    return bindings.bytes() + exchanges.rememberedBytes() + all * QueueEntry.MEMORY_BYTES;
  }

  /** Returns the sequence that an answer about durable names and bindings has to wait for. */
  public long changedAt() {
    return log.changedAt();
  }

  // ---- looking up, in any loop

  public @Nullable Exchange exchangeOrNull(String exchange) {
    return exchanges.get(exchange);
  }

  /**
   * Looks an exchange up.
   *
   * @throws NotFoundException when there is none
   */
  public Exchange exchange(String exchange) {
    return exchanges.named(exchange);
  }

  /** Names the queue that a key is the name of, if there is one. */
  public <S> void matchQueue(RoutingKey key, S sink, BiConsumer<S, QueueEntry> report) {
    queues.match(key, sink, report);
  }

  public @Nullable QueueEntry queueOrNull(String queue) {
    return queues.get(queue);
  }

  /** Returns whether that very queue is there. */
  public boolean has(Queue queue) {
    QueueEntry entry = queues.get(queue.name());
    return entry != null && entry.queue == queue;
  }

  /**
   * Looks a queue up for whom nothing is kept from.
   *
   * @throws NotFoundException when there is none
   */
  public QueueEntry queue(String queue) {
    return queues.named(queue);
  }

  /** Returns the name of a queue: as it is given, unless it says what several sessions share. */
  public String nameOf(String queue) {
    return queues.nameOf(queue);
  }

  /** Looks a queue up for a client that wants to know of it: a session's too (MAP-36). */
  public QueueEntry queueSeenBy(String queue, Owner client) {
    return queues.seenBy(queue, client);
  }

  /** Looks a queue up for a client that wants to use it. */
  public QueueEntry queueFor(String queue, Owner client) {
    return queues.usedBy(queue, client);
  }

  /** Looks a queue up for a client that wants to delete it: none that sessions share. */
  public QueueEntry queueToDelete(String queue, Owner client) {
    return queues.changedBy(queue, client);
  }

  public Collection<QueueEntry> queues() {
    return queues.all();
  }

  public int queueCount() {
    return queues.size();
  }

  /** Returns how many of the queues are sessions'. From any thread. */
  public int sessionCount() {
    return queues.sessions();
  }

  /** Returns how many bindings lead to sessions. From any thread. */
  public long subscriptionCount() {
    return bindings.subscriptions();
  }

  public int exchangeCount() {
    return exchanges.size();
  }

  /** Goes through the queues from a name on, in order; sees later changes or not. */
  public Iterator<QueueEntry> queuesFrom(String queue, boolean inclusive) {
    return queues.from(queue, inclusive);
  }

  /** Goes through the exchanges from a name on, in order; sees later changes or not. */
  public Iterator<Exchange> exchangesFrom(String exchange, boolean inclusive) {
    return exchanges.from(exchange, inclusive);
  }

  /**
   * Shows some of the bindings that lead to a destination, without what is attached to them.
   *
   * @param from where to begin: 0, or what an earlier call returned
   * @param most how many to look at
   * @return where to go on, or -1 after the last
   */
  public synchronized int showBindings(
      Destination destination, int from, int most, Consumer<Binding> into) {
    return destination.show(from, most, into);
  }

  // ---- policies

  /** Returns its policies. From any thread; they are changed here. */
  public HostPolicies policies() {
    return policies;
  }

  /** Takes a policy; what there is does not go by it yet. */
  public synchronized void put(Policy policy, LoopContext here) {
    mayGrow();
    policies.put(policy, here);
  }

  /** Takes a policy as the store or the builder has it. */
  public synchronized void restore(Policy policy) {
    policies.restore(policy);
  }

  /** Removes a policy; what there is still goes by it. */
  public synchronized void deletePolicy(Policy.Kind kind, String policy, LoopContext here) {
    policies.remove(kind, policy, here);
  }

  /** Removes a policy of a virtual host that goes; returns whether there was one. */
  synchronized boolean removePolicy(LoopContext here) {
    return policies.removeOne(here);
  }

  /** Has an exchange go by the policies that there are now. */
  public synchronized void goByPolicies(Exchange exchange) {
    exchange.alternate(policies.alternateOf(exchange));
  }

  // ---- exchanges

  /**
   * Finds or makes an exchange.
   *
   * @param refusal why the client may not make it with the alternate exchange that it has; null if
   *     it may
   * @return the sequence that the answer waits for, as of all changes
   */
  public synchronized long declareExchange(
      ExchangeDeclaration wanted, @Nullable AccessRefusedException refusal, LoopContext here) {
    mayGrow();
    return exchangeRules.declare(wanted, refusal, here);
  }

  /** Takes an exchange as the store has it. */
  public synchronized void restore(ExchangeDeclaration stored) {
    exchangeRules.restore(stored);
  }

  /**
   * Takes a queue of messages that wait as the store has it.
   *
   * @throws NotFoundException when the exchange is not there whose they are, or none waits for it
   */
  public synchronized DelayedMessages restoreDelay(
      String exchange, long id, long stretch, LoopContext home) {
    return exchange(exchange)
        .delays()
        .orElseThrow(() -> new NotFoundException(called.exchange(exchange) + " has none wait"))
        .restore(id, stretch, home);
  }

  /** Deletes an exchange with its bindings, if it is there. */
  public synchronized long deleteExchange(String exchange, boolean ifUnused, LoopContext here) {
    return exchangeRules.delete(exchange, ifUnused, here);
  }

  // ---- bindings

  /** Adds bindings, all or none; returns how many are new. */
  public ChangedBindings bind(List<Binding> wanted, Owner client) {
    return bind(wanted, client, Optional.empty());
  }

  /**
   * Adds bindings, all or none.
   *
   * @param replays gets one for each new binding that asks for last values, to be started; empty if
   *     none asks
   * @return how many are new
   */
  public ChangedBindings bind(
      List<Binding> wanted, Owner client, Optional<List<LastValueReplay>> replays) {
    var recalled = new ArrayList<Bindings.Recalled>(0);
    ChangedBindings added;
    synchronized (this) {
      mayGrow();
      replays.ifPresent(begun -> beginReplays(wanted, begun));
      try {
        added = bindings.bind(wanted, client, recalled);
      } catch (BrokerException refused) {
        replays.ifPresent(begun -> begun.forEach(LastValueReplay::end));
        throw refused;
      }
    }
    recalled.forEach(r -> client.recalls(this, r.bound(), r.messages()));
    return added;
  }

  private void beginReplays(List<Binding> wanted, List<LastValueReplay> begun) {
    for (Binding binding : new LinkedHashSet<>(wanted)) {
      QueueEntry entry = queues.get(binding.destination());
      if (LastValueReplay.isAskedFor(binding) && entry != null && !entry.has(binding)) {
        var replay = new LastValueReplay(this, entry, binding);
        lastValues.begin(replay);
        begun.add(replay);
      }
    }
  }

  /** Returns whether a queue is there, and has a binding. */
  synchronized boolean isBound(QueueEntry entry, Binding binding) {
    return queues.get(entry.name()) == entry && entry.has(binding);
  }

  /** Takes a binding as the store has it. */
  public synchronized void restore(Binding stored, long id) {
    bindings.add(stored, id);
  }

  /**
   * Removes bindings, and returns how many; one that is not there, or one of its ends, is passed
   * over.
   */
  public synchronized ChangedBindings unbind(List<Binding> unwanted, Owner client) {
    return bindings.unbind(unwanted, client);
  }

  /** Returns whether source and destination of a binding are there. */
  public boolean hasEnds(Binding binding) {
    return bindings.haveEnds(binding);
  }

  // ---- queues

  /**
   * Finds or makes a queue.
   *
   * @param refusal why the client may not make it with the dead-letter exchange that it has; null
   *     if it may
   * @param maker makes the queue if there is none of that name
   */
  synchronized QueueEntry declareQueue(
      QueueDeclaration wanted,
      @Nullable AccessRefusedException refusal,
      Owner client,
      QueueMaker maker) {
    mayGrow();
    return queueRules.declare(wanted, refusal, client, maker);
  }

  /** Takes a queue as the store has it. */
  public synchronized void restore(Queue stored) {
    queues.add(new QueueEntry(stored, null));
  }

  /** Makes the queue of a new entry. */
  @FunctionalInterface
  interface QueueMaker {
    Queue make(QueueDeclaration declaration);
  }

  /** Adds an address for replies. */
  synchronized void openReplies(QueueEntry entry) {
    mayGrow();
    queues.addReplies(entry);
  }

  /** Removes an address for replies; returns whether the queue is one, and was there. */
  synchronized boolean closeReplies(Queue queue) {
    return queues.removeReplies(queue);
  }

  /** Returns whether there is such an address for replies. From any thread. */
  public boolean hasReplies(String address) {
    return queues.hasReplies(address);
  }

  /** Checks what a queue may be called: a reserved prefix is refused. */
  public void checkNewQueueName(QueueDeclaration wanted) {
    queueRules.checkNewName(wanted);
  }

  /**
   * Removes some of the bindings of a queue that is to go, if it has more than go in one piece;
   * called in the queue's loop.
   *
   * @return how many
   */
  synchronized int unbindMany(QueueEntry entry) {
    return queueRules.unbindMany(entry);
  }

  /**
   * Takes a queue out of sight, with its bindings; called in the queue's loop, which then ends it.
   *
   * @return whether it was there
   */
  synchronized boolean forget(QueueEntry entry) {
    boolean there = queueRules.forget(entry);
    if (there) {
      memberships.gone(entry, entry.queue.home());
    }
    return there;
  }

  // ---- queues that sessions consume beside their own

  synchronized Memberships.Changed join(JoinRequest wanted, Owner client, QueueMaker maker) {
    mayGrow();
    return memberships.join(wanted, client, maker);
  }

  synchronized Memberships.Changed join(String queue, String member, Part part, Owner client) {
    mayGrow();
    return memberships.join(queue, member, part, client);
  }

  synchronized Memberships.@Nullable Changed leave(String shared, String member, Owner client) {
    return memberships.leave(shared, member, client);
  }

  /** Returns what a session has a part in, of a client that may use the session. */
  public synchronized List<Membership> memberships(String member, Owner client) {
    QueueEntry session = queues.get(member);
    return session == null || !client.mayUse(session) ? List.of() : memberships.of(session);
  }

  /** Returns a session's part in a queue; null if it has none. */
  synchronized @Nullable StoredMember memberOf(QueueEntry queue, QueueEntry session) {
    return memberships.find(queue, session);
  }

  /** Returns whether any session gets what comes to a queue that is shared. */
  synchronized boolean hasMembers(Queue queue) {
    return memberships.anyJoined(queue);
  }

  /** A session has ended; returns the queues that it had a part in. */
  synchronized List<QueueEntry> memberEnded(QueueEntry session) {
    return memberships.ended(session, session.queue.home());
  }

  /**
   * A session has finished what it had to do with a queue.
   *
   * @return whether the queue is gone from sight, as nobody shares it any more
   */
  synchronized boolean vacated(QueueEntry queue, long sessionId) {
    boolean unused = memberships.vacated(queue, sessionId, queue.queue.home());
    return unused && queue.isShared() && forget(queue);
  }

  /** Takes a membership as the store has it, if both queues are there. */
  public synchronized void restoreMember(String shared, String member, StoredMember stored) {
    QueueEntry queue = queues.get(shared);
    QueueEntry session = queues.get(member);
    if (queue != null && session != null) {
      memberships.restore(queue, session, stored);
    }
  }

  // ---- deciding again

  /** Returns what a session makes of a message with the bindings that its queue has now. */
  @Nullable Object tagOf(QueueEntry entry, Message message) {
    SessionQueue session = entry.queue.declaration().session();
    if (session == null) {
      return null;
    }
    Rematch rematch = entry.rematch;
    if (rematch == null) {
      rematch = newRematch(entry);
    }
    return rematch.tagOf(message, session.admission());
  }

  private synchronized Rematch newRematch(QueueEntry entry) {
    var rematch = new Rematch();
    for (Binding binding : entry.all()) {
      Exchange source = exchange(binding.exchange());
      rematch.add(binding, () -> exchangeRules.newTable(source.declaration));
    }
    entry.rematch = rematch;
    return rematch;
  }
}
