package io.carrick;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a message that crosses from MQTT to AMQP or back, where there is a choice: how
 * topics and routing keys are spelled, and by whose tables properties and headers are told. It is
 * neither protocol's own, so the broker is given it and every adapter goes by it. Immutable; each
 * method that says something returns a copy.
 *
 * <pre>{@code
 * EmbeddedBroker.builder().mapping(Mapping.rabbitMq())
 * }</pre>
 */
public final class Mapping {

  /** By whose tables it is converted. */
  public enum Profile {
    /**
     * Nothing is lost: every topic has a key of its own and comes back from it, and so do
     * properties and headers (MAP-2).
     */
    LOSSLESS,

    /**
     * As RabbitMQ does wherever that is legal: {@code /} and {@code .} are the same, and nothing is
     * escaped, so {@code a.b/c} comes back as {@code a/b/c}. What would come back as no legal topic
     * is not delivered to MQTT, and counted (MAP-4).
     */
    RABBITMQ
  }

  private static final Mapping LOSSLESS =
      new Mapping(Profile.LOSSLESS, ProfileSpelling.LOSSLESS, Choices.NONE, null);
  private static final Mapping RABBITMQ =
      new Mapping(Profile.RABBITMQ, ProfileSpelling.RABBITMQ, Choices.NONE, null);

  /** What can be chosen in every profile. */
  private record Choices(
      boolean metadata, boolean noLongTopics, boolean noDollarTopics, boolean transientAcked) {

    static final Choices NONE = new Choices(false, false, false, false);
  }

  private final Profile profile;
  private final TopicSpelling spelling;
  private final Choices choices;
  private final @Nullable TopicMapper mapper;

  private Mapping(
      Profile profile, TopicSpelling spelling, Choices choices, @Nullable TopicMapper mapper) {
    this.profile = profile;
    this.spelling = spelling;
    this.choices = choices;
    this.mapper = mapper;
  }

  private Mapping with(Choices others) {
    return new Mapping(profile, spelling, others, mapper);
  }

  /** Returns the mapping that loses nothing, which is there unless another one is said. */
  public static Mapping lossless() {
    return LOSSLESS;
  }

  /** Returns the mapping of those who come from RabbitMQ. */
  public static Mapping rabbitMq() {
    return RABBITMQ;
  }

  /**
   * Returns the same with properties as another profile has them, and topics as well unless a
   * mapper spells them.
   */
  public Mapping profile(Profile other) {
    TopicMapper own = mapper;
    Mapping made = (other == Profile.RABBITMQ ? RABBITMQ : LOSSLESS).with(choices);
    return own == null ? made : made.topics(own);
  }

  /**
   * Returns the same with topics spelled by a mapper of the user's own (MAP-9).
   *
   * @throws IllegalArgumentException if its name is empty or a profile's
   */
  public Mapping topics(TopicMapper own) {
    String name = own.name();
    for (Profile known : Profile.values()) {
      if (name.isEmpty() || known.name().equalsIgnoreCase(name)) {
        throw new IllegalArgumentException("a mapper needs a name of its own: '" + name + "'");
      }
    }
    return new Mapping(profile, new MappedSpelling(own), choices, own);
  }

  /**
   * Returns the same with metadata always shown or only where it is needed: then AMQP consumers
   * find the topic and the QoS of whatever did not come by AMQP among the headers, and clients of
   * MQTT 5 the routing key of what did among the user properties, also where these say nothing new
   * (MAP-5).
   */
  public Mapping exposeMetadata(boolean always) {
    return with(
        new Choices(always, choices.noLongTopics, choices.noDollarTopics, choices.transientAcked));
  }

  /**
   * Returns the same with topics refused, or not, whose routing key is longer than the 255 bytes
   * that AMQP 0-9-1 can carry: to a client of MQTT 5 that publishes to one this is an invalid topic
   * name (0x90), the connection of one of MQTT 3 is closed. Without that AMQP consumers get a
   * shortened key (MAP-6).
   */
  public Mapping refuseLongTopics(boolean refused) {
    return with(
        new Choices(choices.metadata, refused, choices.noDollarTopics, choices.transientAcked));
  }

  /**
   * Returns the same with topics hidden from AMQP, or not, whose first level starts with {@code $}:
   * then no binding key that starts with a wildcard meets them, as no topic filter does; one that
   * names the first level still does (MAP-7).
   */
  public Mapping hideDollarTopics(boolean hidden) {
    return with(
        new Choices(choices.metadata, choices.noLongTopics, hidden, choices.transientAcked));
  }

  /**
   * Returns the same with another QoS for messages of AMQP that are not persistent and say none
   * themselves: with 1 MQTT subscribers acknowledge them, and sessions whose clients are away keep
   * them, though no store does (MAP-11).
   *
   * @param qos 0, as it is unless this is said, or 1
   * @throws IllegalArgumentException for another one
   */
  public Mapping transientQos(int qos) {
    if (qos < 0 || qos > 1) {
      throw new IllegalArgumentException("the QoS of transient messages is 0 or 1: " + qos);
    }
    return with(
        new Choices(choices.metadata, choices.noLongTopics, choices.noDollarTopics, qos == 1));
  }

  /** Returns by whose tables properties and headers are converted. */
  public Profile profile() {
    return profile;
  }

  /** Returns the user's own mapper; empty where a profile spells topics. */
  public Optional<TopicMapper> mapper() {
    return Optional.ofNullable(mapper);
  }

  /** Returns how topics are spelled. */
  public TopicSpelling spelling() {
    return spelling;
  }

  /** Returns whether metadata is always shown. */
  public boolean exposesMetadata() {
    return choices.metadata;
  }

  /** Returns whether topics are refused whose routing key AMQP cannot carry. */
  public boolean refusesLongTopics() {
    return choices.noLongTopics;
  }

  /** Returns whether AMQP's wildcards do not meet a first level that starts with {@code $}. */
  public boolean hidesDollarTopics() {
    return choices.noDollarTopics;
  }

  /** Returns the QoS of messages of AMQP that are not persistent and say none themselves. */
  public int transientQos() {
    return choices.transientAcked ? 1 : 0;
  }

  @Override
  public String toString() {
    return "Mapping[" + profile + ", " + spelling.name() + ", " + choices + "]";
  }
}
