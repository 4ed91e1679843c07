package io.carrick;

import java.util.Map;

/**
 * What a queue is, or shall be. Immutable.
 *
 * @param virtualHost where it is
 * @param name its name; empty asks for a generated one
 * @param durable whether it outlives the broker
 * @param autoDelete whether it goes when its last consumer has gone
 * @param arguments as declared
 */
public record QueueDefinition(
    String virtualHost,
    String name,
    boolean durable,
    boolean autoDelete,
    Map<String, Object> arguments) {

  /** Copies the arguments. */
  public QueueDefinition {
    arguments = Map.copyOf(arguments);
  }

  /** A durable one without arguments. */
  public static QueueDefinition durable(String virtualHost, String name) {
    return new QueueDefinition(virtualHost, name, true, false, Map.of());
  }
}
