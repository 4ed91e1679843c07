package io.carrick.examples;

import io.carrick.Message;
import io.carrick.PreconditionFailedException;
import io.carrick.RoutingKey;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What of a message a {@link ConsistentHashType} hashes. The hash is the same in every JVM and
 * version, so that keys stay with their queues over a restart. Stateless.
 */
@FunctionalInterface
interface HashInput {

  /** Returns the hash of what decides. */
  long hash(RoutingKey key, Message message);

  /**
   * Reads an exchange's arguments.
   *
   * @throws PreconditionFailedException when they make no sense
   */
  static HashInput of(Map<String, Object> arguments) {
    Object header = arguments.get("hash-header");
    Object property = arguments.get("hash-property");
    if (header != null && property != null) {
      throw new PreconditionFailedException("hash-header and hash-property exclude each other");
    }
    if (header != null) {
      if (!(header instanceof String name) || name.isEmpty()) {
        throw new PreconditionFailedException("hash-header must be the name of a header");
      }
      return (key, message) ->
          hash(message.properties().headers().getOrDefault(name, "").toString());
    }
    return property == null ? HashInput::ofKey : ofProperty(property);
  }

  private static long ofKey(RoutingKey key, Message message) {
    return hash(key.keyBytes());
  }

  private static HashInput ofProperty(Object name) {
    return switch (name.toString()) {
      case "message_id" -> (key, message) -> hash(message.properties().messageId().orElse(""));
      case "correlation_id" ->
          (key, message) -> hash(message.properties().correlationId().orElseGet(() -> new byte[0]));
      case "timestamp" ->
          (key, message) ->
              mix(message.properties().timestamp().map(t -> t.getEpochSecond()).orElse(0L));
      default ->
          throw new PreconditionFailedException(
              "hash-property must be message_id, correlation_id or timestamp and not '"
                  + name
                  + "'");
    };
  }

  /** Returns the hash of a text. */
  static long hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }

  private static long hash(byte[] bytes) {
    long hash = 0;
    for (byte b : bytes) {
      hash = (hash ^ b) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 32;
    }
    return mix(hash);
  }

  /** Spreads a number over all 64 bits. */
  static long mix(long number) {
    long mixed = (number ^ (number >>> 32)) * 0xD6E8FEB86659FD93L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    return mixed ^ (mixed >>> 32);
  }
}
