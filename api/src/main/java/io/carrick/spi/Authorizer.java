package io.carrick.spi;

import io.carrick.Identity;

/** Tells what a client may do. */
@FunctionalInterface
public interface Authorizer {

  /**
   * Decides. Called in loops, for every publish among others: fast, never blocks. What it throws is
   * logged and counts as no.
   *
   * @param resource the name of the exchange or queue; for {@link Action#PUBLISH_TOPIC} and {@link
   *     Action#SUBSCRIBE_TOPIC} the routing key or pattern
   */
  boolean allows(Identity who, Action action, String virtualHost, String resource);

  /** What may be allowed. */
  enum Action {
    /** Attach to the virtual host; the resource is its name. */
    CONNECT,
    /** Declare or delete an exchange or queue. */
    CONFIGURE,
    /** Publish to an exchange, bind to a queue as a destination. */
    WRITE,
    /** Consume, get or purge a queue, bind from an exchange. */
    READ,
    /** Publish to a topic exchange with that routing key. */
    PUBLISH_TOPIC,
    /** Bind to a topic exchange with that pattern. */
    SUBSCRIBE_TOPIC
  }
}
