package io.carrick;

/**
 * A way of your own from topics of MQTT to routing keys of AMQP and back, for {@link
 * Mapping#topics}: level by level and word by word, so that filters and binding keys, whose
 * wildcards are whole levels, always mean what the topics and keys do. Immutable; called in any
 * thread, must not block, and gives the same answer each time.
 *
 * <p>It is a bijection: each level of a place has a word of its own, and {@link #level} of that is
 * the level again. What it does not care about is spelled as {@link #losslessWord} and {@link
 * #losslessLevel} do. It is not asked about topics and keys that start with {@code $}, which are
 * the broker's, nor about wildcards.
 */
public interface TopicMapper {

  /**
   * Returns its name, which a store remembers: queues and retained messages that were stored under
   * one mapping are not opened with another.
   */
  String name();

  /**
   * Returns the word of a routing key for a level of a topic. One with a dot is none, nor may the
   * first begin with {@code $}: a client that publishes or subscribes there is refused, as it is if
   * this throws.
   *
   * @param place of the level in its topic, from 0
   * @param level may be empty
   */
  String word(int place, String level);

  /**
   * Returns the level of a topic for a word of a routing key. One with {@code /}, {@code +}, {@code
   * #} or a control character is none, nor may the first begin with {@code $}: such a message is
   * not delivered to MQTT, and counted, as it is if this throws.
   *
   * @param place of the word in its key, from 0
   * @param word may be empty
   */
  String level(int place, String word);

  /** Returns the word for a level in the lossless mapping (MAP-2). */
  static String losslessWord(String level) {
    return RoutingKey.ofTopic(level).asKey();
  }

  /** Returns the level for a word in the lossless mapping (MAP-2). */
  static String losslessLevel(String word) {
    return word.isEmpty() ? word : RoutingKey.ofKey(word).asTopic();
  }

  /**
   * Returns the mapper for Eclipse Sparkplug, whose namespace has a dot: topics below {@code
   * spBv1.0} have keys below {@code spBv1___0}, and so with {@code spAv1.0}, as RabbitMQ's option
   * {@code mqtt.sparkplug} has it. All else is as in the lossless mapping.
   */
  static TopicMapper sparkplug() {
    return Sparkplug.MAPPER;
  }
}
