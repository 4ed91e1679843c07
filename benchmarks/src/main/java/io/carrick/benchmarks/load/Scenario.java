package io.carrick.benchmarks.load;

import java.util.List;
import java.util.Locale;

/**
 * What is sent and who receives it. Immutable.
 *
 * @param name as the command line says it
 * @param what one line about it
 * @param route from which protocol to which, and how
 * @param promise what publisher, broker and receiver promise each other
 * @param crowd who takes part
 * @param pace how much is sent, how fast
 */
record Scenario(String name, String what, Route route, Promise promise, Crowd crowd, Pace pace) {

  /**
   * What publisher, broker and receiver promise each other. Immutable.
   *
   * @param guarantee 0 nothing is acknowledged, 1 confirms and acks, 2 MQTT's QoS 2
   * @param persistent whether sessions, queues and messages are durable
   */
  record Promise(int guarantee, boolean persistent) {
    Promise {
      if (guarantee < 0 || guarantee > 2) {
        throw new IllegalArgumentException("the guarantee is 0, 1 or 2");
      }
    }
  }

  /**
   * Who takes part. Immutable.
   *
   * @param publishers how many connections publish
   * @param receivers how many connections receive
   * @param lanes how many topics or queues the publishers spread over
   * @param extraBindings filters or bindings that match nothing
   */
  record Crowd(int publishers, int receivers, int lanes, int extraBindings) {

    static final Crowd PAIR = new Crowd(1, 1, 1, 0);
    static final Crowd TEN_PAIRS = new Crowd(10, 10, 10, 0);

    Crowd {
      if (publishers < 1 || receivers < 1 || lanes < 1) {
        throw new IllegalArgumentException("publishers, receivers and lanes are at least 1");
      }
    }
  }

  /**
   * How much is sent, how fast. Immutable.
   *
   * @param size of the payload in bytes
   * @param window messages of one publisher that may be on their way at a time
   * @param rate messages per second of all publishers; 0 is as fast as the window lets
   */
  record Pace(int size, int window, int rate) {

    /** Bytes that a payload has at least: {@link Stamp}. */
    static final int LEAST_SIZE = Stamp.BYTES;

    /** Bytes that fit one AMQP frame of every broker. */
    static final int MOST_SIZE = 64 << 10;

    Pace {
      if (size < LEAST_SIZE || size > MOST_SIZE) {
        throw new IllegalArgumentException(
            "a payload has %,d to %,d bytes".formatted(LEAST_SIZE, MOST_SIZE));
      }
      if (window < 1 || rate < 0) {
        throw new IllegalArgumentException("a window is at least 1, a rate at least 0");
      }
    }

    /** Returns small payloads, as fast as a window lets. */
    static Pace window(int messages) {
      return new Pace(64, messages, 0);
    }

    /** Returns small payloads at a rate. */
    static Pace rate(int perSecond) {
      return new Pace(64, perSecond, perSecond);
    }
  }

  /** Which way a message takes. */
  enum Route {
    /** MQTT to MQTT: a receiver gets the topic of its lane. */
    MQTT,
    /** MQTT to MQTT: every receiver gets every topic. */
    MQTT_ALL,
    /** AMQP to AMQP through the default exchange: the receivers of a lane compete for its queue. */
    AMQP_QUEUE,
    /**
     * As {@link #AMQP_QUEUE}, through a queue whose messages are dead letters for another at once.
     */
    AMQP_DEAD_LETTER,
    /** As {@link #AMQP_QUEUE}, through a queue with priorities: each publisher has one. */
    AMQP_PRIORITY,
    /** As {@link #AMQP_QUEUE}, through a quorum queue. */
    AMQP_QUORUM,
    /** As {@link #AMQP_QUEUE}, in transactions of ten messages. */
    AMQP_TRANSACTION,
    /** AMQP to AMQP through a stream, which every receiver reads. */
    AMQP_STREAM,
    /** AMQP to AMQP through a fanout exchange: a queue for every receiver. */
    AMQP_FANOUT,
    /** AMQP to AMQP through a topic exchange: a queue for every lane. */
    AMQP_TOPIC,
    /** MQTT to AMQP, through amq.topic to one queue. */
    MQTT_TO_AMQP,
    /** As {@link #MQTT_TO_AMQP}, from MQTT 5 with {@link Headers}. */
    MQTT_TO_AMQP_HEADERS,
    /** AMQP to MQTT, through amq.topic. */
    AMQP_TO_MQTT,
    /** As {@link #AMQP_TO_MQTT}, to MQTT 5 with {@link Headers}. */
    AMQP_TO_MQTT_HEADERS;

