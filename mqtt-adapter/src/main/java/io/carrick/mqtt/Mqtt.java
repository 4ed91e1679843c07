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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The MQTT protocol, versions 3.1 and 3.1.1, on one endpoint or several. Immutable; each {@code
 * with}-like method returns a copy.
 */
public final class Mqtt implements ProtocolAdapter {

  private static final String NAME = "mqtt";

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
    return with(new MqttSpace(space.virtualHost(), name, space.topics(), space.sessions()));
  }

  /** Returns the same with another way from topics to keys than {@code LOSSLESS} (MAP-2, MAP-4). */
  public Mqtt topics(TopicProfile profile) {
    return with(new MqttSpace(space.virtualHost(), space.exchange(), profile, space.sessions()));
  }

  /**
   * Returns the same with options for the queues of sessions: how much they keep for clients that
   * are not connected, and what becomes of the rest. {@link
   * io.carrick.Limit#SESSION_QUEUE_MESSAGES} and its bytes hold beside them. Other options than
   * before hold for sessions that begin from then on.
   */
  public Mqtt sessionQueues(QueueOptions options) {
    return with(new MqttSpace(space.virtualHost(), space.exchange(), space.topics(), options));
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
    Map<MqttSpace, MqttServer> servers = new HashMap<>();
    return TransportEndpoint.bindAll(
        NAME,
        endpoints.stream().map(this::located).toList(),
        context,
        endpoint -> {
          MqttServer server = servers.computeIfAbsent(spaceOf(endpoint), s -> server(context, s));
          return connection -> new MqttConnection(server, connection);
        });
  }

  private MqttSpace spaceOf(Endpoint endpoint) {
    return endpoint.virtualHost().map(space::in).orElse(space);
  }

  private static MqttServer server(AdapterContext context, MqttSpace there) {
    context.reserve(there.virtualHost(), there.exchange(), ReservedTopics::forPublishing);
    return new MqttServer(context, there);
  }

  private Endpoint located(Endpoint endpoint) {
    return endpoint.host().isPresent() ? endpoint : endpoint.host(host);
  }
}
