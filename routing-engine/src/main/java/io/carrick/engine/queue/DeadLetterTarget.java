package io.carrick.engine.queue;

import io.carrick.QueueOptions;
import io.carrick.RoutingKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where messages go that a queue gives up. Immutable.
 *
 * @param exchange its name; perhaps there is none of that name
 * @param routingKey their new address; null if they keep theirs
 */
public record DeadLetterTarget(String exchange, @Nullable RoutingKey routingKey) {

  /** Reads arguments, which have been found right; returns null if there is no such place. */
  static @Nullable DeadLetterTarget of(Map<String, Object> arguments) {
    if (!(arguments.get(QueueOptions.DEAD_LETTER_EXCHANGE) instanceof String exchange)) {
      return null;
    }
    Object key = arguments.get(QueueOptions.DEAD_LETTER_ROUTING_KEY);
    return new DeadLetterTarget(
        exchange, key instanceof String text ? RoutingKey.ofKey(text) : null);
  }
}
