package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Message;
import io.carrick.RoutingKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What only the broker publishes to in one virtual host, by exchange, as adapters say: one rule for
 * the clients of every protocol. Thread-safe.
 */
public final class ReservedKeys {

  private final Map<String, Predicate<RoutingKey>> byExchange = new ConcurrentHashMap<>();

  /** Adds a rule for an exchange, which need not be there. */
  public void reserve(String exchange, Predicate<RoutingKey> reserved) {
    byExchange.merge(exchange, reserved, Predicate::or);
  }

  /** Returns whether an adapter has its topics here. */
  boolean any() {
    return !byExchange.isEmpty();
  }

  /**
   * Checks what a client publishes. What is to be a last value is one for whoever looks, through
   * whichever exchange it comes.
   *
   * @throws AccessRefusedException if it may not
   */
  public void check(Message message) {
    RoutingKey key = message.routingKey();
    if (!key.dollar()) {
      return;
    }
    Predicate<RoutingKey> rule = byExchange.get(message.exchange());
    if ((rule != null && rule.test(key))
        || (message.properties().retain()
            && byExchange.values().stream().anyMatch(any -> any.test(key)))) {
      throw new AccessRefusedException("'" + key.asTopic() + "' is the broker's own");
    }
  }
}
