package io.carrick.mqtt;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The sessions of one adapter that outlive connections, by client id. Thread-safe: the map says
 * which session object is the current one of a client, the session itself belongs to a connection.
 */
final class Sessions {

  private final Map<String, Session> byClientId = new ConcurrentHashMap<>();

  /** Returns a client's session; if it is not known here, what its restorer makes of the store. */
  Session findOrRestore(String clientId, Supplier<Session> restorer) {
    return byClientId.computeIfAbsent(clientId, id -> restorer.get());
  }

  Optional<Session> find(String clientId) {
    return Optional.ofNullable(byClientId.get(clientId));
  }

  /** Makes a session the current one of its client. */
  void put(Session session) {
    byClientId.put(session.name(), session);
  }

  /** Forgets a client's session: its queue is gone. */
  void remove(String clientId) {
    byClientId.remove(clientId);
  }
}
