package io.carrick.engine.client;

import io.carrick.engine.extension.Policies;
import java.util.Collection;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** Who is attached, by number. Thread-safe. */
public final class ConnectedClients {

  private static final String PREFIX = "c";

  private final ConcurrentNavigableMap<Long, ConnectedClient> byNumber =
      new ConcurrentSkipListMap<>();
  private final AtomicLong lastNumber = new AtomicLong();
  private final Policies policies;

  ConnectedClients(Policies policies) {
    this.policies = policies;
  }

  /** Gives a client its number, unique in the broker. */
  long nextNumber() {
    return lastNumber.incrementAndGet();
  }

  /** Names a client for people. */
  static String connectionId(long number) {
    return PREFIX + number;
  }

  void arrived(ConnectedClient client) {
    byNumber.put(client.number, client);
    policies.connected(client.info());
  }

  void left(ConnectedClient client) {
    if (byNumber.remove(client.number, client)) {
      policies.disconnected(client.info());
    }
  }

  public Collection<ConnectedClient> all() {
    return byNumber.values();
  }

  /** Goes through those from a number on, in the order of their coming. */
  public Iterator<ConnectedClient> from(long number, boolean inclusive) {
    return byNumber.tailMap(number, inclusive).values().iterator();
  }

  public Optional<ConnectedClient> find(String connectionId) {
    long number;
    try {
      number = Long.parseLong(connectionId, PREFIX.length(), connectionId.length(), 10);
    } catch (NumberFormatException | IndexOutOfBoundsException notOne) {
      return Optional.empty();
    }
    return Optional.ofNullable(byNumber.get(number))
        .filter(client -> connectionId.equals(connectionId(client.number)));
  }
}
