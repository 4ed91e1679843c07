package io.carrick;

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
      new Mapping(Profile.LOSSLESS, ProfileSpelling.LOSSLESS, Choices.NONE);
  private static final Mapping RABBITMQ =
      new Mapping(Profile.RABBITMQ, ProfileSpelling.RABBITMQ, Choices.NONE);

  /** What can be chosen in every profile. */
  private record Choices(boolean metadata) {

    static final Choices NONE = new Choices(false);
  }

  private final Profile profile;
  private final TopicSpelling spelling;
  private final Choices choices;

  private Mapping(Profile profile, TopicSpelling spelling, Choices choices) {
    this.profile = profile;
    this.spelling = spelling;
    this.choices = choices;
  }

  private Mapping with(Choices others) {
    return new Mapping(profile, spelling, others);
  }

  /** Returns the mapping that loses nothing, which is there unless another one is said. */
  public static Mapping lossless() {
    return LOSSLESS;
  }

  /** Returns the mapping of those who come from RabbitMQ. */
  public static Mapping rabbitMq() {
    return RABBITMQ;
  }

  /** Returns the same with topics and properties as another profile has them. */
  public Mapping profile(Profile other) {
    return (other == Profile.RABBITMQ ? RABBITMQ : LOSSLESS).with(choices);
  }

  /**
   * Returns the same with metadata always shown or only where it is needed: then AMQP consumers
   * find the topic and the QoS of whatever did not come by AMQP among the headers, and clients of
   * MQTT 5 the routing key of what did among the user properties, also where these say nothing new
   * (MAP-5).
   */
  public Mapping exposeMetadata(boolean always) {
    return with(new Choices(always));
  }

  /** Returns by whose tables properties and headers are converted. */
  public Profile profile() {
    return profile;
  }

  /** Returns how topics are spelled. */
  public TopicSpelling spelling() {
    return spelling;
  }

  /** Returns whether metadata is always shown. */
  public boolean exposesMetadata() {
    return choices.metadata;
  }

  @Override
  public String toString() {
    return "Mapping[" + profile + ", " + choices + "]";
  }
}
