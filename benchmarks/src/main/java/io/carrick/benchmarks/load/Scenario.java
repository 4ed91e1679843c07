package io.carrick.benchmarks.load;

import java.util.List;
import java.util.Locale;

/**
 * What is sent and who receives it. Immutable.
 *
 * @param name as the command line says it
 * @param what one line about it
 * @param route from which protocol to which, and how
 * @param guarantee 0 nothing is acknowledged, 1 confirms and acks, 2 MQTT's QoS 2
 * @param persistent whether sessions, queues and messages are durable
 * @param publishers how many connections publish
 * @param receivers how many connections receive
 * @param lanes how many topics or queues the publishers spread over
 * @param extraBindings filters or bindings that match nothing
 * @param size of the payload in bytes
 * @param window messages of one publisher that may be on their way at a time
 * @param rate messages per second of all publishers; 0 is as fast as the window lets
 */
record Scenario(
    String name,
    String what,
    Route route,
    int guarantee,
    boolean persistent,
    int publishers,
    int receivers,
    int lanes,
    int extraBindings,
    int size,
    int window,
    int rate) {

  /** Which way a message takes. */
  enum Route {
    /** MQTT to MQTT: a receiver gets the topic of its lane. */
    MQTT,
    /** MQTT to MQTT: every receiver gets every topic. */
    MQTT_ALL,
    /** AMQP to AMQP through the default exchange: the receivers of a lane compete for its queue. */
    AMQP_QUEUE,
    /** AMQP to AMQP through a fanout exchange: a queue for every receiver. */
    AMQP_FANOUT,
    /** AMQP to AMQP through a topic exchange: a queue for every lane. */
    AMQP_TOPIC,
    /** MQTT to AMQP, through amq.topic to one queue. */
    MQTT_TO_AMQP,
    /** AMQP to MQTT, through amq.topic. */
    AMQP_TO_MQTT;

    boolean publishesMqtt() {
      return this == MQTT || this == MQTT_ALL || this == MQTT_TO_AMQP;
    }

    boolean receivesMqtt() {
      return this == MQTT || this == MQTT_ALL || this == AMQP_TO_MQTT;
    }
  }

  /** Bytes that a payload has at least: {@link Stamp}. */
  static final int LEAST_SIZE = Stamp.BYTES;

  /** Bytes that fit one AMQP frame of every broker. */
  static final int MOST_SIZE = 64 << 10;

  Scenario {
    if (size < LEAST_SIZE || size > MOST_SIZE) {
      throw new IllegalArgumentException(
          "a payload has %,d to %,d bytes".formatted(LEAST_SIZE, MOST_SIZE));
    }
    if (publishers < 1 || receivers < 1 || lanes < 1 || window < 1 || rate < 0) {
      throw new IllegalArgumentException("publishers, receivers, lanes and window are at least 1");
    }
    if (guarantee < 0 || guarantee > 2) {
      throw new IllegalArgumentException("the guarantee is 0, 1 or 2");
    }
  }

  boolean usesMqtt() {
    return route.publishesMqtt() || route.receivesMqtt();
  }

  boolean usesAmqp() {
    return !route.publishesMqtt() || !route.receivesMqtt();
  }

  /** Returns which receivers get a copy of what a publisher sends: whole groups get one each. */
  boolean reaches(int publisher, int group) {
    return switch (route) {
      case MQTT, AMQP_QUEUE, AMQP_TOPIC -> publisher % lanes == group;
      case MQTT_ALL, AMQP_FANOUT, MQTT_TO_AMQP, AMQP_TO_MQTT -> true;
    };
  }

  /** Returns how many groups of receivers there are; within one, receivers share the messages. */
  int groups() {
    return switch (route) {
      case AMQP_QUEUE, AMQP_TOPIC -> lanes;
      case MQTT_TO_AMQP -> 1;
      case MQTT, MQTT_ALL, AMQP_FANOUT, AMQP_TO_MQTT -> receivers;
    };
  }

  /** Returns the group that a receiver is in. */
  int groupOf(int receiver) {
    return receiver % groups();
  }

  Scenario with(int newSize, int newRate, int newWindow) {
    return new Scenario(
        name,
        what,
        route,
        guarantee,
        persistent,
        publishers,
        receivers,
        lanes,
        extraBindings,
        newSize,
        newWindow,
        newRate);
  }

  private static Scenario of(String name, String what, Route route, int guarantee, int window) {
    return new Scenario(name, what, route, guarantee, false, 1, 1, 1, 0, 64, window, 0);
  }

  private Scenario connections(int newPublishers, int newReceivers, int newLanes) {
    return new Scenario(
        name,
        what,
        route,
        guarantee,
        persistent,
        newPublishers,
        newReceivers,
        newLanes,
        extraBindings,
        size,
        window,
        rate);
  }

  private Scenario bindings(int newExtraBindings) {
    return new Scenario(
        name,
        what,
        route,
        guarantee,
        persistent,
        publishers,
        receivers,
        lanes,
        newExtraBindings,
        size,
        window,
        rate);
  }

  private Scenario durable() {
    return new Scenario(
        name,
        what,
        route,
        guarantee,
        true,
        publishers,
        receivers,
        lanes,
        extraBindings,
        size,
        window,
        rate);
  }

  /** Returns all scenarios, in the order in which they are run. */
  static List<Scenario> all() {
    return List.of(
        of("mqtt-0", "MQTT QoS 0, one to one", Route.MQTT, 0, 5_000),
        of("mqtt-0-1k", "MQTT QoS 0, one to one, 1 KB", Route.MQTT, 0, 5_000).with(1_024, 0, 2_000),
        of("mqtt-fan-out", "MQTT QoS 0, one to a hundred", Route.MQTT_ALL, 0, 100)
            .connections(1, 100, 1),
        of("mqtt-fan-in", "MQTT QoS 0, fifty to one", Route.MQTT_ALL, 0, 100)
            .connections(50, 1, 50),
        of("mqtt-1", "MQTT QoS 1, ten pairs", Route.MQTT, 1, 200).connections(10, 10, 10),
        of("mqtt-1-durable", "MQTT QoS 1, ten pairs, persistent sessions", Route.MQTT, 1, 200)
            .connections(10, 10, 10)
            .durable(),
        of("mqtt-2", "MQTT QoS 2, ten pairs", Route.MQTT, 2, 200).connections(10, 10, 10),
        of("mqtt-filters", "MQTT QoS 0 beside 1,000 wildcard filters", Route.MQTT, 0, 5_000)
            .bindings(1_000),
        of("amqp", "AMQP without acks, one to one", Route.AMQP_QUEUE, 0, 5_000),
        of("amqp-confirm", "AMQP confirms and acks, one to one", Route.AMQP_QUEUE, 1, 2_000),
        of("amqp-durable", "AMQP durable, 200 unconfirmed", Route.AMQP_QUEUE, 1, 200).durable(),
        of("amqp-durable-10", "AMQP durable, ten pairs", Route.AMQP_QUEUE, 1, 200)
            .connections(10, 10, 10)
            .durable(),
        of("amqp-fanout", "AMQP fanout exchange, one to ten queues", Route.AMQP_FANOUT, 0, 1_000)
            .connections(1, 10, 1),
        of("amqp-topic", "AMQP topic exchange beside 1,000 bindings", Route.AMQP_TOPIC, 0, 5_000)
            .bindings(1_000),
        of("mqtt-to-amqp", "MQTT QoS 1 devices to an AMQP consumer", Route.MQTT_TO_AMQP, 1, 200)
            .connections(10, 1, 10),
        of("amqp-to-mqtt", "AMQP to an MQTT QoS 0 subscriber", Route.AMQP_TO_MQTT, 0, 5_000),
        of("latency-mqtt-0", "MQTT QoS 0 at 5,000/s", Route.MQTT, 0, 5_000).with(64, 5_000, 5_000),
        of("latency-mqtt-1", "MQTT QoS 1 at 5,000/s", Route.MQTT, 1, 5_000).with(64, 5_000, 5_000),
        of("latency-amqp", "AMQP confirms and acks at 5,000/s", Route.AMQP_QUEUE, 1, 5_000)
            .with(64, 5_000, 5_000),
        of("latency-bridge", "MQTT QoS 1 to AMQP at 5,000/s", Route.MQTT_TO_AMQP, 1, 5_000)
            .with(64, 5_000, 5_000));
  }

  /**
   * Finds a scenario.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  static Scenario named(String name) {
    return all().stream()
        .filter(s -> s.name.equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no scenario '" + name + "'"));
  }
}
