package io.carrick.mqtt;

import io.carrick.spi.AdapterContext;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.transport.NettyLoops;
import io.carrick.transport.TransportEndpoint;
import java.io.IOException;
import java.util.Optional;

/**
 * The MQTT protocol, versions 3.1 and 3.1.1. Immutable; each {@code with}-like method returns a
 * copy.
 */
public final class Mqtt implements ProtocolAdapter {

  private static final String NAME = "mqtt";

  private final String host;
  private final int port;
  private final MqttSpace space;

  private Mqtt(String host, int port, MqttSpace space) {
    this.host = host;
    this.port = port;
    this.space = space;
  }

  /** MQTT on a port of this machine's loopback address; 0 for one that the system chooses. */
  public static Mqtt onPort(int port) {
    return new Mqtt("127.0.0.1", port, new MqttSpace("/", "amq.topic", TopicProfile.LOSSLESS));
  }

  /** MQTT on a port that the system chooses, which {@link io.carrick.Broker#address} tells. */
  public static Mqtt onAnyPort() {
    return onPort(0);
  }

  /** Returns the same on another address, such as {@code "0.0.0.0"} for every one. */
  public Mqtt host(String address) {
    return new Mqtt(address, port, space);
  }

  /** Returns the same in another virtual host than {@code "/"}. */
  public Mqtt virtualHost(String name) {
    return new Mqtt(host, port, new MqttSpace(name, space.exchange(), space.topics()));
  }

  /** Returns the same with another topic exchange than {@code amq.topic} (MAP-37). */
  public Mqtt exchange(String name) {
    return new Mqtt(host, port, new MqttSpace(space.virtualHost(), name, space.topics()));
  }

  /** Returns the same with another way from topics to keys than {@code LOSSLESS} (MAP-2, MAP-4). */
  public Mqtt topics(TopicProfile profile) {
    return new Mqtt(host, port, new MqttSpace(space.virtualHost(), space.exchange(), profile));
  }

  @Override
  public String name() {
    return NAME;
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
  public Endpoint start(AdapterContext context) throws IOException {
    var server = new MqttServer(context, space);
    context.reserve(space.virtualHost(), space.exchange(), ReservedTopics::forPublishing);
    return TransportEndpoint.bind(
        NAME, host, port, context, connection -> new MqttConnection(server, connection));
  }
}
