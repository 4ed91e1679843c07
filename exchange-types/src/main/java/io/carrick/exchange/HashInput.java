package io.carrick.exchange;

import io.carrick.Message;
import io.carrick.MessageProperties;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What of a message a {@link ConsistentHashType} hashes. Stateless. */
@FunctionalInterface
interface HashInput {

  /** The hash of what is not there: such messages go all to one queue. */
  long NOTHING = 0;

  /** Returns the hash of what decides. */
  long hash(RoutingKey key, Message message);

  /**
   * Reads an exchange's arguments.
   *
   * @throws PreconditionFailedException when they make no sense, in RabbitMQ's words
   */
  static HashInput of(Map<String, Object> arguments) {
    Object header = arguments.get("hash-header");
    Object property = arguments.get("hash-property");
    if (header != null && property != null) {
      throw new PreconditionFailedException("hash-header and hash-property are mutually exclusive");
    }
    if (header != null) {
      if (!(header instanceof String name)) {
        throw new PreconditionFailedException("hash-header must be a string");
      }
      return (key, message) -> hash(message.properties().headers().get(name));
    }
    return property == null ? (key, message) -> ofKey(key) : ofProperty(property);
  }

  /** Returns the hash of a key, the same for a topic and for the key that it is in AMQP. */
  static long ofKey(RoutingKey key) {
    return Hash.mix(key.hashCode());
  }

  private static HashInput ofProperty(Object property) {
    return switch (property.toString()) {
      case "message_id" -> (key, message) -> hash(properties(message).messageId().orElse(null));
      case "correlation_id" ->
          (key, message) -> hash(properties(message).correlationId().orElse(null));
      case "timestamp" ->
          (key, message) ->
              properties(message)
                  .timestamp()
                  .map(Instant::getEpochSecond)
                  .map(Hash::mix)
                  .orElse(NOTHING);
      default -> throw new PreconditionFailedException("Unsupported property: " + property);
    };
  }

  private static MessageProperties properties(Message message) {
    return message.properties();
  }

  private static long hash(@Nullable Object value) {
    if (value == null) {
      return NOTHING;
    }
    if (value instanceof byte[] bytes) {
      return Hash.of(bytes);
    }
    return Hash.of(value instanceof CharSequence text ? text : value.toString());
  }
}
