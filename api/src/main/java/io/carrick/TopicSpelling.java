package io.carrick;

/**
 * How topics of MQTT are addresses, and addresses topics, in one virtual host: what adapters
 * convert by. Thread-safe.
 */
public interface TopicSpelling {

  /** Returns its name, by which a store remembers it. */
  String name();

  /**
   * Returns where a message for a topic name goes.
   *
   * @param topic without wildcards, UTF-8
   * @throws IllegalArgumentException if there is nowhere, as a {@link TopicMapper} has it
   */
  RoutingKey address(byte[] topic);

  /**
   * Returns the pattern that a topic filter stands for.
   *
   * @throws IllegalArgumentException if there is none, as a {@link TopicMapper} has it
   */
  RoutingKey filter(byte[] filter);

  /** Returns whether there is a legal topic name for an address. */
  boolean spells(RoutingKey key);

  /** Returns the topic name for an address that this {@linkplain #spells}; not to be modified. */
  byte[] topic(RoutingKey key);
}
