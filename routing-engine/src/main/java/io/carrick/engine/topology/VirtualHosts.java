package io.carrick.engine.topology;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.NotFoundException;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import io.carrick.engine.definitions.Definitions;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.Diversion;
import io.carrick.spi.SessionListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The virtual hosts of one broker, by name. Thread-safe: changes are guarded by {@code this}, which
 * comes before a virtual host's lock; looking up takes no lock.
 */
public final class VirtualHosts {

  private final ConcurrentNavigableMap<String, VirtualHost> byName = new ConcurrentSkipListMap<>();
  private final Function<String, VirtualHost> maker;
  private final Definitions definitions;
  private final Limits limits;
  private final Mappings mappings;

  /** Who is told of the ends of sessions, also in those that come later. */
  private final List<SessionListener> sessionListeners = new ArrayList<>();

  /** What only the broker publishes to, by exchange, also in those that come later. */
  private final Map<String, Predicate<RoutingKey>> reserved = new HashMap<>();

  /** Who tells where some messages go instead, by exchange, likewise. */
  private final Map<String, Diversion> diversions = new HashMap<>();

  /** What is not found any more, but not gone. */
  private final Set<String> going = new HashSet<>();

  /**
   * Makes none.
   *
   * @param definitions what the store has of them
   * @param limits what bounds them
   * @param mappings what becomes of what crosses protocols in each
   * @param maker makes one, with its predeclared exchanges
   */
  public VirtualHosts(
      Definitions definitions,
      Limits limits,
      Mappings mappings,
      Function<String, VirtualHost> maker) {
    this.definitions = definitions;
    this.limits = limits;
    this.mappings = mappings;
    this.maker = maker;
  }

  /** Adds one that is there from the start, or that the store has. */
  public synchronized void restore(String name) {
    byName.computeIfAbsent(name, this::make);
  }

  private VirtualHost make(String name) {
    VirtualHost made = maker.apply(name);
    made.spelledBy(mapping(name).spelling());
    sessionListeners.forEach(made.sessionLives::whenEnded);
    reserved.forEach(made.reservedKeys::reserve);
    diversions.forEach(made.reservedKeys::divert);
    return made;
  }

  /** Reserves keys of an exchange in all of them. */
  public synchronized void reserve(String exchange, Predicate<RoutingKey> keys) {
    reserved.merge(exchange, keys, Predicate::or);
    byName.values().forEach(host -> host.reservedKeys.reserve(exchange, keys));
  }

  /** Has somebody asked in all of them where what is published to an exchange goes. */
  public synchronized void divert(String exchange, Diversion diversion) {
    diversions.merge(exchange, diversion, ReservedKeys::either);
    byName.values().forEach(host -> host.reservedKeys.divert(exchange, diversion));
  }

  /** Adds somebody who is told of the ends of sessions in all of them. */
  public synchronized void whenSessionEnds(SessionListener listener) {
    sessionListeners.add(listener);
    byName.values().forEach(host -> host.sessionLives.whenEnded(listener));
  }

  /** Returns what becomes of what crosses protocols in one, which need not be there. */
  public Mapping mapping(String name) {
    return mappings.of(name);
  }

  // ---- looking up, in any thread

  public @Nullable VirtualHost find(String name) {
    return byName.get(name);
  }

  /**
   * Finds one.
   *
   * @throws NotFoundException when there is none
   */
  public VirtualHost host(String name) {
    VirtualHost found = byName.get(name);
    if (found == null) {
      throw none(name);
    }
    return found;
  }

  static NotFoundException none(String name) {
    return new NotFoundException("no virtual host '" + name + "'");
  }

  public Collection<VirtualHost> all() {
    return byName.values();
  }

  /** Goes through them from a name on, in order; sees later changes or not. */
  public Iterator<VirtualHost> from(String name) {
    return byName.tailMap(name, true).values().iterator();
  }

  // ---- coming and going

  /**
   * Makes one, unless it is there.
   *
   * @return the store's sequence of it, 0 if nothing was stored
   * @throws PreconditionFailedException when it cannot be made
   */
  public synchronized long create(String name, LoopContext here) {
    if (byName.containsKey(name)) {
      return 0;
    }
    checkNew(name);
    mayStore(here);
    definitions.spelling(here, name, mapping(name).spelling().name());
    long sequence = definitions.virtualHost(here, name, Definitions.THERE);
    byName.put(name, make(name));
    return sequence;
  }

  private void checkNew(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (name.isEmpty() || name.indexOf('\0') >= 0 || bytes > limits.value(Limit.NAME_BYTES)) {
      throw new PreconditionFailedException("a virtual host cannot be called '" + name + "'");
    }
    if (going.contains(name)) {
      throw new PreconditionFailedException("virtual host '" + name + "' is still going");
    }
    if (byName.size() >= limits.value(Limit.VIRTUAL_HOSTS)) {
      throw new PreconditionFailedException(
          "virtual host limit of %d is reached".formatted(limits.value(Limit.VIRTUAL_HOSTS)));
    }
  }

  private void mayStore(LoopContext here) {
    if (definitions.kept() && !here.storeTakes()) {
      throw LoopContext.storeUnavailable();
    }
  }

  /**
   * Begins to take one away: nobody finds it any more and nothing is added to it. What it has is
   * taken away by who has called this, who says so at the end.
   *
   * @throws NotFoundException when there is none
   * @throws PreconditionFailedException when an adapter needs it
   */
  public synchronized VirtualHost beginDeleting(String name, LoopContext here) {
    VirtualHost host = host(name);
    if (host.reservedKeys.areKept()) {
      throw new PreconditionFailedException(
          "virtual host '" + name + "' is where an adapter has its topics");
    }
    mayStore(here);
    definitions.virtualHost(here, name, Definitions.GOING);
    going.add(name);
    byName.remove(name);
    host.end();
    return host;
  }

  /**
   * Everything of one is gone.
   *
   * @return the store's sequence of that, 0 if nothing was stored
   */
  public synchronized long deleted(VirtualHost host, LoopContext here) {
    going.remove(host.name());
    return definitions.deleteVirtualHost(here, host.name());
  }
}
