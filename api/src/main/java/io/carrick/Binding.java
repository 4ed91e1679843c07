package io.carrick;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule by which an exchange passes messages on. Immutable. Two bindings are the same if source,
 * destination, key and arguments are; the {@linkplain #attachment() attachment} does not count, so
 * that adding a binding again replaces it.
 *
 * @param exchange the source exchange
 * @param target whether the destination is a queue or an exchange
 * @param destination the destination's name
 * @param key the binding key, in the form of the protocol it came by
 * @param arguments what the exchange's type wants to know beside the key
 * @param attachment opaque to the engine: comes back to the queue's {@link
 *     io.carrick.spi.Admission} with each message that matched
 */
public record Binding(
    String exchange,
    Target target,
    String destination,
    RoutingKey key,
    Map<String, Object> arguments,
    @Nullable Object attachment) {

  /** What a binding leads to. */
  public enum Target {
    /** The binding ends in a queue. */
    QUEUE,
    /** The binding ends in another exchange. */
    EXCHANGE
  }

  /** Checks that the names are there. */
  public Binding {
    Objects.requireNonNull(exchange);
    Objects.requireNonNull(destination);
    Objects.requireNonNull(key);
    arguments = arguments.isEmpty() ? Map.of() : Map.copyOf(arguments);
  }

  /** A binding of a queue by an AMQP binding key. */
  public static Binding of(String exchange, String queue, String bindingKey) {
    return of(exchange, queue, bindingKey, Map.of());
  }

  /** A binding of a queue by an AMQP binding key and arguments. */
  public static Binding of(
      String exchange, String queue, String bindingKey, Map<String, Object> arguments) {
    return new Binding(
        exchange, Target.QUEUE, queue, RoutingKey.ofKey(bindingKey), arguments, null);
  }

  /** A binding of an exchange to another exchange by an AMQP binding key. */
  public static Binding toExchange(String exchange, String destination, String bindingKey) {
    return new Binding(
        exchange, Target.EXCHANGE, destination, RoutingKey.ofKey(bindingKey), Map.of(), null);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Binding b
        && target == b.target
        && exchange.equals(b.exchange)
        && destination.equals(b.destination)
        && key.sameBytes(b.key)
        && arguments.equals(b.arguments);
  }

  @Override
  public int hashCode() {
    return (exchange.hashCode() * 31 + destination.hashCode()) * 31
        + key.hashCode() * 31
        + arguments.hashCode();
  }
}
