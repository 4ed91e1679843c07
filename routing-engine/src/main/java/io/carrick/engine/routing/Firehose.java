package io.carrick.engine.routing;

import io.carrick.ConnectionInfo;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.engine.delivery.Follower;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.tracing.Source;
import io.carrick.engine.tracing.Tracer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a copy of each message of a virtual host that comes in, and of each delivery of one
 * that has come in since it began, to the exchange {@code amq.rabbitmq.trace} (RabbitMQ, "Firehose
 * Tracer"). Called in any loop; holds no state but whether it goes on.
 */
public final class Firehose implements Tracer {

  /** What RabbitMQ's cluster has many of, and we one. */
  private static final String NODE = "carrick";

  private final VirtualHost host;
  private final Exchange exchange;
  private final List<Router> routers;
  private final Function<String, Optional<ConnectionInfo>> clients;
  private volatile boolean stopped;

  /**
   * Makes the firehose of a virtual host, which is still off.
   *
   * @param routers of all loops
   * @param clients finds a client by its connection's id
   */
  public Firehose(
      VirtualHost host, List<Router> routers, Function<String, Optional<ConnectionInfo>> clients) {
    this.host = host;
    this.exchange = host.exchange(Exchange.FIREHOSE);
    this.routers = routers;
    this.clients = clients;
  }

  /** Returns whether it is that of a virtual host. */
  public boolean isOf(VirtualHost one) {
    return host == one;
  }

  /** Copies nothing any more. */
  public void stop() {
    stopped = true;
  }

  @Override
  public @Nullable Follower follow(Message message, Source from) {
    boolean copied =
        from.virtualHost().equals(host.name()) && !message.exchange().equals(Exchange.FIREHOSE);
    return copied ? new Copies(from.client(), from.channel()) : null;
  }

  /**
   * Copies one message. Called in the loops that it passes, of which none has it before another has
   * let it go.
   */
  private final class Copies implements Follower {

    private final Optional<ConnectionInfo> client;
    private final int channel;
    private boolean published;

    Copies(Optional<ConnectionInfo> client, int channel) {
      this.client = client;
      this.channel = channel;
    }

    /** Only a client publishes; a dead letter and what has waited are published by the broker. */
    @Override
    public void routed(Message message, Route route) {
      if (published) {
        return;
      }
      published = true;
      Map<String, Object> said = said(message, client.orElse(null), channel);
      said.put("routed_queues", route.queues());
      copy("publish." + message.exchange(), said, message);
    }

    @Override
    public void delivered(Message message, String virtualHost, String queue, Handover to) {
      ConnectionInfo consumer = clients.apply(to.connectionId()).orElse(null);
      Map<String, Object> said = said(message, consumer, to.channel());
      said.put("redelivered", to.again() ? 1 : 0);
      copy("deliver." + queue, said, message);
    }
  }

  private void copy(String key, Map<String, Object> headers, Message original) {
    for (Router router : routers) {
      if (!stopped && router.context().loop().inLoop()) {
        Message.Builder copy = Message.builder(original.payload());
        headers.forEach(copy::header);
        router
            .firehose()
            .add(
                host,
                exchange,
                copy.build()
                    .addressed(
                        exchange.name(),
                        RoutingKey.ofKey(key),
                        original.publisher(),
                        router.context().loop().wallTimeMs()));
      }
    }
  }

  private Map<String, Object> said(Message message, @Nullable ConnectionInfo client, int channel) {
    var said = new LinkedHashMap<String, Object>();
    said.put("exchange_name", message.exchange());
    said.put("routing_keys", keys(message));
    said.put("properties", PropertiesTable.of(message.properties()));
    said.put("node", NODE);
    said.put("vhost", host.name());
    said.put("connection", client == null ? "" : client.id());
    said.put("channel", channel);
    said.put("user", client == null ? message.publisher().user() : client.user());
    return said;
  }

  /** As RabbitMQ does, it tells also those that nobody else is told of. */
  private static List<String> keys(Message message) {
    var keys = new ArrayList<String>();
    keys.add(message.routingKey().asKey());
    message.annotations().furtherKeys().forEach(key -> keys.add(key.asKey()));
    return keys;
  }
}
