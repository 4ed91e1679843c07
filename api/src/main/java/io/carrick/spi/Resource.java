package io.carrick.spi;

/**
 * What an {@link Authorizer} is asked about: a thing by its real name, whether it is there or not.
 * Immutable.
 *
 * @param kind what kind of thing it is
 * @param virtualHost where it is; empty for the broker
 * @param name the name of the exchange, queue or virtual host; of a topic the routing key or
 *     binding key, in AMQP's form; empty for the broker
 * @param exchange the exchange of a topic, else empty
 */
public record Resource(Kind kind, String virtualHost, String name, String exchange) {

  /** What the default exchange, whose name is empty, is called here, as in RabbitMQ. */
  public static final String DEFAULT_EXCHANGE = "amq.default";

  /** The kinds of things that something may be allowed with. */
  public enum Kind {
    /** An exchange. */
    EXCHANGE,
    /** A queue; a generated name is the one that it really gets. */
    QUEUE,
    /** A routing key or a binding key of a topic exchange. */
    TOPIC,
    /** A virtual host as a whole. */
    VIRTUAL_HOST,
    /** The broker as a whole. */
    BROKER
  }

  /** An exchange; the default one is called {@link #DEFAULT_EXCHANGE}. */
  public static Resource exchange(String virtualHost, String name) {
    return new Resource(Kind.EXCHANGE, virtualHost, name.isEmpty() ? DEFAULT_EXCHANGE : name, "");
  }

  /** A queue. */
  public static Resource queue(String virtualHost, String name) {
    return new Resource(Kind.QUEUE, virtualHost, name, "");
  }

  /** A routing key or a binding key of a topic exchange. */
  public static Resource topic(String virtualHost, String exchange, String key) {
    return new Resource(Kind.TOPIC, virtualHost, key, exchange);
  }

  /** A virtual host. */
  public static Resource virtualHost(String name) {
    return new Resource(Kind.VIRTUAL_HOST, name, name, "");
  }

  /** The broker. */
  public static Resource broker() {
    return new Resource(Kind.BROKER, "", "", "");
  }
}