    boolean publishesMqtt() {
      return this == MQTT
          || this == MQTT_ALL
          || this == MQTT_TO_AMQP
          || this == MQTT_TO_AMQP_HEADERS;
    }

    boolean receivesMqtt() {
      return this == MQTT
          || this == MQTT_ALL
          || this == AMQP_TO_MQTT
          || this == AMQP_TO_MQTT_HEADERS;
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
      case MQTT,
          AMQP_QUEUE,
          AMQP_DEAD_LETTER,
          AMQP_PRIORITY,
          AMQP_QUORUM,
          AMQP_TRANSACTION,
          AMQP_TOPIC ->
          publisher % crowd.lanes == group;
      case MQTT_ALL,
          AMQP_STREAM,
          AMQP_FANOUT,
          MQTT_TO_AMQP,
          MQTT_TO_AMQP_HEADERS,
          AMQP_TO_MQTT,
          AMQP_TO_MQTT_HEADERS ->
          true;
    };
  }

  /** Returns how many groups of receivers there are; within one, receivers share the messages. */
  int groups() {
    return switch (route) {
      case AMQP_QUEUE, AMQP_DEAD_LETTER, AMQP_PRIORITY, AMQP_QUORUM, AMQP_TRANSACTION, AMQP_TOPIC ->
          crowd.lanes;
      case MQTT_TO_AMQP, MQTT_TO_AMQP_HEADERS -> 1;
      case MQTT, MQTT_ALL, AMQP_STREAM, AMQP_FANOUT, AMQP_TO_MQTT, AMQP_TO_MQTT_HEADERS ->
          crowd.receivers;
    };
  }

  /** Returns the group that a receiver is in. */
  int groupOf(int receiver) {
    return receiver % groups();
  }

  /** Returns the same at another pace. */
  Scenario at(Pace other) {
    return new Scenario(name, what, route, promise, crowd, other);
  }

  private static Scenario of(String name, String what, Route route, Promise promise, Pace pace) {
    return new Scenario(name, what, route, promise, Crowd.PAIR, pace);
  }

  private Scenario among(int publishers, int receivers, int lanes) {
    return among(new Crowd(publishers, receivers, lanes, 0));
  }

  private Scenario among(Crowd others) {
    return new Scenario(name, what, route, promise, others, pace);
  }

  private Scenario besideThousandBindings() {
    return among(new Crowd(1, 1, 1, 1_000));
  }

