package io.carrick.mqtt;

import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.TopicSpelling;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Diversion;
import io.carrick.spi.TopicQueue;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Replies of clients that only know queues to requests with a Response Topic: what they publish to
 * the {@linkplain TopicQueue name} that stands for the topic goes there, as if they had published
 * it to that topic themselves (MAP-19). Immutable.
 */
final class TopicReplies implements Diversion {

  private final AdapterContext context;
  private final String exchange;

  /**
   * Makes them for every virtual host.
   *
   * @param exchange that carries the topics
   */
  TopicReplies(AdapterContext context, String exchange) {
    this.context = context;
    this.exchange = exchange;
  }

  @Override
  public @Nullable Message divert(String virtualHost, Message message) {
    return TopicQueue.topic(message.routingKey().asKey())
        .filter(ForeignProperties::isTopic)
        .map(topic -> addressed(message, topic, context.mapping(virtualHost).spelling()))
        .orElse(null);
  }

  private @Nullable Message addressed(Message message, String topic, TopicSpelling spelling) {
    RoutingKey key;
    try {
      key = spelling.address(topic.getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException none) {
      return null; // MAP-9: no queue is called so, and the publisher hears that
    }
    return message.addressed(exchange, key, message.publisher(), message.arrivedMs());
  }
}
