package io.carrick;

/**
 * The names of the headers in which the broker tells what a protocol has no field for: what it has
 * noted on a message, and what of one protocol another one cannot say. They are RabbitMQ's where
 * RabbitMQ has one. Stateless.
 */
public final class HeaderNames {

  /** The deaths of a message: a list of tables, the latest first. */
  public static final String DEATH = "x-death";

  /** The queue that gave the message up first. */
  public static final String FIRST_DEATH_QUEUE = "x-first-death-queue";

  /** Why it was given up first. */
  public static final String FIRST_DEATH_REASON = "x-first-death-reason";

  /** Where it had been published to when it was given up first. */
  public static final String FIRST_DEATH_EXCHANGE = "x-first-death-exchange";

  /** The queue that gave the message up last. */
  public static final String LAST_DEATH_QUEUE = "x-last-death-queue";

  /** Why it was given up last. */
  public static final String LAST_DEATH_REASON = "x-last-death-reason";

  /** Where it had been published to when it was given up last. */
  public static final String LAST_DEATH_EXCHANGE = "x-last-death-exchange";

  /** How often the message was delivered from its queue before and came back. */
  public static final String DELIVERY_COUNT = "x-delivery-count";

  private HeaderNames() {}
}
