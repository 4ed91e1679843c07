package io.carrick.engine;

import io.carrick.ConnectionInfo;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Who is attached, by number. Thread-safe. */
final class Parties {

  private static final String PREFIX = "c";

  private final Map<Long, Party> byNumber = new ConcurrentHashMap<>();
  private final AtomicLong lastNumber = new AtomicLong();
  private final Policies policies;

  Parties(Policies policies) {
    this.policies = policies;
  }

  /** Gives a party its number, unique in the broker. */
  long nextNumber() {
    return lastNumber.incrementAndGet();
  }

  /** Names a party for people. */
  static String connectionId(long number) {
    return PREFIX + number;
  }

  void arrived(Party party) {
    byNumber.put(party.number, party);
    policies.connected(party.info());
  }

  void left(Party party) {
    if (byNumber.remove(party.number, party)) {
      policies.disconnected(party.info());
    }
  }

  Collection<Party> all() {
    return byNumber.values();
  }

  Optional<Party> find(String connectionId) {
    long number;
    try {
      number = Long.parseLong(connectionId, PREFIX.length(), connectionId.length(), 10);
    } catch (NumberFormatException | IndexOutOfBoundsException notOne) {
      return Optional.empty();
    }
    return Optional.ofNullable(byNumber.get(number))
        .filter(party -> connectionId.equals(connectionId(party.number)));
  }

  Collection<ConnectionInfo> infos() {
    return byNumber.values().stream().map(Party::info).toList();
  }
}