  /** Returns all scenarios, in the order in which they are run. */
  static List<Scenario> all() {
    var none = new Promise(0, false);
    var once = new Promise(1, false);
    var durable = new Promise(1, true);
    var exactly = new Promise(2, false);
    Pace most = Pace.window(5_000);
    Pace each200 = Pace.window(200);
    Pace each100 = Pace.window(100);
    Pace slow = Pace.rate(5_000);
    return List.of(
        of("mqtt-0", "MQTT QoS 0, one to one", Route.MQTT, none, most),
        of(
            "mqtt-0-1k",
            "MQTT QoS 0, one to one, 1 KB",
            Route.MQTT,
            none,
            new Pace(1_024, 2_000, 0)),
        of("mqtt-fan-out", "MQTT QoS 0, one to a hundred", Route.MQTT_ALL, none, Pace.window(100))
            .among(1, 100, 1),
        of("mqtt-fan-in", "MQTT QoS 0, fifty to one", Route.MQTT_ALL, none, Pace.window(100))
            .among(50, 1, 50),
        of("mqtt-1", "MQTT QoS 1, ten pairs", Route.MQTT, once, each100).among(Crowd.TEN_PAIRS),
        of(
                "mqtt-1-durable",
                "MQTT QoS 1, ten pairs, persistent sessions",
                Route.MQTT,
                durable,
                each100)
            .among(Crowd.TEN_PAIRS),
        of("mqtt-2", "MQTT QoS 2, ten pairs", Route.MQTT, exactly, each100).among(Crowd.TEN_PAIRS),
        of("mqtt-filters", "MQTT QoS 0 beside 1,000 wildcard filters", Route.MQTT, none, most)
            .besideThousandBindings(),
        of("amqp", "AMQP without acks, one to one", Route.AMQP_QUEUE, none, most),
        of(
            "amqp-confirm",
            "AMQP confirms and acks, one to one",
            Route.AMQP_QUEUE,
            once,
            Pace.window(2_000)),
        of("amqp-durable", "AMQP durable, 200 unconfirmed", Route.AMQP_QUEUE, durable, each200),
        of(
            "amqp-durable-1k",
            "AMQP durable, 200 unconfirmed, 1 KB",
            Route.AMQP_QUEUE,
            durable,
            new Pace(1_024, 200, 0)),
        of("amqp-durable-10", "AMQP durable, ten pairs", Route.AMQP_QUEUE, durable, each200)
            .among(Crowd.TEN_PAIRS),
        of(
            "amqp-quorum",
            "AMQP quorum queue, 200 unconfirmed",
            Route.AMQP_QUORUM,
            durable,
            each200),
        of(
                "amqp-priority",
                "AMQP durable queue with ten priorities, ten publishers to one",
                Route.AMQP_PRIORITY,
                durable,
                each200)
            .among(10, 1, 1),
        of(
            "amqp-stream",
            "AMQP stream, published and read once, 200 unconfirmed",
            Route.AMQP_STREAM,
            durable,
            each200),
        of(
                "amqp-stream-5",
                "AMQP stream, published once and read five times",
                Route.AMQP_STREAM,
                durable,
                each200)
            .among(1, 5, 1),
        of(
            "amqp-dead-letter",
            "AMQP through a dead letter exchange, 200 unconfirmed",
            Route.AMQP_DEAD_LETTER,
            durable,
            each200),
        of(
            "amqp-tx-10",
            "AMQP durable, transactions of ten",
            Route.AMQP_TRANSACTION,
            durable,
            each200),
        of(
                "amqp-fanout",
                "AMQP fanout exchange, one to ten queues",
                Route.AMQP_FANOUT,
                none,
                Pace.window(1_000))
            .among(1, 10, 1),
        of("amqp-topic", "AMQP topic exchange beside 1,000 bindings", Route.AMQP_TOPIC, none, most)
            .besideThousandBindings(),
        of(
                "mqtt-to-amqp",
                "MQTT QoS 1 devices to an AMQP consumer",
                Route.MQTT_TO_AMQP,
                once,
                each100)
            .among(10, 1, 10),
        of(
                "mqtt-to-amqp-headers",
                "MQTT 5 QoS 1 devices to an AMQP consumer, with ten headers",
                Route.MQTT_TO_AMQP_HEADERS,
                once,
                each100)
            .among(10, 1, 10),
        of("amqp-to-mqtt", "AMQP to an MQTT QoS 0 subscriber", Route.AMQP_TO_MQTT, none, most),
        of(
            "amqp-to-mqtt-headers",
            "AMQP to an MQTT 5 QoS 0 subscriber, with ten headers",
            Route.AMQP_TO_MQTT_HEADERS,
            none,
            most),
        of("latency-mqtt-0", "MQTT QoS 0 at 5,000/s", Route.MQTT, none, slow),
        of("latency-mqtt-1", "MQTT QoS 1 at 5,000/s", Route.MQTT, once, slow),
        of("latency-amqp", "AMQP without acks at 5,000/s", Route.AMQP_QUEUE, none, slow),
        of(
            "latency-amqp-durable",
            "AMQP durable, confirms and acks, at 5,000/s",
            Route.AMQP_QUEUE,
            durable,
            slow),
        of("latency-bridge", "MQTT QoS 1 to AMQP at 5,000/s", Route.MQTT_TO_AMQP, once, slow));
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
