package io.carrick;

import java.util.Optional;

/**
 * Which messages a {@link Trace} follows: those that all of what is said here is true of, as they
 * arrive. Immutable; each method returns a copy.
 *
 * <pre>{@code
 * TraceFilter.everything().topic("greenhouse/+/temp").publisher("sensor-17").oneIn(10)
 * }</pre>
 */
public final class TraceFilter {

  private static final TraceFilter EVERYTHING =
      new TraceFilter(
          new Address(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
          new Source(Optional.empty(), Optional.empty()),
          1,
          Optional.empty());

  private final Address address;
  private final Source source;
  private final int oneIn;
  private final Optional<Integer> messages;

  /** Where messages go. Immutable. */
  private record Address(
      Optional<String> virtualHost,
      Optional<RoutingKey> pattern,
      Optional<String> exchange,
      Optional<String> queue) {}

  /** Where messages come from. Immutable. */
  private record Source(Optional<String> client, Optional<String> protocol) {}

  private TraceFilter(Address address, Source source, int oneIn, Optional<Integer> messages) {
    this.address = address;
    this.source = source;
    this.oneIn = oneIn;
    this.messages = messages;
  }

  /** Returns the filter that lets every message of every virtual host through. */
  public static TraceFilter everything() {
    return EVERYTHING;
  }

  private TraceFilter with(Address other) {
    return new TraceFilter(other, source, oneIn, messages);
  }

  private TraceFilter with(Source other) {
    return new TraceFilter(address, other, oneIn, messages);
  }

  /** Returns the same for one virtual host. */
  public TraceFilter virtualHost(String name) {
    return with(new Address(Optional.of(name), address.pattern, address.exchange, address.queue));
  }

  /** Returns the same for what an MQTT filter matches, such as {@code greenhouse/+/temp}. */
  public TraceFilter topic(String filter) {
    return pattern(RoutingKey.ofTopic(filter));
  }

  /** Returns the same for what an AMQP binding key matches, such as {@code greenhouse.*.temp}. */
  public TraceFilter routingKey(String pattern) {
    return pattern(RoutingKey.ofKey(pattern));
  }

  private TraceFilter pattern(RoutingKey pattern) {
    return with(
        new Address(address.virtualHost, Optional.of(pattern), address.exchange, address.queue));
  }

  /** Returns the same for what is published to one exchange; empty is the default exchange. */
  public TraceFilter exchange(String name) {
    return with(
        new Address(address.virtualHost, address.pattern, Optional.of(name), address.queue));
  }

  /**
   * Returns the same for what comes to one queue, at once, as a dead letter or after a delay. A
   * message is counted as one that was seen when it gets there.
   */
  public TraceFilter queue(String name) {
    return with(
        new Address(address.virtualHost, address.pattern, address.exchange, Optional.of(name)));
  }

  /**
   * Returns the same for what one client publishes.
   *
   * @param client its MQTT client id, its AMQP connection name, or {@link ConnectionInfo#id()}
   */
  public TraceFilter publisher(String client) {
    return with(new Source(Optional.of(client), source.protocol));
  }

  /**
   * Returns the same for what comes by one protocol.
   *
   * @param beginning how its name begins ({@link ConnectionInfo#protocol()}), in any case: {@code
   *     mqtt}, {@code MQTT 5}, {@code amqp}
   */
  public TraceFilter protocol(String beginning) {
    return with(new Source(source.client, Optional.of(beginning)));
  }

  /**
   * Returns the same for one of so many messages that the rest is true of, the first of them
   * included.
   *
   * @throws IllegalArgumentException unless it is positive
   */
  public TraceFilter oneIn(int many) {
    return new TraceFilter(address, source, positive(many), messages);
  }

  /**
   * Returns the same for a trace that keeps so many messages at a time, at most {@link
   * Limit#TRACE_MESSAGES}, which is what it keeps otherwise.
   *
   * @throws IllegalArgumentException unless it is positive
   */
  public TraceFilter keeping(int most) {
    return new TraceFilter(address, source, oneIn, Optional.of(positive(most)));
  }

  private static int positive(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("not a positive number: " + number);
    }
    return number;
  }

  /** Returns the one virtual host, if there is one. */
  public Optional<String> virtualHost() {
    return address.virtualHost;
  }

  /** Returns what addresses have to match, in the form of either protocol, if they have to. */
  public Optional<RoutingKey> pattern() {
    return address.pattern;
  }

  /** Returns the one exchange, if there is one. */
  public Optional<String> exchange() {
    return address.exchange;
  }

  /** Returns the one queue, if there is one. */
  public Optional<String> queue() {
    return address.queue;
  }

  /** Returns the one publisher, if there is one. */
  public Optional<String> publisher() {
    return source.client;
  }

  /** Returns how the protocol's name begins, if one was asked for. */
  public Optional<String> protocol() {
    return source.protocol;
  }

  /** Returns of how many messages one is followed. */
  public int oneIn() {
    return oneIn;
  }

  /** Returns how many messages are kept, if that was said. */
  public Optional<Integer> keeping() {
    return messages;
  }
}
