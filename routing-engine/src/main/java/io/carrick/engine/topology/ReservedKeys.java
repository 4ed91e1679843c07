package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Message;
import io.carrick.RoutingKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What only the broker publishes to in one virtual host, by exchange, as adapters say: one rule for
 * the clients of every protocol. Thread-safe.
 */
public final class ReservedKeys {

  private final Map<String, Predicate<RoutingKey>> byExchange = new ConcurrentHashMap<>();

  /** Whether an endpoint of an adapter leads here. */
  private volatile boolean kept;

  /** Adds a rule for an exchange, which need not be there. */
  public ReservedKeys reserve(String exchange, Predicate<RoutingKey> reserved) {
    byExchange.merge(exchange, reserved, (there, more) -> there == more ? there : there.or(more));
    return this;
  }

  /** An endpoint of an adapter leads here: the virtual host stays. */
  public void keep() {
    kept = true;
  }

  /** Returns whether only the broker may publish to an exchange with that key. */
  public boolean reserves(String exchange, RoutingKey key) {
    Predicate<RoutingKey> rule = key.dollar() ? byExchange.get(exchange) : null;
    return rule != null && rule.test(key);
  }

  /** Returns whether only the broker may publish that to an exchange, by any of its keys. */
  public boolean reserves(String exchange, Message message) {
    if (reserves(exchange, message.routingKey())) {
      return true;
    }
    List<RoutingKey> further = message.annotations().furtherKeys();
    for (int i = 0; i < further.size(); i++) { // an iterator would be one for each message
      if (reserves(exchange, further.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** Returns the exchanges that carry adapters' topics. */
  public Set<String> exchanges() {
    return byExchange.keySet();
  }

  /** Returns whether an endpoint of an adapter leads here. */
  boolean areKept() {
    return kept;
  }

  /**
   * Checks what a client publishes. What is to be a last value is one for whoever looks, through
   * whichever exchange it comes.
   *
   * @throws AccessRefusedException if it may not
   */
  public void check(Message message) {
    List<RoutingKey> further = message.annotations().furtherKeys();
    for (int i = 0; i < further.size(); i++) { // an iterator would be one for each message
      if (reserves(message.exchange(), further.get(i))) {
        throw reserved(further.get(i));
      }
    }
    RoutingKey key = message.routingKey();
    if (!key.dollar()) {
      return;
    }
    if (reserves(message.exchange(), key)
        || (message.properties().retain()
            && byExchange.values().stream().anyMatch(any -> any.test(key)))) {
      throw reserved(key);
    }
  }

  private static AccessRefusedException reserved(RoutingKey key) {
    return new AccessRefusedException("'" + key.asTopic() + "' is the broker's own");
  }
}
