package io.carrick.engine;

import io.carrick.ConnectionInfo;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Who is attached, by connection id. Thread-safe. */
final class Parties {

  private final Map<String, Party> byId = new ConcurrentHashMap<>();
  private final Policies policies;

  Parties(Policies policies) {
    this.policies = policies;
  }

  void arrived(Party party) {
    byId.put(party.info.id(), party);
    policies.connected(party.info);
  }

  void left(Party party) {
    if (byId.remove(party.info.id(), party)) {
      policies.disconnected(party.info);
    }
  }

  Collection<Party> all() {
    return byId.values();
  }

  Optional<Party> find(String connectionId) {
    return Optional.ofNullable(byId.get(connectionId));
  }

  Collection<ConnectionInfo> infos() {
    return byId.values().stream().map(p -> p.info).toList();
  }
}
