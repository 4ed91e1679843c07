package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.carrick.AccessRefusedException;
import io.carrick.ConnectionInfo;
import io.carrick.Identity;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.Authorizer;
import io.carrick.testing.BrokerExtension;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** RabbitMQ's firehose, as RabbitMQ's client sees it and with devices beside it. */
class FirehoseTest {

  private static final String TRACE = "amq.rabbitmq.trace";

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder()
              .adapter(Mqtt.onAnyPort())
              .adapter(Amqp.onAnyPort())
              .virtualHost("other")
              .authorizer(onlyNobodyAdministers()));

  @RegisterExtension final Clients clients = new Clients(broker);

  private Service service;
  private Inbox<Delivery> firehose;

  private static Authorizer onlyNobodyAdministers() {
    return (who, action, resource) ->
        action != Authorizer.Action.ADMINISTER || !who.user().equals("nobody");
  }

  @BeforeEach
  void listen() throws Exception {
    service = clients.service();
    String queue = service.channel.queueDeclare().getQueue();
    service.channel.queueBind(queue, TRACE, "#");
    firehose = Service.consume(service.channel(), queue, true);
    service.channel.queueDeclare("q", false, false, false, null);
  }

  private void turn(boolean on) {
    broker.await(broker.broker().admin().firehose("/", on));
  }

  private void publishToQ(String text) throws Exception {
    service.channel.basicPublish("", "q", null, text.getBytes());
  }

  private static Map<String, Object> headers(Delivery delivery) {
    return delivery.getProperties().getHeaders();
  }

  private static String shown(Map<String, Object> headers, String name) {
    return String.valueOf(headers.get(name));
  }

  private String connectionOf(String user) {
    return broker.broker().connections().stream()
        .filter(c -> c.user().equals(user) && !c.protocol().equals("in-JVM"))
        .map(ConnectionInfo::id)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aPublishAndADeliveryAreCopiedWithAllThatRabbitMqSaysOfThem() throws Exception {
    service.channel.exchangeDeclare("test", "fanout");
    service.channel.queueBind("q", "test", "");
    service.channel.queueDeclare("other", false, false, false, null);
    service.channel.queueBind("other", "test", "");
    turn(true);
    BasicProperties properties =
        new BasicProperties.Builder()
            .contentType("text/plain")
            .deliveryMode(2)
            .priority(3)
            .correlationId("c-1")
            .expiration("60000")
            .timestamp(new Date(1_700_000_000_000L))
            .headers(Map.of("h", 7, "CC", List.of("also")))
            .build();
    service.channel.basicPublish("test", "key", properties, "body".getBytes());
    GetResponse got = service.channel.basicGet("q", false);
    service.channel.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
    service.channel.basicGet("q", true);

    Delivery publish = firehose.take();
    assertThat(publish.getEnvelope().getExchange()).isEqualTo(TRACE);
    assertThat(publish.getEnvelope().getRoutingKey()).isEqualTo("publish.test");
    assertThat(Service.text(publish)).isEqualTo("body");
    assertThat(publish.getProperties().getDeliveryMode()).isIn(null, 1);
    Map<String, Object> said = headers(publish);
    assertThat(said)
        .containsOnlyKeys(
            "exchange_name",
            "routing_keys",
            "properties",
            "node",
            "vhost",
            "connection",
            "channel",
            "user",
            "routed_queues");
    assertThat(shown(said, "exchange_name")).isEqualTo("test");
    assertThat(shown(said, "routing_keys")).isEqualTo("[key, also]");
    assertThat(shown(said, "node")).isEqualTo("carrick");
    assertThat(shown(said, "vhost")).isEqualTo("/");
    assertThat(shown(said, "connection")).isEqualTo(connectionOf("guest"));
    assertThat(said).containsEntry("channel", service.channel.getChannelNumber());
    assertThat(shown(said, "user")).isEqualTo("guest");
    assertThat(shown(said, "routed_queues")).contains("q", "other");
    @SuppressWarnings("unchecked")
    var table = (Map<String, Object>) said.get("properties");
    assertThat(table)
        .containsEntry("delivery_mode", 2)
        .containsEntry("priority", 3)
        .containsEntry("timestamp", 1_700_000_000);
    assertThat(shown(table, "content_type")).isEqualTo("text/plain");
    assertThat(shown(table, "correlation_id")).isEqualTo("c-1");
    assertThat(shown(table, "expiration")).isEqualTo("60000");
    assertThat(shown(table, "headers")).contains("h=7");

    Delivery deliver = firehose.take();
    assertThat(deliver.getEnvelope().getRoutingKey()).isEqualTo("deliver.q");
    assertThat(Service.text(deliver)).isEqualTo("body");
    assertThat(headers(deliver))
        .containsEntry("redelivered", 0)
        .containsEntry("channel", service.channel.getChannelNumber())
        .containsKeys("exchange_name", "routing_keys", "properties", "node", "vhost", "user")
        .doesNotContainKey("routed_queues");
    assertThat(headers(firehose.take())).containsEntry("redelivered", 1);
  }

  @Test
  void onlyWhatComesWhileItIsOnIsCopiedAndNothingOfItself() throws Exception {
    publishToQ("before");
    turn(true);
    turn(true);
    publishToQ("while");
    service.channel.basicGet("q", true);
    service.channel.basicGet("q", true);
    assertThat(Service.text(firehose.take())).isEqualTo("while");
    assertThat(Service.text(firehose.take())).isEqualTo("while"); // its delivery
    turn(false);
    publishToQ("after");
    service.channel.basicGet("q", true);
    turn(true);
    publishToQ("again");
    Delivery next = firehose.take();
    assertThat(next.getEnvelope().getRoutingKey()).isEqualTo("publish.");
    assertThat(Service.text(next)).isEqualTo("again");
    assertThat(broker.broker().metrics().value("messages.firehose")).isEqualTo(3);
  }

  @Test
  void adeviceIsCopiedAsAnAmqpClientIs() throws Exception {
    Device5 sensor = clients.device5("sensor-17");
    Device5 display = clients.device5("display").subscribe("greenhouse/#", 1);
    turn(true);
    sensor.publish("greenhouse/1/temp", "21.5", 1);
    display.take();

    Delivery publish = firehose.take();
    assertThat(publish.getEnvelope().getRoutingKey()).isEqualTo("publish.amq.topic");
    assertThat(shown(headers(publish), "routing_keys")).isEqualTo("[greenhouse.1.temp]");
    assertThat(shown(headers(publish), "routed_queues")).isEqualTo("[mqtt.session.display]");
    assertThat(headers(publish)).containsEntry("channel", 0);
    Delivery deliver = firehose.take();
    assertThat(deliver.getEnvelope().getRoutingKey()).isEqualTo("deliver.mqtt.session.display");
    assertThat(Service.text(deliver)).isEqualTo("21.5");
  }

  @Test
  void nobodyPublishesThereAndAnotherVirtualHostIsNotCopied() throws Exception {
    turn(true);
    try (var client = broker.broker().connect("other")) {
      client.publisher("amq.topic").publish("elsewhere", io.carrick.Message.of("no"));
    }
    var channel = service.channel();
    assertThat(
            Service.replyCode(
                () -> {
                  channel.confirmSelect();
                  channel.basicPublish(TRACE, "publish.me", null, "no".getBytes());
                  channel.waitForConfirmsOrDie(5_000);
                }))
        .isEqualTo(403);
    publishToQ("yes");
    assertThat(Service.text(firehose.take())).isEqualTo("yes");
  }

  @Test
  void itIsForWhoMayAdministerTheVirtualHost() {
    var admin = broker.broker().admin(Identity.ofUser("nobody"));
    assertThatThrownBy(() -> broker.await(admin.firehose("/", true)))
        .hasCauseInstanceOf(AccessRefusedException.class);
  }
}
