package io.carrick;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much a queue keeps and for how long, and what becomes of the rest: a typed form of the
 * arguments that RabbitMQ has for it. Immutable; each method returns a copy, and throws {@link
 * IllegalArgumentException} for a negative number.
 */
public final class QueueOptions {

  /** How long messages stay, in milliseconds. */
  public static final String MESSAGE_TTL = "x-message-ttl";

  /** How long the queue stays without being used, in milliseconds. */
  public static final String EXPIRES = "x-expires";

  /** How many messages may be ready. */
  public static final String MAX_LENGTH = "x-max-length";

  /** How many bytes of payload may be ready. */
  public static final String MAX_LENGTH_BYTES = "x-max-length-bytes";

  /** What becomes of a message beyond that, by {@link Overflow#text()}. */
  public static final String OVERFLOW = "x-overflow";

  /** Where messages go that the queue gives up. */
  public static final String DEAD_LETTER_EXCHANGE = "x-dead-letter-exchange";

  /** Their new address. */
  public static final String DEAD_LETTER_ROUTING_KEY = "x-dead-letter-routing-key";

  /** How often a message may come back from consumers. */
  public static final String DELIVERY_LIMIT = "x-delivery-limit";

  /** Which kind of queue it is: {@code classic}, {@code quorum} or {@code stream}. */
  public static final String TYPE = "x-queue-type";

  /** Whether what it gives up may be dropped where it is refused. */
  public static final String DEAD_LETTER_STRATEGY = "x-dead-letter-strategy";

  /** The highest priority that is told apart. */
  public static final String MAX_PRIORITY = "x-max-priority";

  /** Whether only one consumer at a time gets messages. */
  public static final String SINGLE_ACTIVE_CONSUMER = "x-single-active-consumer";

  /** How long a consumer may have a message, in milliseconds. */
  public static final String CONSUMER_TIMEOUT = "x-consumer-timeout";

  private static final QueueOptions NONE = new QueueOptions(Map.of());

  private final Map<String, Object> arguments;

  private QueueOptions(Map<String, Object> arguments) {
    this.arguments = arguments;
  }

  /** Returns the options of a queue that keeps everything. */
  public static QueueOptions none() {
    return NONE;
  }

  private QueueOptions with(String argument, Object value) {
    var more = new LinkedHashMap<>(arguments);
    more.put(argument, value);
    return new QueueOptions(Map.copyOf(more));
  }

  private QueueOptions with(String argument, long notNegative) {
    if (notNegative < 0) {
      throw new IllegalArgumentException(argument + " is negative: " + notNegative);
    }
    return with(argument, (Object) notNegative);
  }

  /** Messages stay for so long at most: milliseconds count. */
  public QueueOptions messageTtl(Duration time) {
    return with(MESSAGE_TTL, time.toMillis());
  }

  /** So many messages may be ready at most. */
  public QueueOptions maxLength(long messages) {
    return with(MAX_LENGTH, messages);
  }

  /** So many bytes of payload may be ready at most. */
  public QueueOptions maxLengthBytes(long bytes) {
    return with(MAX_LENGTH_BYTES, bytes);
  }

  /** What becomes of a message beyond that; {@link Overflow#DROP_HEAD} unless it is said. */
  public QueueOptions overflow(Overflow how) {
    return with(OVERFLOW, how.text());
  }

  /** Messages that the queue gives up go to an exchange, with the keys that they have. */
  public QueueOptions deadLetterTo(String exchange) {
    return with(DEAD_LETTER_EXCHANGE, exchange);
  }

  /** Messages that the queue gives up go to an exchange, with a routing key in AMQP's form. */
  public QueueOptions deadLetterTo(String exchange, String routingKey) {
    return deadLetterTo(exchange).with(DEAD_LETTER_ROUTING_KEY, routingKey);
  }

  /**
   * What the queue gives up stays with it until every queue that gets it takes it: none is lost as
   * one refuses it. For that the queue itself has to {@linkplain Overflow#REJECT_PUBLISH refuse}
   * what it has no room for.
   */
  public QueueOptions deadLetterAtLeastOnce() {
    return overflow(Overflow.REJECT_PUBLISH).with(DEAD_LETTER_STRATEGY, "at-least-once");
  }

  /** A message may come back from consumers so many times; the next time it is given up. */
  public QueueOptions deliveryLimit(int times) {
    return with(DELIVERY_LIMIT, times);
  }

  /** The queue goes when it was not used for so long: milliseconds count, at least one. */
  public QueueOptions expires(Duration unused) {
    return with(EXPIRES, unused.toMillis());
  }

  /**
   * Messages of a higher {@link MessageProperties#priority()} come first, up to this one, which is
   * 255 at most. 0 is no priority.
   */
  public QueueOptions maxPriority(int highest) {
    return with(MAX_PRIORITY, highest);
  }

  /** Only one consumer at a time gets messages; the next one takes over when it goes. */
  public QueueOptions singleActiveConsumer() {
    return with(SINGLE_ACTIVE_CONSUMER, true);
  }

  /** A consumer that has a message for longer than this is cut off: milliseconds count. */
  public QueueOptions consumerTimeout(Duration time) {
    return with(CONSUMER_TIMEOUT, time.toMillis());
  }

  /** Returns the arguments of a declaration with these options. */
  public Map<String, Object> arguments() {
    return arguments;
  }
}
