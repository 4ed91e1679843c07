package io.carrick.engine.topology;

import io.carrick.spi.ExchangeType.RememberingTable;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges of a virtual host by their names: to be found for each message, and to be listed in
 * order. Changed under the virtual host's lock, read from any thread.
 */
final class NamedExchanges {

  private final Called called;
  private final HostPolicies policies;
  private final Map<String, Exchange> byName = new ConcurrentHashMap<>();
  private final ConcurrentNavigableMap<String, Exchange> inOrder = new ConcurrentSkipListMap<>();

  /** Those that remember messages. */
  private final Set<RememberingTable> remembering = ConcurrentHashMap.newKeySet();

  private final Set<Deduplication> deduplicating = ConcurrentHashMap.newKeySet();

  NamedExchanges(Called called, HostPolicies policies) {
    this.called = called;
    this.policies = policies;
  }

  /**
   * Looks one up.
   *
   * @throws io.carrick.NotFoundException when there is none
   */
  Exchange named(String name) {
    Exchange found = byName.get(name);
    if (found == null) {
      throw called.no(called.exchange(name));
    }
    return found;
  }

  @Nullable Exchange get(String name) {
    return byName.get(name);
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  int size() {
    return byName.size();
  }

  Collection<Exchange> all() {
    return byName.values();
  }

  /** Returns about how many bytes of memory remembered messages and ids hold. From any thread. */
  long rememberedBytes() {
    return remembering.stream().mapToLong(RememberingTable::heldBytes).sum()
        + deduplicating.stream().mapToLong(Deduplication::heldBytes).sum();
  }

  /** Goes through those from a name on, in order; sees later changes or not. */
  Iterator<Exchange> from(String name, boolean inclusive) {
    return inOrder.tailMap(name, inclusive).values().iterator();
  }

  void add(Exchange exchange) {
    exchange.alternate(policies.alternateOf(exchange));
    byName.put(exchange.name(), exchange);
    inOrder.put(exchange.name(), exchange);
    if (exchange.table instanceof RememberingTable table) {
      remembering.add(table);
    }
    if (exchange.routes instanceof Deduplication deduplication) {
      deduplicating.add(deduplication);
    }
  }

  /** Removes an exchange; returns whether it was there. */
  boolean remove(Exchange exchange) {
    inOrder.remove(exchange.name(), exchange);
    if (exchange.table instanceof RememberingTable table) {
      remembering.remove(table);
    }
    if (exchange.routes instanceof Deduplication deduplication) {
      deduplicating.remove(deduplication);
    }
    return byName.remove(exchange.name(), exchange);
  }
}
