package io.carrick.engine.queue;

import io.carrick.Message;
import io.carrick.QueueOptions;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How much a queue keeps and for how long, and what becomes of the rest. Immutable; queues that ask
 * for nothing share {@link #NONE}.
 *
 * @param messageMs how long a message stays from its arrival, {@link #FOR_EVER} without a bound
 * @param unusedMs how long the queue stays without a consumer, {@link #FOR_EVER} without a bound
 * @param length how much may be ready; null without a bound
 * @param deadLetters where messages go that it gives up; null for nowhere
 * @param deliveryLimit how often a message may come back, {@link #UNLIMITED} without a bound
 * @param consumerMs how long a consumer may have a delivery, {@link #FOR_EVER} without a bound
 */
public record QueueSettings(
    long messageMs,
    long unusedMs,
    @Nullable LengthLimit length,
    @Nullable DeadLetterTarget deadLetters,
    int deliveryLimit,
    long consumerMs) {

  /** No bound for deliveries. */
  static final int UNLIMITED = Integer.MAX_VALUE;

  /** The bound for deliveries of a quorum queue that says none. */
  private static final int LIMIT_OF_QUORUM = 20;

  /** No bound in time, in milliseconds. */
  public static final long FOR_EVER = Long.MAX_VALUE;

  /** The longest time of RabbitMQ's timers, which it takes. */
  public static final long LONGEST_MS = 0xFFFF_FFFFL;

  /** Everything stays. */
  public static final QueueSettings NONE =
      new QueueSettings(FOR_EVER, FOR_EVER, null, null, UNLIMITED, FOR_EVER);

  /**
   * Reads arguments, which have been found right.
   *
   * @param own the bound that the queue has anyway, null if none
   */
  public static QueueSettings of(Map<String, Object> arguments, @Nullable LengthLimit own) {
    if (arguments.isEmpty() && own == null) {
      return NONE;
    }
    return new QueueSettings(
        number(arguments, QueueOptions.MESSAGE_TTL),
        number(arguments, QueueOptions.EXPIRES),
        LengthLimit.of(arguments, own),
        DeadLetterTarget.of(arguments),
        deliveryLimit(arguments),
        number(arguments, QueueOptions.CONSUMER_TIMEOUT));
  }

  /** Returns these settings with a time for consumers, if there is one and they have none. */
  public QueueSettings orConsumerMs(long ms) {
    return consumerMs != FOR_EVER || ms == FOR_EVER
        ? this
        : new QueueSettings(messageMs, unusedMs, length, deadLetters, deliveryLimit, ms);
  }

  /** A negative one is none, as with RabbitMQ. */
  private static int deliveryLimit(Map<String, Object> arguments) {
    if (isQuorum(arguments) && !arguments.containsKey(QueueOptions.DELIVERY_LIMIT)) {
      return LIMIT_OF_QUORUM;
    }
    long limit = number(arguments, QueueOptions.DELIVERY_LIMIT);
    return limit < 0 ? UNLIMITED : (int) Math.min(limit, UNLIMITED);
  }

  /** Returns whether arguments are those of a queue that RabbitMQ would replicate. */
  static boolean isQuorum(Map<String, Object> arguments) {
    return "quorum".equals(arguments.get(QueueOptions.TYPE));
  }

  static long number(Map<String, Object> arguments, String argument) {
    return arguments.get(argument) instanceof Number n ? n.longValue() : FOR_EVER;
  }

  /** Returns whether time changes anything. */
  boolean ages() {
    return messageMs != FOR_EVER || unusedMs != FOR_EVER;
  }

  /** Returns when a message is too old for the queue, as wall time in milliseconds. */
  long endOf(Message message) {
    OptionalLong own = message.properties().expirationMs();
    long ms = own.isPresent() ? Math.min(own.getAsLong(), messageMs) : messageMs;
    return ms == FOR_EVER ? FOR_EVER : message.arrivedMs() + ms;
  }
}
