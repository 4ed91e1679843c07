package io.carrick;

import java.util.Map;

/**
 * What an exchange is, or shall be. Immutable.
 *
 * @param virtualHost where it is
 * @param name its name, empty for the default exchange
 * @param type the name of its type
 * @param durable whether it outlives the broker
 * @param autoDelete whether it goes with its last binding as a source
 * @param internal whether only other exchanges may publish to it
 * @param arguments {@code alternate-exchange} and those of its type
 */
public record ExchangeDefinition(
    String virtualHost,
    String name,
    String type,
    boolean durable,
    boolean autoDelete,
    boolean internal,
    Map<String, Object> arguments) {

  /** Copies the arguments. */
  public ExchangeDefinition {
    arguments = Map.copyOf(arguments);
  }

  /** A durable one without arguments. */
  public static ExchangeDefinition durable(String virtualHost, String name, String type) {
    return new ExchangeDefinition(virtualHost, name, type, true, false, false, Map.of());
  }
}
