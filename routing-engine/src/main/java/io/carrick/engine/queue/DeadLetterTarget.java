package io.carrick.engine.queue;

import io.carrick.Overflow;
import io.carrick.QueueOptions;
import io.carrick.RoutingKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where messages go that a queue gives up. Immutable.
 *
 * @param exchange its name; perhaps there is none of that name
 * @param routingKey their new address; null if they keep theirs
 * @param keeps whether the queue keeps them until every target has them
 */
public record DeadLetterTarget(String exchange, @Nullable RoutingKey routingKey, boolean keeps) {

  /** Reads arguments, which have been found right; returns null if there is no such place. */
  static @Nullable DeadLetterTarget of(Map<String, Object> arguments) {
    if (!(arguments.get(QueueOptions.DEAD_LETTER_EXCHANGE) instanceof String exchange)) {
      return null;
    }
    Object key = arguments.get(QueueOptions.DEAD_LETTER_ROUTING_KEY);
    return new DeadLetterTarget(
        exchange, key instanceof String text ? RoutingKey.ofKey(text) : null, keeps(arguments));
  }

  /** A queue that keeps what it gives up must be able to refuse more, as with RabbitMQ. */
  private static boolean keeps(Map<String, Object> arguments) {
    return "at-least-once".equals(arguments.get(QueueOptions.DEAD_LETTER_STRATEGY))
        && Overflow.REJECT_PUBLISH.text().equals(arguments.get(QueueOptions.OVERFLOW));
  }
}
