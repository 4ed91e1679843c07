package io.carrick.amqp;

import io.carrick.Endpoint;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.BoundEndpoint;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.transport.NettyLoops;
import io.carrick.transport.TransportEndpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * AMQP 0-9-1 with RabbitMQ's extensions, on one endpoint or several. Immutable; each method that
 * names something returns a copy.
 *
 * <pre>{@code
 * EmbeddedBroker.builder().adapter(Amqp.onPort(5672)).start()
 * }</pre>
 */
public final class Amqp implements ProtocolAdapter {

  private static final String NAME = "amqp";

  private final List<Endpoint> endpoints;
  private final String host;

  private Amqp(List<Endpoint> endpoints, String host) {
    this.endpoints = List.copyOf(endpoints);
    this.host = host;
  }

  /** Listens on that port of the loopback address; 0 lets the system choose. */
  public static Amqp onPort(int port) {
    return on(Endpoint.onPort(port));
  }

  /** Listens on a port of the loopback address that the system chooses. */
  public static Amqp onAnyPort() {
    return onPort(0);
  }

  /** Listens on an endpoint. */
  public static Amqp on(Endpoint endpoint) {
    return new Amqp(List.of(endpoint), "127.0.0.1");
  }

  /** Returns the same on one endpoint more, which needs a name of its own. */
  public Amqp endpoint(Endpoint another) {
    var all = new ArrayList<>(endpoints);
    all.add(another);
    return new Amqp(all, host);
  }

  /**
   * Returns the same adapter on another address; {@code 0.0.0.0} stands for all. Endpoints with an
   * address of their own stay there.
   */
  public Amqp host(String address) {
    return new Amqp(endpoints, address);
  }

  /** Returns {@code "amqp"}. */
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
    return Optional.of(new AmqpForms());
  }

  @Override
  public List<BoundEndpoint> start(AdapterContext context) throws IOException {
    for (Endpoint endpoint : endpoints) {
      if (endpoint.webSocket().isPresent()) {
        throw new IOException("AMQP is not spoken over WebSocket: " + endpoint);
      }
    }
    return TransportEndpoint.bindAll(
        NAME,
        endpoints.stream().map(this::located).toList(),
        context,
        endpoint -> connection -> new AmqpConnection(connection, context, endpoint.virtualHost()));
  }

  private Endpoint located(Endpoint endpoint) {
    return endpoint.host().isPresent() ? endpoint : endpoint.host(host);
  }
}
