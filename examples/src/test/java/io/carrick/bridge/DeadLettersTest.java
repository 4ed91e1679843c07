package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.carrick.Message;
import io.carrick.Overflow;
import io.carrick.PublishRejectedException;
import io.carrick.Refusal;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dead letters, length limits and delivery limits as RabbitMQ's client meets them. */
class DeadLettersTest {

  private static final Map<String, Object> TO_DEAD =
      Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead");

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .loops(NettyLoops.factory(2))
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort()))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private Service declared(Map<String, Object> arguments) throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("dead", true, false, false, Map.of());
    var all = new java.util.HashMap<>(TO_DEAD);
    all.putAll(arguments);
    service.channel.queueDeclare("q", true, false, false, all);
    service.channel.confirmSelect();
    return service;
  }

  private static void publish(Service service, String text, AMQP.BasicProperties properties)
      throws IOException {
    service.channel.basicPublish("", "q", properties, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the next dead letter, once it has come. */
  private static Delivery dead(Service service) throws Exception {
    return Service.consume(service.channel(), "dead", true).take();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> death(Delivery delivery) {
    var deaths = (List<Map<String, Object>>) delivery.getProperties().getHeaders().get("x-death");
    assertThat(deaths).hasSize(1);
    return deaths.get(0);
  }

  private static void assertDead(Delivery delivery, String reason) {
    assertThat(Service.text(delivery)).isEqualTo("1");
    assertThat(delivery.getEnvelope().getRoutingKey()).isEqualTo("dead");
    assertThat(death(delivery))
        .hasEntrySatisfying("reason", r -> assertThat(r).hasToString(reason))
        .hasEntrySatisfying("queue", q -> assertThat(q).hasToString("q"))
        .hasEntrySatisfying("count", c -> assertThat(c).isEqualTo(1L));
    assertThat(delivery.getProperties().getHeaders().get("x-first-death-reason"))
        .hasToString(reason);
    assertThat(delivery.getProperties().getExpiration()).isNull();
  }

  @Test
  @Tag("amqp091:x-dead-letter-exchange")
  @Tag("amqp091:x-dead-letter-routing-key")
  void whatAConsumerRejectsIsDead() throws Exception {
    Service service = declared(Map.of());
    publish(service, "1", Service.persistent());
    Delivery delivery = service.consume("q").take();
    service.channel.basicReject(delivery.getEnvelope().getDeliveryTag(), false);
    assertDead(dead(service), "rejected");
  }

  @Test
  @Tag("amqp091:x-message-ttl")
  void whatIsTooOldIsDead() throws Exception {
    Service service = declared(Map.of());
    publish(service, "1", new AMQP.BasicProperties.Builder().expiration("1").build());
    Delivery dead = dead(service);
    assertDead(dead, "expired");
    assertThat(death(dead).get("original-expiration")).hasToString("1");
  }

  @Test
  @Tag("amqp091:x-max-length")
  void theOldestOfAFullQueueIsDead() throws Exception {
    Service service = declared(Map.of("x-max-length", 1));
    publish(service, "1", Service.persistent());
    publish(service, "2", Service.persistent());
    service.channel.waitForConfirmsOrDie(20_000);
    assertDead(dead(service), "maxlen");
    assertThat(service.channel.queueDeclarePassive("q").getMessageCount()).isEqualTo(1);
  }

  @Test
  @Tag("amqp091:x-overflow")
  void whatAFullQueueRefusesIsNackedAndMayBeDead() throws Exception {
    Service service = declared(Map.of("x-max-length", 0, "x-overflow", "reject-publish-dlx"));
    publish(service, "1", Service.persistent());
    assertThat(service.channel.waitForConfirms(20_000)).isFalse();
    assertDead(dead(service), "maxlen");
  }

  @Test
  void aFullQueueOfAnotherLoopNacksToo() throws Exception {
    Service owner = declared(Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
    for (int i = 0; i < 2; i++) { // one of them is on the other loop
      Service publisher = clients.service();
      publisher.channel.confirmSelect();
      owner.channel.queuePurge("q");
      publish(publisher, "1", Service.persistent());
      assertThat(publisher.channel.waitForConfirms(20_000)).isTrue();
      publish(publisher, "2", Service.persistent());
      assertThat(publisher.channel.waitForConfirms(20_000)).isFalse();
    }
    assertThat(owner.channel.queueDeclarePassive("dead").getMessageCount()).isZero();
  }

  @Test
  @Tag("amqp091:x-delivery-limit")
  @Tag("amqp091:x-delivery-count")
  void whatComesBackTooOftenIsDeadAndSaysBeforeHowOften() throws Exception {
    Service service = declared(Map.of("x-delivery-limit", 1));
    publish(service, "1", Service.persistent());
    service.channel.waitForConfirmsOrDie(20_000);
    GetResponse first = service.channel.basicGet("q", false);
    assertThat(first.getProps().getHeaders()).isNull();
    service.channel.basicNack(first.getEnvelope().getDeliveryTag(), false, true);
    GetResponse second = service.channel.basicGet("q", false);
    assertThat(second.getProps().getHeaders()).containsEntry("x-delivery-count", 1L);
    service.channel.basicNack(second.getEnvelope().getDeliveryTag(), false, true);
    assertDead(dead(service), "delivery_limit");
  }

  @Test
  @Tag("amqp091:x-death")
  @Tag("amqp091:x-first-death")
  @Tag("amqp091:x-last-death")
  void aMessageWaitsInAnotherQueueAndComesBackWithItsCount() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare(
        "work",
        true,
        false,
        false,
        Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "wait"));
    service.channel.queueDeclare(
        "wait",
        true,
        false,
        false,
        Map.of(
            "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "work", "x-message-ttl", 1));
    service.channel.basicPublish(
        "", "work", Service.persistent(), "1".getBytes(StandardCharsets.UTF_8));
    Inbox<Delivery> inbox = service.consume("work");
    for (int i = 0; i < 3; i++) {
      service.channel.basicReject(inbox.take().getEnvelope().getDeliveryTag(), false);
    }
    var deaths = (List<?>) inbox.take().getProperties().getHeaders().get("x-death");
    assertThat(deaths).hasSize(2);
    assertThat(deaths)
        .allSatisfy(death -> assertThat(((Map<?, ?>) death).get("count")).isEqualTo(3L));
  }

  @Test
  void aMessageOfMqttIsDeadWithItsTopicAsItsKey() throws Exception {
    Service service = declared(Map.of("x-dead-letter-exchange", "amq.topic"));
    service.channel.queueBind("q", "amq.topic", "a.b");
    clients.device("device").publish("a/b", "1", 1);
    Delivery delivery = service.consume("q").take();
    service.channel.queueBind("dead", "amq.topic", "dead");
    service.channel.basicReject(delivery.getEnvelope().getDeliveryTag(), false);
    assertDead(dead(service), "rejected");
  }

  @Test
  void aProgramInTheJvmIsToldThatAQueueIsFull() {
    var client = broker.client();
    client.topology().queue("small").maxLength(1).overflow(Overflow.REJECT_PUBLISH).declare();
    var publisher = client.publisher("");
    broker.await(publisher.publish("small", Message.of("1")));
    var refused = publisher.publish("small", Message.of("2")).toCompletableFuture();
    assertThatThrownBy(refused::join)
        .cause()
        .isInstanceOfSatisfying(
            PublishRejectedException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.LIMIT));
  }
}
