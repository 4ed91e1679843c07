package io.carrick.engine.topology;

import io.carrick.AccessRefusedException;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.spi.Diversion;
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

  /** What carries topics where no adapter has said what does. */
  private static final Set<String> TOPICS = Set.of("amq.topic");

  private final String virtualHost;
  private final Map<String, Predicate<RoutingKey>> byExchange = new ConcurrentHashMap<>();

  /** Where some of what is published with keys that start with {@code $} goes instead. */
  private final Map<String, Diversion> diversions = new ConcurrentHashMap<>();

  /** Whether an endpoint of an adapter leads here. */
  private volatile boolean kept;

  ReservedKeys(String virtualHost) {
    this.virtualHost = virtualHost;
  }

  /** Adds a rule for an exchange, which need not be there. */
  public ReservedKeys reserve(String exchange, Predicate<RoutingKey> reserved) {
    byExchange.merge(exchange, reserved, (there, more) -> there == more ? there : there.or(more));
    return this;
  }

  /** Has somebody asked about what is published to an exchange with such keys. */
  void divert(String exchange, Diversion diversion) {
    diversions.merge(exchange, diversion, ReservedKeys::either);
  }

  static Diversion either(Diversion first, Diversion second) {
    return first == second
        ? first
        : (host, message) -> {
          Message diverted = first.divert(host, message);
          return diverted == null ? second.divert(host, message) : diverted;
        };
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

  /**
   * Returns the exchanges that carry topics: what is published to one of them may become the last
   * value of its topic (MAP-31).
   */
  public Set<String> exchanges() {
    return byExchange.isEmpty() ? TOPICS : byExchange.keySet();
  }

  /** Returns whether an endpoint of an adapter leads here. */
  boolean areKept() {
    return kept;
  }

  /**
   * Checks what a client publishes, if it does not go elsewhere.
   *
   * @throws AccessRefusedException if it may not
   */
  public void check(Message message) {
    if (addressed(message) != message) {
      throw reserved(message.routingKey());
    }
  }

  /**
   * Checks what a client publishes.
   *
   * @return the message itself, or as it is diverted
   * @throws AccessRefusedException if it may not
   */
  public Message addressed(Message message) {
    List<RoutingKey> further = message.annotations().furtherKeys();
    for (int i = 0; i < further.size(); i++) { // an iterator would be one for each message
      if (reserves(message.exchange(), further.get(i))) {
        throw reserved(further.get(i));
      }
    }
    RoutingKey key = message.routingKey();
    if (!key.dollar()) {
      return message;
    }
    Diversion diversion = diversions.get(message.exchange());
    Message elsewhere = diversion == null ? null : diversion.divert(virtualHost, message);
    if (elsewhere != null) {
      return elsewhere;
    }
    if (reserves(message.exchange(), key)) {
      throw reserved(key);
    }
    return message;
  }

  private static AccessRefusedException reserved(RoutingKey key) {
    return new AccessRefusedException("'" + key.asTopic() + "' is the broker's own");
  }
}
