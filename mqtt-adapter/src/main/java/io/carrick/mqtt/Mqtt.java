package io.carrick.mqtt;

import io.carrick.Endpoint;
import io.carrick.QueueOptions;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.transport.NettyLoops;
import io.carrick.transport.TransportEndpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The MQTT protocol, versions 3.1, 3.1.1 and 5.0, on one endpoint or several. Immutable; each
 * {@code with}-like method returns a copy.
 */
public final class Mqtt implements ProtocolAdapter {

  private static final String NAME = "mqtt";

  /** What clients of 3.1 offer over WebSocket, which is older than the standard's word for it. */
  private static final String OLD_SUBPROTOCOL = "mqttv3.1";

  private final List<Endpoint> endpoints;
  private final String host;
  private final MqttSpace space;

  private Mqtt(List<Endpoint> endpoints, String host, MqttSpace space) {
    this.endpoints = List.copyOf(endpoints);
    this.host = host;
    this.space = space;
  }

  /** MQTT on a port of this machine's loopback address; 0 for one that the system chooses. */
  public static Mqtt onPort(int port) {
    return on(Endpoint.onPort(port));
  }

  /** MQTT on a port that the system chooses, which {@link io.carrick.Broker#address} tells. */
  public static Mqtt onAnyPort() {
    return onPort(0);
  }

  /** MQTT on an endpoint. */
  public static Mqtt on(Endpoint endpoint) {
    return new Mqtt(List.of(endpoint), "127.0.0.1", MqttSpace.DEFAULT);
  }

  /** Returns the same on one endpoint more, which needs a name of its own. */
  public Mqtt endpoint(Endpoint another) {
    var all = new ArrayList<>(endpoints);
    all.add(another);
    return new Mqtt(all, host, space);
  }

  /**
   * Returns the same on another address, such as {@code "0.0.0.0"} for every one; endpoints with an
   * address of their own stay there.
   */
  public Mqtt host(String address) {
    return new Mqtt(endpoints, address, space);
  }

  /**
   * Returns the same in another virtual host than {@code "/"}; endpoints with a virtual host of
   * their own stay there.
   */
  public Mqtt virtualHost(String name) {
    return with(space.in(name));
  }

  /** Returns the same with another topic exchange than {@code amq.topic} (MAP-37). */
  public Mqtt exchange(String name) {
    return with(space.exchange(name));
  }

  /**
   * Returns the same with options for the queues of sessions: how much they keep for clients that
   * are not connected, and what becomes of the rest. {@link
   * io.carrick.Limit#SESSION_QUEUE_MESSAGES} and its bytes hold beside them. Other options than
   * before hold for sessions that begin from then on.
   */
  public Mqtt sessionQueues(QueueOptions options) {
    return with(space.sessions(options));
  }

  /**
   * Returns the same for clients that are heard of at least that often: who asks for a longer
   * keep-alive than {@code most}, or for none, is held to {@code most}. A client of MQTT 5 is told
   * (§3.2.2.3.14); one of MQTT 3 cannot be, and is closed when it is silent for one and a half
   * times that.
   *
   * @param most in seconds, 1 to 65,535
   * @throws IllegalArgumentException for another time
   */
  public Mqtt keepAlive(Duration most) {
    long seconds = most.toSeconds();
    if (seconds < 1 || seconds > MqttOptions.MOST_SECONDS) {
      throw new IllegalArgumentException("a keep-alive is from 1 to 65535 seconds: " + most);
    }
    return with(space.options(space.options().keepAliveSeconds((int) seconds)));
  }

  /**
   * Returns the same with a highest QoS: subscriptions are granted no more, and a client that
   * publishes with more, or has such a will, is refused (MQTT 5 §3.2.2.3.4).
   *
   * @param most 0, 1 or 2
   * @throws IllegalArgumentException for another one
   */
  public Mqtt maximumQos(int most) {
    if (most < 0 || most > 2) {
      throw new IllegalArgumentException("a QoS is 0, 1 or 2: " + most);
    }
    return with(space.options(space.options().maximumQos(most)));
  }

  /**
   * Returns the same with retained messages or without: then a client that publishes one, or has
   * such a will, is refused (MQTT 5 §3.2.2.3.5).
   */
  public Mqtt retain(boolean available) {
    return with(space.options(space.options().retain(available)));
  }

  /** Returns the same for clients that give no client id, who get one, or without them. */
  public Mqtt emptyClientIds(boolean allowed) {
    return with(space.options(space.options().emptyClientIds(allowed)));
  }

