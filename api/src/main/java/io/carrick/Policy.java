package io.carrick;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the queues and exchanges of certain names are given beside what they were declared with, and
 * for as long as the policy is there. Of several that match, the one of the highest priority
 * counts. An operator's policy bounds beside that one. Immutable; each method returns a copy.
 *
 * @param virtualHost where it is
 * @param name what it is called, unique among those of its kind in the virtual host
 * @param kind whose it is
 * @param pattern a regular expression that finds something in the names that it is for
 * @param appliesTo what it is for
 * @param priority the higher one counts
 * @param definition what it gives, by RabbitMQ's names: those of arguments, without the {@code x-}
 */
public record Policy(
    String virtualHost,
    String name,
    Kind kind,
    String pattern,
    AppliesTo appliesTo,
    int priority,
    Map<String, Object> definition) {

  /** The key of the exchange that unroutable messages go to. */
  public static final String ALTERNATE_EXCHANGE = "alternate-exchange";

  private static final String PREFIX = "x-";

  /** Whose a policy is. */
  public enum Kind {
    /** A user's. */
    USER,
    /** An operator's, which bounds what users say and has limits only. */
    OPERATOR
  }

  /** What a policy is for. */
  public enum AppliesTo {
    /** Queues and exchanges. */
    ALL("all"),
    /** Queues of all types. */
    QUEUES("queues"),
    /** Classic queues. */
    CLASSIC_QUEUES("classic_queues"),
    /** Quorum queues. */
    QUORUM_QUEUES("quorum_queues"),
    /** Streams. */
    STREAMS("streams"),
    /** Exchanges. */
    EXCHANGES("exchanges");

    private final String text;

    AppliesTo(String text) {
      this.text = text;
    }

    /** Returns RabbitMQ's word for it. */
    public String text() {
      return text;
    }

    /**
     * Returns what RabbitMQ's word stands for.
     *
     * @throws PreconditionFailedException if it is none
     */
    public static AppliesTo of(String text) {
      for (AppliesTo value : values()) {
        if (value.text.equals(text)) {
          return value;
        }
      }
      throw new PreconditionFailedException("a policy cannot apply to '" + text + "'");
    }
  }

  /**
   * Checks the policy, and copies its definition.
   *
   * @throws PreconditionFailedException for a name that is empty, what is no regular expression,
   *     and for what RabbitMQ or this broker would not take in a definition
   */
  public Policy {
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw new PreconditionFailedException("a policy needs a name");
    }
    Permissions.check(pattern);
    definition = PolicyRules.checked(definition, kind);
  }

  /** A user's policy for all queues and exchanges whose names a pattern finds something in. */
  public static Policy of(String virtualHost, String name, String pattern) {
    return new Policy(virtualHost, name, Kind.USER, pattern, AppliesTo.ALL, 0, Map.of());
  }

  /** Returns the same as an operator's. */
  public Policy operator() {
    return new Policy(
        virtualHost, name, Kind.OPERATOR, pattern, AppliesTo.QUEUES, priority, definition);
  }

  /** Returns the same for these only. */
  public Policy appliesTo(AppliesTo what) {
    return new Policy(virtualHost, name, kind, pattern, what, priority, definition);
  }

  /** Returns the same with another priority. */
  public Policy priority(int value) {
    return new Policy(virtualHost, name, kind, pattern, appliesTo, value, definition);
  }

  /** Returns the same that gives queues these options as well. */
  public Policy options(QueueOptions options) {
    var more = new LinkedHashMap<>(definition);
    options.arguments().forEach((name, value) -> more.put(key(name), value));
    return with(more);
  }

  private static String key(String argument) {
    return argument.startsWith(PREFIX) ? argument.substring(PREFIX.length()) : argument;
  }

  /** Returns the same that gives queues a time without use after which they go. */
  public Policy expires(Duration time) {
    return set(key(QueueOptions.EXPIRES), time.toMillis());
  }

  /** Returns the same that gives exchanges one that unroutable messages go to. */
  public Policy alternateExchange(String exchange) {
    return set(ALTERNATE_EXCHANGE, exchange);
  }

  /** Returns the same that gives something by RabbitMQ's name. */
  public Policy set(String key, Object value) {
    var more = new LinkedHashMap<>(definition);
    more.put(key, value);
    return with(more);
  }

  private Policy with(Map<String, Object> more) {
    return new Policy(virtualHost, name, kind, pattern, appliesTo, priority, more);
  }
}
