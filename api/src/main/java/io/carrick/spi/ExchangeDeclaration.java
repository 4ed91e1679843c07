package io.carrick.spi;

import java.util.Map;

/**
 * What an exchange shall be. Immutable.
 *
 * @param name its name
 * @param type the name of its {@link ExchangeType}
 * @param durable whether it outlives the broker
 * @param autoDelete whether it goes with its last binding as a source
 * @param internal whether only other exchanges may publish to it
 * @param arguments the type's arguments; {@code alternate-exchange} is the engine's
 */
public record ExchangeDeclaration(
    String name,
    String type,
    boolean durable,
    boolean autoDelete,
    boolean internal,
    Map<String, Object> arguments) {

  /** Copies the arguments. */
  public ExchangeDeclaration {
    arguments = Map.copyOf(arguments);
  }
}