  /**
   * Returns the same with or without the reason why something is refused: where clients are not to
   * learn what they may not do, those of MQTT 5 get 0x80 (Unspecified error) for a message or a
   * subscription instead of 0x87 (Not authorized). Those of MQTT 3 never get more.
   */
  public Mqtt refusalReasons(boolean told) {
    return with(space.refusals(space.options().refusals().reasons(told)));
  }

  /**
   * Returns the same with another answer than the end of the connection for clients of MQTT 3 whose
   * message all queues refuse that it is for (MAP-14). Clients of MQTT 5 are told with a reason
   * code. Who may not publish, and what the broker has no room for, is refused as before.
   */
  public Mqtt refusedPublishes(RefusedPublish how) {
    return with(space.refusals(space.options().refusals().publishes(how)));
  }

  /**
   * Returns the same with a longest time for which a session outlives its connection: whatever a
   * client of MQTT 5 asks for, which is told (§3.2.2.3.2), and for sessions of MQTT 3 that are not
   * clean, which would live for ever.
   *
   * @throws IllegalArgumentException unless it is at least a second
   */
  public Mqtt sessionExpiry(Duration most) {
    if (most.toSeconds() < 1) {
      throw new IllegalArgumentException("sessions live for a second at least: " + most);
    }
    return with(space.options(space.options().sessionExpiryMs(most.toMillis())));
  }

  /**
   * Returns the same with another way for messages that several filters of a client match: unless
   * this is said, they come once (MAP-35). A subscription goes by it from when its client makes it.
   */
  public Mqtt overlap(Overlap how) {
    return with(space.options(space.options().overlap(how)));
  }

  /**
   * Returns the same with topics below {@code $SYS/broker} that tell how the broker is: with the
   * names that mosquitto has for them, retained, published by the broker alone. They are not there
   * unless this is said.
   *
   * @param interval how often those that have changed are published, a second at least
   * @throws IllegalArgumentException for a shorter time
   */
  public Mqtt systemTopics(Duration interval) {
    if (interval.toSeconds() < 1) {
      throw new IllegalArgumentException("an interval is a second at least: " + interval);
    }
    return with(space.information(space.information().systemInterval(interval)));
  }

  /**
   * Returns the same with a topic below which each client may have answers sent: who asks for it
   * with Request Response Information is told as Response Information (MQTT 5 §4.10.1). That a
   * client may read there and others may write is for the authorizer to say.
   *
   * @param topic such as {@code replies/%c}: a level {@code %c} stands for the client id, {@code
   *     %u} for the user. A client with an id or name that is no level is told nothing
   * @throws IllegalArgumentException if it is no topic name, or the broker's
   */
  public Mqtt responseTopics(String topic) {
    return with(space.information(space.information().responses(ResponseTopics.of(topic))));
  }

  private Mqtt with(MqttSpace other) {
    return new Mqtt(endpoints, host, other);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> endpointNames() {
    return endpoints.stream().map(endpoint -> endpoint.name().orElse(NAME)).toList();
  }

  @Override
  public Optional<LoopGroup.Factory> loops() {
    return Optional.of(NettyLoops.factory());
  }

  @Override
  public Optional<ObjectCodec> objectCodec() {
    return Optional.of(new MqttForms());
  }

  @Override
  public List<BoundEndpoint> start(AdapterContext context) throws IOException {
    // Endpoints of one virtual host share its sessions.
    var servers = new MqttServers(context, space);
    endpoints.forEach(endpoint -> servers.lasting(hostOf(endpoint)));
    servers.begin();
    return TransportEndpoint.bindAll(
        NAME,
        endpoints.stream().map(this::located).toList(),
        context,
        endpoint -> {
          boolean open = endpoint.virtualHost().isEmpty();
          var entrance = new Entrance(servers.lasting(hostOf(endpoint)), servers, open);
          return connection -> new MqttConnection(entrance, connection);
        });
  }

  private String hostOf(Endpoint endpoint) {
    return endpoint.virtualHost().orElse(space.virtualHost());
  }

  private Endpoint located(Endpoint endpoint) {
    Endpoint there = endpoint.host().isPresent() ? endpoint : endpoint.host(host);
    return there
        .webSocket()
        .filter(how -> how.subprotocols().isEmpty())
        .map(how -> there.webSocket(how.subprotocols(NAME, OLD_SUBPROTOCOL)))
        .orElse(there);
  }
}
