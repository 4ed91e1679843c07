package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.spi.QueueDeclaration;
import java.util.OptionalLong;

/**
 * How long messages stay in a queue, and how long the queue stays without being used, in
 * milliseconds: RabbitMQ's {@code x-message-ttl} and {@code x-expires}. Immutable.
 *
 * @param messageMs of a message from its arrival, {@link #FOR_EVER} without a bound
 * @param unusedMs of the queue without a consumer, {@link #FOR_EVER} without a bound
 */
public record Lifetime(long messageMs, long unusedMs) {

  /** No bound. */
  public static final long FOR_EVER = Long.MAX_VALUE;

  static final Lifetime UNBOUNDED = new Lifetime(FOR_EVER, FOR_EVER);

  /** The argument with {@link #messageMs()}. */
  public static final String MESSAGE = "x-message-ttl";

  /** The argument with {@link #unusedMs()}. */
  public static final String UNUSED = "x-expires";

  /** What RabbitMQ takes: the longest time of its timers. */
  public static final long LONGEST_MS = 0xFFFF_FFFFL;

  /** Reads what a queue was declared with, which has been found right. */
  static Lifetime of(QueueDeclaration declaration) {
    if (declaration.arguments().isEmpty()) {
      return UNBOUNDED;
    }
    return new Lifetime(read(declaration, MESSAGE), read(declaration, UNUSED));
  }

  private static long read(QueueDeclaration declaration, String argument) {
    return declaration.arguments().get(argument) instanceof Number ms ? ms.longValue() : FOR_EVER;
  }

  /** Returns when a message is too old for the queue, as wall time in milliseconds. */
  long endOf(Message message) {
    OptionalLong own = message.properties().expirationMs();
    long ms = own.isPresent() ? Math.min(own.getAsLong(), messageMs) : messageMs;
    return ms == FOR_EVER ? FOR_EVER : message.arrivedMs() + ms;
  }
}
