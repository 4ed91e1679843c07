package io.carrick.amqp;

import io.carrick.spi.AdapterContext;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.ObjectCodec;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.transport.NettyLoops;
import io.carrick.transport.TransportEndpoint;
import java.io.IOException;
import java.util.Optional;

/**
 * AMQP 0-9-1 with RabbitMQ's extensions, on one port. Immutable.
 *
 * <pre>{@code
 * EmbeddedBroker.builder().adapter(Amqp.onPort(5672)).start()
 * }</pre>
 */
public final class Amqp implements ProtocolAdapter {

  private static final String NAME = "amqp";

  private final String host;
  private final int port;

  private Amqp(String host, int port) {
    this.host = host;
    this.port = port;
  }

  /** Listens on that port of the loopback address; 0 lets the system choose. */
  public static Amqp onPort(int port) {
    return new Amqp("127.0.0.1", port);
  }

  /** Listens on a port of the loopback address that the system chooses. */
  public static Amqp onAnyPort() {
    return onPort(0);
  }

  /** Returns the same adapter on another address; {@code 0.0.0.0} stands for all. */
  public Amqp host(String address) {
    return new Amqp(address, port);
  }

  /** Returns {@code "amqp"}. */
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
    return Optional.of(new AmqpForms());
  }

  @Override
  public Endpoint start(AdapterContext context) throws IOException {
    return TransportEndpoint.bind(
        NAME, host, port, context, connection -> new AmqpConnection(connection, context));
  }
}
