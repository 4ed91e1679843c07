package io.carrick.mqtt;

import io.carrick.Limit;
import io.carrick.RoutingKey;
import io.carrick.spi.AdapterContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The servers of one started adapter by virtual host: there is one where an endpoint leads, and one
 * more for each virtual host that a client has named and that exists. Thread-safe, but for {@link
 * #lasting}, which is for who starts the adapter.
 */
final class MqttServers {

  /** One object, so that it is asked once however often it is said. */
  private static final Predicate<RoutingKey> RESERVED = ReservedTopics::forPublishing;

  private static final String DEFAULT_EXCHANGE = "";

  private final AdapterContext context;
  private final MqttSpace space;
  private final Map<String, MqttServer> byHost = new ConcurrentHashMap<>();

  /**
   * Makes none.
   *
   * @param space what is the same in each virtual host
   */
  MqttServers(AdapterContext context, MqttSpace space) {
    this.context = context;
    this.space = space;
  }

  /** Goes by what the broker tells from now on; called when those that stay are there. */
  void begin() {
    context.reserveEverywhere(space.exchange(), RESERVED);
    context.divertEverywhere(space.exchange(), new Replies(context));
    context.divertEverywhere(DEFAULT_EXCHANGE, new TopicReplies(context, space.exchange()));
    context.whenSessionEnds(
        (virtualHost, session, why) -> {
          MqttServer server = byHost.get(virtualHost);
          if (server != null) {
            server.ended(session, why);
          }
        });
  }

  /**
   * Returns the one of a virtual host that stays, since an endpoint leads there. Its clients are
   * told how the broker is, if anybody is.
   *
   * @throws io.carrick.NotFoundException when there is no such virtual host
   */
  MqttServer lasting(String virtualHost) {
    context.reserve(virtualHost, space.exchange(), RESERVED);
    MqttServer there = byHost.get(virtualHost);
    if (there == null) {
      there = of(virtualHost);
      MqttServer told = there;
      space.information().systemInterval().ifPresent(every -> SystemTopics.start(told, every));
    }
    return there;
  }

  /** Returns the one of a virtual host that somebody has named; null if it is not there. */
  @Nullable MqttServer find(String virtualHost) {
    if (!context.hasVirtualHost(virtualHost)) {
      return null;
    }
    if (byHost.size() > context.limits().value(Limit.VIRTUAL_HOSTS)) {
      byHost.keySet().removeIf(name -> !context.hasVirtualHost(name));
    }
    return of(virtualHost);
  }

  private MqttServer of(String virtualHost) {
    return byHost.computeIfAbsent(
        virtualHost, name -> new MqttServer(context, space.in(name, context.mapping(name))));
  }
}
