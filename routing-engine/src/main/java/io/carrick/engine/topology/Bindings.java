package io.carrick.engine.topology;

import io.carrick.Binding;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.ExchangeType.RememberingTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bindings of one virtual host, and the exchanges that go with the last of theirs. Guarded by
 * the lock of the virtual host, except {@link #bytes} and {@link #haveEnds}.
 */
final class Bindings {

  private final NamedExchanges exchanges;
  private final NamedQueues queues;
  private final ChangeLog log;
  private final Limits limits;
  private final BindingMemory bindingMemory = new BindingMemory();

  /** Exchanges that go, the first of them now. */
  private final Deque<Exchange> usedUp = new ArrayDeque<>(1);

  Bindings(NamedExchanges exchanges, NamedQueues queues, ChangeLog log, Limits limits) {
    this.exchanges = exchanges;
    this.queues = queues;
    this.log = log;
    this.limits = limits;
  }

  /** Returns about how many bytes of memory they hold. From any thread. */
  long bytes() {
    return bindingMemory.bytes();
  }

  /** Returns how many lead to sessions. From any thread. */
  long subscriptions() {
    return bindingMemory.subscriptions();
  }

  // ---- exchanges that go

  /** Ends an exchange, predeclared or not, of a virtual host that goes. */
  void end(Exchange exchange, LoopContext here) {
    dropAll(exchange, here);
    exchange.delays().ifPresent(delays -> delays.end(here));
    if (exchanges.remove(exchange) && exchange.declaration.durable() && !exchange.predeclared) {
      log.exchangeGone(exchange.name(), here);
    }
  }

  /** Takes an exchange out with its bindings, and then others that are used up by that. */
  void forget(Exchange exchange, LoopContext here) {
    usedUp.add(exchange);
    if (usedUp.size() > 1) {
      return; // a chain of them may be long, so it does not nest
    }
    for (Exchange e = exchange; e != null; e = usedUp.peek()) {
      takeOut(e, here);
      usedUp.remove();
    }
  }

  private void takeOut(Exchange exchange, LoopContext here) {
    if (!exchanges.remove(exchange)) {
      return;
    }
    if (exchange.declaration.durable()) {
      log.exchangeGone(exchange.name(), here);
    }
    exchange.delays().ifPresent(delays -> delays.end(here));
    for (Destination destination : exchange.destinations()) {
      dropFrom(destination, exchange, here);
      destination.bindingsChanged();
    }
    dropAll(exchange, here);
  }

  private void dropFrom(Destination destination, Exchange source, LoopContext here) {
    for (Binding binding : destination.all()) {
      if (binding.exchange().equals(source.name())) {
        log.unbound(destination.remove(binding), here);
        bindingMemory.unbound(binding, destination);
      }
    }
  }

  /** Removes the bindings that lead to a destination which goes. */
  void dropAll(Destination destination, LoopContext here) {
    for (Binding binding : destination.all()) {
      removeFromSource(destination, binding, here);
    }
  }

  /** Removes some of them, and returns how many. */
  int dropSome(Destination destination, int most, LoopContext here) {
    List<Binding> some = destination.some(most);
    for (Binding binding : some) {
      removeFromSource(destination, binding, here);
    }
    return some.size();
  }

  // ---- bindings

  /** What an exchange remembers for the destination of a new binding. Immutable. */
  record Recalled(Binding bound, List<Message> messages) {}

  /**
   * Adds bindings, all or none.
   *
   * @param recalled gets what goes to their destinations when that is done
   * @return how many are new
   */
  ChangedBindings bind(List<Binding> wanted, Owner client, List<Recalled> recalled) {
    boolean durable = false;
    for (Binding binding : wanted) {
      sourceOf(binding);
      destinationOf(binding, client);
    }
    var added = new ArrayList<Binding>(wanted.size());
    try {
      for (Binding binding : wanted) {
        checkRoom(binding, destinationOf(binding, client));
        durable |= isDurable(binding);
        if (add(binding, client.context(), recalled)) {
          added.add(binding);
        }
      }
    } catch (PreconditionFailedException refused) {
      for (Binding binding : added) {
        removeFromSource(destinationOf(binding), binding, client.context());
      }
      throw refused;
    }
    return new ChangedBindings(added.size(), log.answerAfter(durable, client.context()));
  }

  /** Adds a binding to a queue that sessions share; nothing that is remembered goes there. */
  void addShared(Binding binding, LoopContext here) {
    add(binding, here, new ArrayList<>(0));
  }

  /** Checks that there is where a binding comes from. */
  void checkSource(Binding binding) {
    sourceOf(binding);
  }

  /** Adds a binding or puts it in place of an equal one; returns whether it is a new one. */
  private boolean add(Binding binding, LoopContext here, List<Recalled> recalled) {
    Destination destination = destinationOf(binding);
    Optional<Binding> before = destination.find(binding);
    if (before.isPresent()
        && Objects.equals(Destination.attachmentOf(before.get()), binding.attachment())) {
      return false;
    }
    boolean durable = isDurable(binding);
    long id = 0;
    if (durable) {
      log.mayStore(here);
      id = before.isPresent() ? destination.idOf(binding) : log.newId(here);
    }
    // First the exchange, which may refuse it: what is refused is not stored.
    add(binding, id, recalled);
    if (durable) {
      log.bound(id, binding, here);
    }
    return before.isEmpty();
  }

  /**
   * Adds a binding to its source's table and to its destination.
   *
   * @param id names it in the store; 0 if it is not stored
   */
  void add(Binding binding, long id) {
    add(binding, id, null);
  }

  private void add(Binding binding, long id, @Nullable List<Recalled> recalled) {
    Exchange source = sourceOf(binding);
    Destination destination = destinationOf(binding);
    boolean fresh = !destination.has(binding);
    Binding bound = destination.bound(source, binding);
    if (fresh && recalled != null && source.table instanceof RememberingTable table) {
      recalled.add(new Recalled(bound, table.addAndRecall(bound)));
    } else {
      source.table.add(bound);
    }
    destination.put(bound, id);
    destination.bindingsChanged();
    if (fresh) {
      source.leadsTo(destination);
      bindingMemory.bound(bound, destination);
    }
  }

  /** Returns whether a binding outlives the broker: if both its ends do. */
  private boolean isDurable(Binding binding) {
    return sourceOf(binding).durable() && destinationOf(binding).durable();
  }

  private void checkRoom(Binding binding, Destination destination) {
    if (destination instanceof QueueEntry entry
        && entry.subscriptions() >= limits.value(Limit.SESSION_SUBSCRIPTIONS)
        && entry.isSession()
        && !destination.has(binding)) {
      throw new PreconditionFailedException(
          queues.called(binding.destination()) + " has no room for another binding");
    }
  }

  private Exchange sourceOf(Binding binding) {
    if (binding.exchange().isEmpty()) {
      throw Called.defaultExchange();
    }
    return exchanges.named(binding.exchange());
  }

  private Destination destinationOf(Binding binding, Owner client) {
    if (binding.target() == Binding.Target.QUEUE) {
      return queues.changedBy(binding.destination(), client);
    }
    return destinationOf(binding);
  }

  private Destination destinationOf(Binding binding) {
    if (binding.target() == Binding.Target.QUEUE) {
      return queues.named(binding.destination());
    }
    if (binding.destination().isEmpty()) {
      throw Called.defaultExchange();
    }
    return exchanges.named(binding.destination());
  }

  /**
   * Removes bindings, and returns how many; one that is not there, or one of its ends, is passed
   * over.
   */
  ChangedBindings unbind(List<Binding> unwanted, Owner client) {
    boolean durable = false;
    int removed = 0;
    for (Binding binding : unwanted) {
      if (!haveEnds(binding)) {
        continue;
      }
      Destination destination = destinationOf(binding, client);
      durable |= isDurable(binding);
      if (destination.has(binding)) {
        removeFromSource(destination, binding, client.context());
        removed++;
      }
    }
    return new ChangedBindings(removed, log.answerAfter(durable, client.context()));
  }

  /** Returns whether source and destination are there. */
  boolean haveEnds(Binding binding) {
    if (binding.exchange().isEmpty()) {
      throw Called.defaultExchange();
    }
    return exchanges.has(binding.exchange())
        && (binding.target() == Binding.Target.QUEUE
            ? queues.has(binding.destination())
            : exchanges.has(binding.destination()));
  }

  private void removeFromSource(Destination destination, Binding binding, LoopContext here) {
    log.unbound(destination.remove(binding), here);
    bindingMemory.unbound(binding, destination);
    destination.bindingsChanged();
    Exchange source = exchanges.get(binding.exchange());
    if (source == null) {
      return;
    }
    source.table.remove(binding);
    source.leadsNoMoreTo(destination);
    if (source.bindingsAsSource == 0 && source.declaration.autoDelete()) {
      forget(source, here);
    }
  }
}
