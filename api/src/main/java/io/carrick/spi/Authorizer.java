package io.carrick.spi;

import io.carrick.Identity;

/**
 * Tells what a client may do. It is asked before anything is looked up, so that a refusal does not
 * tell whether there is such a thing; only a passive declare asks nobody, as in RabbitMQ.
 */
@FunctionalInterface
public interface Authorizer {

  /**
   * Decides. Called in loops, for every publish among others: fast, never blocks. What it throws is
   * logged and counts as no.
   *
   * @param resource with what; it need not exist
   */
  boolean allows(Identity who, Action action, Resource resource);

  /**
   * Returns whether the last value of a topic (a retained message) may be handed to a client that
   * may bind with a key that matches it; asked for each of them, in loops, and not about who may do
   * everything. By default it may: the binding key decides.
   *
   * @param topic the topic itself, of each exchange that carries topics in the virtual host
   */
  default boolean allowsDelivery(Identity who, Resource topic) {
    return true;
  }

  /**
   * Returns whether {@link #allows} would say yes to everything but {@link Action#ADMINISTER} in a
   * virtual host. Who may everything is not asked about again until {@link #version} changes.
   */
  default boolean allowsEverything(Identity who, String virtualHost) {
    return false;
  }

  /**
   * Returns whether subscriptions are taken that {@link #allows} is only a part of: then it is also
   * asked about each message that goes to a session, {@link Action#READ} of a topic with the
   * message's own key, and what it refuses there is not delivered. Always the same; called by the
   * broker for every consumer.
   */
  default boolean filters() {
    return false;
  }

  /**
   * Returns whether something that a session's binding key stands for is allowed; asked by a broker
   * whose authorizer {@linkplain #filters filters}, when all of it is not. A binding of no session
   * is refused.
   */
  default boolean allowsPart(Identity who, Action action, Resource topics) {
    return false;
  }

  /**
   * Returns a number that is another one after each change of what {@link #allowsEverything} says.
   * Called for every publish.
   */
  default int version() {
    return 0;
  }

  /** What may be allowed. */
  enum Action {
    /** Attach to the virtual host. */
    CONNECT,
    /** Declare or delete an exchange or queue. */
    CONFIGURE,
    /**
     * Publish to an exchange, or to a topic exchange with that routing key; bind to an exchange or
     * queue as a destination; have an exchange as another's alternate or a queue's dead-letter
     * exchange.
     */
    WRITE,
    /**
     * Consume, get or purge a queue; bind from an exchange, or from a topic exchange with that
     * binding key; have messages of an exchange or queue go to an alternate or dead-letter
     * exchange.
     */
    READ,
    /**
     * Have a message kept as the last value of its topic, or clear that, by a routing key of an
     * exchange that carries topics: what MQTT calls retained. Asked beside {@link #WRITE}, which
     * alone is enough for the same message not to be kept.
     */
    RETAIN,
    /** See and change everything in the virtual host, or of the broker, as an administrator. */
    ADMINISTER
  }
}
