package io.carrick.mqtt;

import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.RoutingKey;
import io.carrick.mqtt.codec.Property;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Diversion;
import io.carrick.spi.ReplyRights;
import io.carrick.spi.TopicQueue;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Replies of clients to requests of other protocols: what the request shows as its Response Topic,
 * and where a message goes that is published there (MAP-19). Immutable.
 */
final class Replies implements Diversion {

  private static final int LONGEST_TOPIC = 0xFFFF;

  private final AdapterContext context;

  /** Makes them for every virtual host. */
  Replies(AdapterContext context) {
    this.context = context;
  }

  /** Returns what lets clients answer in a virtual host: nothing where RabbitMQ is followed. */
  static ReplyRights rights(AdapterContext context, String virtualHost, Mapping mapping) {
    return mapping.profile() == Mapping.Profile.RABBITMQ
        ? ReplyRights.NONE
        : context.replyRights(virtualHost);
  }

  /**
   * Returns the Response Topic of a request that names a queue; empty if there is none. That of a
   * client is what it has said itself: it names topics, and a word of its about a queue is no right
   * to send something there.
   *
   * @param rights of its virtual host
   */
  static Optional<String> topic(Message request, ReplyRights rights) {
    if (request.origin() instanceof MqttProperties own) {
      return own.packet().text(Property.RESPONSE_TOPIC);
    }
    Optional<String> queue = request.properties().replyTo();
    if (queue.isEmpty()) {
      return queue;
    }
    Optional<String> topic = TopicQueue.topic(queue.get());
    return topic.isPresent()
        ? topic.filter(ForeignProperties::isTopic)
        : rights
            .proof(request)
            .map(proof -> new ReplyTopic(proof, queue.get()).text())
            .filter(made -> made.length() <= LONGEST_TOPIC);
  }

  @Override
  public @Nullable Message divert(String virtualHost, Message message) {
    if (!(message.origin() instanceof MqttProperties own)
        || !ReservedTopics.forReplies(message.routingKey())) {
      return null; // who knows queues publishes to the queue itself
    }
    byte[] topic = context.mapping(virtualHost).spelling().topic(message.routingKey());
    return ReplyTopic.read(new String(topic, StandardCharsets.UTF_8))
        .filter(to -> context.replyRights(virtualHost).proves(to.proof(), to.queue()))
        .map(to -> reply(message, own, to.queue()))
        .orElse(null);
  }

  /** A reply is for who asked, so it becomes no last value. */
  private static Message reply(Message message, MqttProperties own, String queue) {
    return Message.published(
        "",
        RoutingKey.ofKey(queue),
        MqttProperties.of(own.guarantee().qos(), false, own.packet()),
        message.payload(),
        message.publisher(),
        message.arrivedMs());
  }
}
