package io.carrick.benchmarks.load;

import io.carrick.benchmarks.load.MqttPeer.Settings;
import io.carrick.benchmarks.load.Scenario.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who plays in a scenario: makes its publishers and receivers. Immutable. */
final class Cast {

  private static final int TRANSACTION_MESSAGES = 10;
  private static final int PRIORITIES = 10;

  private final Scenario scenario;
  private final Logins logins;
  private final String run;

  /** Who the clients are. Immutable. */
  record Logins(Login mqtt, Login amqp) {}

  /**
   * Makes the cast of one run.
   *
   * @param run goes into every name, so that runs do not meet
   */
  Cast(Scenario scenario, Logins logins, String run) {
    this.scenario = scenario;
    this.logins = logins;
    this.run = run;
  }

  Peer publisher(int index) {
    int lane = index % scenario.crowd().lanes();
    Peer.Receiver nothing = (in, at, length) -> {};
    if (scenario.route().publishesMqtt()) {
      return peer(mqtt("p" + index, true, topic(lane), List.of()), nothing);
    }
    var setup = new AmqpSetup(logins.amqp);
    switch (scenario.route()) {
      case AMQP_QUEUE, AMQP_QUORUM, AMQP_STREAM ->
          setup.publishesTo("", queue(lane), scenario.promise().persistent());
      case AMQP_PRIORITY ->
          setup
              .publishesTo("", queue(lane), scenario.promise().persistent())
              .withPriority(index % PRIORITIES);
      case AMQP_TRANSACTION ->
          setup
              .publishesTo("", queue(lane), scenario.promise().persistent())
              .inTransactionsOf(TRANSACTION_MESSAGES);
      case AMQP_DEAD_LETTER -> setup.publishesTo("", source(lane), scenario.promise().persistent());
      case AMQP_FANOUT, AMQP_TOPIC ->
          setup.publishesTo(exchange(), key(lane), scenario.promise().persistent());
      case AMQP_TO_MQTT_HEADERS ->
          setup.publishesTo("amq.topic", key(lane), scenario.promise().persistent()).withHeaders();
      default -> setup.publishesTo("amq.topic", key(lane), scenario.promise().persistent());
    }
    if (scenario.promise().guarantee() > 0 && scenario.route() != Route.AMQP_TRANSACTION) {
      setup.confirming();
    }
    return new AmqpPeer(setup, nothing);
  }

  private MqttPeer peer(Settings settings, Peer.Receiver receiver) {
    var peer = new MqttPeer(settings, receiver);
    return switch (scenario.route()) {
      case MQTT_TO_AMQP_HEADERS, AMQP_TO_MQTT_HEADERS -> peer.withHeaders();
      default -> peer;
    };
  }

  Peer receiver(int index, Peer.Receiver receiver) {
    if (scenario.route().receivesMqtt()) {
      return peer(
          mqtt("r" + index, !scenario.promise().persistent(), "", filters(index)), receiver);
    }
    int group = scenario.route() == Route.AMQP_STREAM ? 0 : scenario.groupOf(index);
    boolean durable = scenario.promise().persistent();
    var setup = new AmqpSetup(logins.amqp).queue(queue(group), durable, arguments());
    switch (scenario.route()) {
      case AMQP_FANOUT ->
          setup
              .exchange(exchange(), "fanout")
              .bind(queue(group), exchange(), "")
              .deletingExchange(exchange());
      case AMQP_DEAD_LETTER -> setup.queue(source(group), durable, toQueue(group));
      case AMQP_TOPIC -> topicBindings(setup, group);
      case MQTT_TO_AMQP, MQTT_TO_AMQP_HEADERS ->
          setup.bind(queue(group), "amq.topic", "load." + run + ".#");
      default -> {
        // The default exchange knows the queue by its name.
      }
    }
    boolean stream = scenario.route() == Route.AMQP_STREAM;
    return new AmqpPeer(
        setup.consume(
            queue(group),
            scenario.promise().guarantee() > 0,
            Math.min(scenario.pace().window(), 0xFFFF),
            stream ? Map.of("x-stream-offset", "first") : Map.of()),
        receiver);
  }

  private Map<String, Object> arguments() {
    return switch (scenario.route()) {
      case AMQP_PRIORITY -> Map.of("x-max-priority", PRIORITIES);
      case AMQP_QUORUM -> Map.of("x-queue-type", "quorum");
      case AMQP_STREAM -> Map.of("x-queue-type", "stream");
      default -> Map.of();
    };
  }

  /** Whatever comes is too old at once, and a dead letter for the queue of a group. */
  private Map<String, Object> toQueue(int group) {
    return Map.of(
        "x-message-ttl",
        0,
        "x-dead-letter-exchange",
        "",
        "x-dead-letter-routing-key",
        queue(group));
  }

  private void topicBindings(AmqpSetup setup, int group) {
    setup.exchange(exchange(), "topic").deletingExchange(exchange());
    for (int i = 0; i < scenario.crowd().extraBindings(); i++) {
      setup.bind(queue(group), exchange(), "load." + run + ".other" + i + ".*.end");
    }
    setup.bind(queue(group), exchange(), "load.*.t" + group);
  }

  /** Returns whoever makes the broker forget persistent sessions. */
  List<Peer> sweepers() {
    var sweepers = new ArrayList<Peer>();
    if (scenario.promise().persistent() && scenario.route().receivesMqtt()) {
      for (int i = 0; i < scenario.crowd().receivers(); i++) {
        sweepers.add(new MqttPeer(mqtt("r" + i, true, "", List.of()), (in, at, length) -> {}));
      }
    }
    return sweepers;
  }

  private Settings mqtt(String id, boolean clean, String topic, List<String> filters) {
    String clientId = "load-" + run + "-" + id;
    return new Settings(
        logins.mqtt, clientId, clean, scenario.promise().guarantee(), topic, filters);
  }

  private List<String> filters(int index) {
    var filters = new ArrayList<String>();
    for (int i = 0; i < scenario.crowd().extraBindings(); i++) {
      filters.add("load/" + run + "/other" + i + "/+/end");
    }
    filters.add(
        scenario.route() == Route.MQTT
            ? topic(scenario.groupOf(index) % scenario.crowd().lanes())
            : "load/" + run + "/#");
    return filters;
  }

  private String topic(int lane) {
    return "load/" + run + "/t" + lane;
  }

  private String key(int lane) {
    return "load." + run + ".t" + lane;
  }

  private String queue(int group) {
    return "load." + run + ".q" + group;
  }

  private String source(int group) {
    return "load." + run + ".source" + group;
  }

  private String exchange() {
    return "load." + run;
  }
}
