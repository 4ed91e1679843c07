package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.queue.Queue;
import io.carrick.spi.ExchangeDeclaration;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.ExchangeType.RoutingTable;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The names of exchanges and queues, and the bindings between them. Changes are guarded by {@code
 * this}; looking up and routing take no lock.
 */
public final class VirtualHost {

  private static final String RESERVED = "amq.";

  private final String name;
  private final Called called;
  private final Limits limits;
  private final Map<String, ExchangeType> types;
  private final int loops;
  private final Definitions definitions;
  private final Map<String, Exchange> exchanges = new ConcurrentHashMap<>();
  private final NamedQueues queues = new NamedQueues();
  public final ReservedKeys reservedKeys = new ReservedKeys();
  private final LastValues lastValues;
  private final Schedules schedules;
  public final SessionTables sessionTables;
  public final SessionLives sessionLives;
  private final BindingMemory bindingMemory = new BindingMemory();

  /** Exchanges that go, the first of them now. */
  private final Deque<Exchange> usedUp = new ArrayDeque<>(1);

  /** The store's sequence of the last change that is stored. */
  private volatile long changedAt;

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
    this.limits = limits;
    this.types = types;
    this.loops = loops;
    this.definitions = definitions;
    this.lastValues = new LastValues(name, definitions, limits.value(Limit.LAST_VALUES));
    this.schedules = new Schedules(name, definitions, limits.count(Limit.SCHEDULED_PUBLISHES));
    this.sessionTables = new SessionTables(name, definitions.kept());
    this.sessionLives = new SessionLives(name, definitions);
    Exchange.PREDECLARED.forEach(this::predeclare);
  }

  private void predeclare(String exchange, String type) {
    var declaration = new ExchangeDeclaration(exchange, type, true, false, false, Map.of());
    exchanges.put(exchange, newExchange(declaration, true));
  }

  public String name() {
    return name;
  }

  public LastValues lastValues() {
    return lastValues;
  }

  public Schedules schedules() {
    return schedules;
  }

  /** Returns about how many bytes of memory queues and bindings hold. From any thread. */
  public long topologyBytes() {
    return bindingMemory.bytes() + (long) queues.size() * QueueEntry.MEMORY_BYTES;
  }

  /** Returns the sequence that an answer about durable names and bindings has to wait for. */
  public long changedAt() {
    return changedAt;
  }

  /** Returns what an answer waits for; if the store has failed, only one about durable things. */
  private long answerAfter(boolean durable, LoopContext here) {
    return durable || !here.storeFailed() ? changedAt : 0;
  }

  private void changed(long sequence) {
    changedAt = Math.max(changedAt, sequence);
  }

  /**
   * Checks that the store can take a change.
   *
   * @throws PreconditionFailedException if it cannot
   */
  private void mayStore(LoopContext here) {
    if (definitions.kept() && !here.storeTakes()) {
      throw LoopContext.storeUnavailable();
    }
  }

  // ---- looking up, in any loop

  public @Nullable Exchange exchangeOrNull(String exchange) {
    return exchanges.get(exchange);
  }

  public Exchange exchange(String exchange) {
    Exchange found = exchanges.get(exchange);
    if (found == null) {
      throw called.no(called.exchange(exchange));
    }
    return found;
  }

  /** Names the queue that a key is the name of, if there is one. */
  public <S> void matchQueue(RoutingKey key, S sink, BiConsumer<S, QueueEntry> report) {
    queues.match(key, sink, report);
  }

  @Nullable QueueEntry queueOrNull(String queue) {
    return queues.get(queue);
  }

  QueueEntry queue(String queue) {
    QueueEntry found = queues.get(queue);
    if (found == null) {
      throw called.no(called.queue(queue));
    }
    return found;
  }

  /** Looks a queue up for a client that wants to know of it: a session's too (MAP-36). */
  public QueueEntry queueSeenBy(String queue, Owner client) {
    QueueEntry found = queue(queue);
    checkOwner(found, client);
    return found;
  }

  /** Looks a queue up for a client that wants to use it. */
  public QueueEntry queueFor(String queue, Owner client) {
    QueueEntry found = queueSeenBy(queue, client);
    if (!client.mayUse(found)) {
      throw called.sessions(queue);
    }
    return found;
  }

  private void checkOwner(QueueEntry entry, Owner client) {
    if (entry.owner != null && entry.owner != client) {
      throw called.locked(entry.queue.name());
    }
  }

  public Collection<QueueEntry> queues() {
    return queues.all();
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
    Exchange there = exchanges.get(wanted.name());
    if (there != null) {
      Equivalence.check(there.declaration, wanted, called.exchange(wanted.name()));
      return answerAfter(wanted.durable(), here);
    }
    if (wanted.name().startsWith(RESERVED)) {
      throw Called.reserved("exchange", wanted.name(), RESERVED);
    }
    if (exchanges.size() >= limits.value(Limit.EXCHANGES)) {
      throw new PreconditionFailedException(
          "cannot declare %s: exchange limit of %d is reached"
              .formatted(called.exchange(wanted.name()), limits.value(Limit.EXCHANGES)));
    }
    checkAlternate(wanted);
    if (refusal != null) {
      throw refusal;
    }
    Exchange made = newExchange(wanted, false);
    if (wanted.durable()) {
      mayStore(here);
      changed(definitions.exchange(here, name, wanted));
    }
    exchanges.put(wanted.name(), made);
    return answerAfter(wanted.durable(), here);
  }

  private void checkAlternate(ExchangeDeclaration wanted) {
    Object alternate = wanted.arguments().get(Exchange.ALTERNATE);
    if (alternate != null && !(alternate instanceof String)) {
      throw new PreconditionFailedException(
          "invalid type '%s' for arg '%s' in %s"
              .formatted(
                  ArgumentText.type(alternate),
                  Exchange.ALTERNATE,
                  called.exchange(wanted.name())));
    }
  }

  /** Takes an exchange as the store has it. */
  public synchronized void restore(ExchangeDeclaration stored) {
    exchanges.putIfAbsent(stored.name(), newExchange(stored, false));
  }

  private Exchange newExchange(ExchangeDeclaration declaration, boolean predeclared) {
    ExchangeType type = types.get(declaration.type());
    if (type == null) {
      throw new NotFoundException("unknown exchange type '" + declaration.type() + "'");
    }
    RoutingTable table = type.newTable(declaration.arguments());
    return new Exchange(declaration, table, predeclared, loops);
  }

  public synchronized long deleteExchange(String exchange, boolean ifUnused, LoopContext here) {
    Exchange there = exchanges.get(exchange);
    if (there == null) {
      return answerAfter(false, here);
    }
    if (there.predeclared) {
      throw new AccessRefusedException(
          "deletion of system " + called.exchange(exchange) + " not allowed");
    }
    if (ifUnused && there.bindingsAsSource > 0) {
      throw new PreconditionFailedException(called.exchange(exchange) + " in use");
    }
    forget(there, here);
    return answerAfter(there.declaration.durable(), here);
  }

  /** Takes an exchange out with its bindings, and then others that are used up by that. */
  private void forget(Exchange exchange, LoopContext here) {
    usedUp.add(exchange);
    if (usedUp.size() > 1) {
      return; // a chain of them may be long, so it does not nest
    }
    for (Exchange e = exchange; e != null; e = usedUp.peek()) {
      end(e, here);
      usedUp.remove();
    }
  }

  private void end(Exchange exchange, LoopContext here) {
    if (!exchanges.remove(exchange.name(), exchange)) {
      return;
    }
    if (exchange.declaration.durable()) {
      changed(definitions.deleteExchange(here, name, exchange.name()));
    }
    if (exchange.bindingsAsSource > 0) {
      for (QueueEntry entry : queues.all()) {
        dropFrom(entry, exchange, here);
        entry.bindingsChanged();
      }
      for (Exchange other : exchanges.values()) {
        dropFrom(other, exchange, here);
      }
    }
    dropAll(exchange, here);
  }

  private void dropFrom(Destination destination, Exchange source, LoopContext here) {
    for (Binding binding : destination.all()) {
      if (binding.exchange().equals(source.name())) {
        unstore(destination.remove(binding), here);
        bindingMemory.unbound(binding);
      }
    }
  }

  /** Removes the bindings that lead to a destination which goes. */
  private void dropAll(Destination destination, LoopContext here) {
    for (Binding binding : destination.all()) {
      removeFromSource(destination, binding, here);
    }
  }

  private void unstore(long binding, LoopContext here) {
    if (binding != 0) {
      changed(definitions.deleteBinding(here, binding));
    }
  }

  // ---- bindings

  /** Adds bindings, all or none. */
  public synchronized long bind(List<Binding> bindings, Owner client) {
    boolean durable = false;
    for (Binding binding : bindings) {
      sourceOf(binding);
      destinationOf(binding, client);
    }
    var added = new ArrayList<Binding>(bindings.size());
    try {
      for (Binding binding : bindings) {
        checkRoom(binding, destinationOf(binding, client));
        durable |= isDurable(binding);
        if (add(binding, client.context())) {
          added.add(binding);
        }
      }
    } catch (PreconditionFailedException refused) {
      for (Binding binding : added) {
        removeFromSource(destinationOf(binding), binding, client.context());
      }
      throw refused;
    }
    return answerAfter(durable, client.context());
  }

  /** Adds a binding or puts it in place of an equal one; returns whether it is a new one. */
  private boolean add(Binding binding, LoopContext here) {
    Destination destination = destinationOf(binding);
    Optional<Binding> before = destination.find(binding);
    if (before.isPresent()
        && Objects.equals(Destination.attachmentOf(before.get()), binding.attachment())) {
      return false;
    }
    boolean durable = isDurable(binding);
    long id = 0;
    if (durable) {
      mayStore(here);
      id = before.isPresent() ? destination.idOf(binding) : definitions.newId(here);
    }
    // First the exchange, which may refuse it: what is refused is not stored.
    addToSource(binding, id);
    if (durable) {
      changed(definitions.binding(here, id, name, binding));
    }
    return before.isEmpty();
  }

  /**
   * Adds a binding to its source's table and to its destination.
   *
   * @param id names it in the store; 0 if it is not stored
   */
  private void addToSource(Binding binding, long id) {
    Exchange source = sourceOf(binding);
    Destination destination = destinationOf(binding);
    boolean fresh = !destination.has(binding);
    Binding bound = destination.bound(source, binding);
    source.table.add(bound);
    destination.put(bound, id);
    destination.bindingsChanged();
    if (fresh) {
      source.bindingsAsSource++;
      bindingMemory.bound(bound);
    }
  }

  /** Takes a binding as the store has it. */
  public synchronized void restore(Binding stored, long id) {
    addToSource(stored, id);
  }

  /** Returns whether a binding outlives the broker: if both its ends do. */
  private boolean isDurable(Binding binding) {
    return sourceOf(binding).durable() && destinationOf(binding).durable();
  }

  private void checkRoom(Binding binding, Destination destination) {
    boolean full = destination.count() >= limits.value(Limit.SESSION_SUBSCRIPTIONS);
    if (full
        && destination instanceof QueueEntry entry
        && entry.isSession()
        && !destination.has(binding)) {
      throw new PreconditionFailedException(
          called.queue(binding.destination()) + " has no room for another binding");
    }
  }

  private Exchange sourceOf(Binding binding) {
    if (binding.exchange().isEmpty()) {
      throw Called.defaultExchange();
    }
    return exchange(binding.exchange());
  }

  private Destination destinationOf(Binding binding, Owner client) {
    if (binding.target() == Binding.Target.QUEUE) {
      return queueFor(binding.destination(), client);
    }
    return destinationOf(binding);
  }

  private Destination destinationOf(Binding binding) {
    if (binding.target() == Binding.Target.QUEUE) {
      return queue(binding.destination());
    }
    if (binding.destination().isEmpty()) {
      throw Called.defaultExchange();
    }
    return exchange(binding.destination());
  }

  /** Removes bindings; one that is not there, or one of its ends, is passed over. */
  public synchronized long unbind(List<Binding> bindings, Owner client) {
    boolean durable = false;
    for (Binding binding : bindings) {
      if (!hasEnds(binding)) {
        continue;
      }
      Destination destination = destinationOf(binding, client);
      durable |= isDurable(binding);
      if (destination.has(binding)) {
        removeFromSource(destination, binding, client.context());
      }
    }
    return answerAfter(durable, client.context());
  }

  /** Returns whether source and destination are there. */
  public boolean hasEnds(Binding binding) {
    if (binding.exchange().isEmpty()) {
      throw Called.defaultExchange();
    }
    return exchanges.containsKey(binding.exchange())
        && (binding.target() == Binding.Target.QUEUE
            ? queues.has(binding.destination())
            : exchanges.containsKey(binding.destination()));
  }

  private void removeFromSource(Destination destination, Binding binding, LoopContext here) {
    unstore(destination.remove(binding), here);
    bindingMemory.unbound(binding);
    destination.bindingsChanged();
    Exchange source = exchanges.get(binding.exchange());
    if (source == null) {
      return;
    }
    source.table.remove(binding);
    source.bindingsAsSource--;
    if (source.bindingsAsSource == 0 && source.declaration.autoDelete()) {
      forget(source, here);
    }
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
    QueueEntry there = queues.get(wanted.name());
    if (there != null) {
      checkOwner(there, client);
      if (!client.mayUse(there)) {
        throw called.sessions(wanted.name());
      }
      checkEquivalent(there.queue.declaration(), wanted);
      return there;
    }
    if (refusal != null) {
      throw refusal;
    }
    QueueArguments.check(wanted, called.queue(wanted.name()));
    if (queues.size() >= limits.value(Limit.QUEUES)) {
      throw new PreconditionFailedException(
          "cannot declare %s: queue limit in vhost '%s' (%d) is reached"
              .formatted(called.queue(wanted.name()), name, limits.value(Limit.QUEUES)));
    }
    var entry = new QueueEntry(maker.make(wanted), wanted.exclusive() ? client : null);
    if (entry.queue.durable()) {
      mayStore(client.context());
      changed(definitions.queue(client.context(), entry.queue.id(), name, wanted));
    }
    queues.add(entry);
    return entry;
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

  /** Checks what a queue may be called: a reserved prefix is refused. */
  public void checkNewQueueName(QueueDeclaration wanted) {
    if (queues.has(wanted.name())) {
      return;
    }
    boolean session = wanted.session() != null;
    if (wanted.name().startsWith(RESERVED)) {
      throw Called.reserved("queue", wanted.name(), RESERVED);
    } else if (wanted.name().startsWith("mqtt.") && !session) {
      throw Called.reserved("queue", wanted.name(), "mqtt.");
    }
  }

  private void checkEquivalent(QueueDeclaration there, QueueDeclaration wanted) {
    String what = called.queue(there.name());
    if ((there.session() == null) != (wanted.session() == null)) {
      throw called.sessions(there.name());
    }
    if (there.exclusive() != wanted.exclusive()) {
      throw called.locked(there.name());
    }
    Equivalence.check(there, wanted, what);
  }

  /**
   * Takes a queue out of sight, with its bindings; called in the queue's loop, which then ends it.
   *
   * @return whether it was there
   */
  synchronized boolean forget(QueueEntry entry) {
    if (!queues.remove(entry)) {
      return false;
    }
    LoopContext here = entry.queue.home();
    if (entry.queue.durable()) {
      changed(definitions.deleteQueue(here, entry.queue.id()));
    }
    dropAll(entry, here);
    return true;
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
      rematch.add(binding, () -> newExchange(source.declaration, false).table);
    }
    entry.rematch = rematch;
    return rematch;
  }
}
