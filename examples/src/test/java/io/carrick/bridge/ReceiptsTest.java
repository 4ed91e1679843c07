package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import io.carrick.Broker;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.Publisher;
import io.carrick.Receipt;
import io.carrick.ReceiptReport;
import io.carrick.ReceiptReport.Outcome;
import io.carrick.ReceiptReport.Result;
import io.carrick.Source;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.Authorizer.Action;
import io.carrick.testing.BrokerExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A publisher of either protocol learns who has really received its message (MAP-18). */
class ReceiptsTest {

  private static final String SECRET = "secret";

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder()
              .adapter(Mqtt.onAnyPort())
              .adapter(Amqp.onAnyPort())
              .limits(Limits.defaults().with(Limit.RECEIPTS, 20))
              .authorizer(
                  (who, action, resource) ->
                      action != Action.WRITE || !resource.name().contains(SECRET)));

  @RegisterExtension final Clients clients = new Clients(broker);

  private static Mqtt5Publish asking(String topic, String receipt, int qos) {
    return Mqtt5Publish.builder()
        .topic(topic)
        .payload("hello".getBytes(StandardCharsets.UTF_8))
        .qos(MqttQos.fromCode(qos))
        .responseTopic("receipts/sender")
        .correlationData("42".getBytes(StandardCharsets.UTF_8))
        .userProperties()
        .add("x-receipt", receipt)
        .applyUserProperties()
        .build();
  }

  /** Connects a device that time may pass for. */
  private Device5 sender() {
    Mqtt5Connect connect = Mqtt5Connect.builder().noKeepAlive().build();
    return clients.device5("sender", connect).subscribe("receipts/sender", 1);
  }

  private static AMQP.BasicProperties asking(String receipt, String replyTo) {
    return new AMQP.BasicProperties.Builder()
        .deliveryMode(2)
        .headers(Map.of("x-receipt", receipt))
        .replyTo(replyTo)
        .correlationId("42")
        .build();
  }

  private static Inbox<Delivery> replies(Service service) throws IOException {
    return Service.consume(service.channel, "amq.rabbitmq.reply-to", true);
  }

  private static String userProperty(Mqtt5Publish message, String name) {
    return message.getUserProperties().asList().stream()
        .filter(property -> property.getName().toString().equals(name))
        .map(property -> property.getValue().toString())
        .findFirst()
        .orElse("");
  }

  private static String result(String answer) {
    return answer.replaceAll("\"waitedMs\":[0-9]+,", "");
  }

  private static String numbers(String result, int targets, int acknowledged, int rejected) {
    return "{\"result\":\"%s\",\"targets\":%d,\"acknowledged\":%d,\"rejected\":%d,"
        .formatted(result, targets, acknowledged, rejected);
  }

  private static void acknowledge(Service by, Delivery delivery) throws IOException {
    by.channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
  }

  @Test
  @DisplayName("a device learns that a service has acknowledged, at its Response Topic [MAP-18]")
  void deviceToService() throws Exception {
    Service service = clients.service();
    String queue = service.queue("orders.new");
    Inbox<Delivery> orders = service.consume(queue);
    Device5 sender = sender();

    sender.publish(asking("orders/new", "all", 1));
    Delivery order = orders.take();
    assertThat(order.getProperties().getHeaders().get("x-receipt").toString()).isEqualTo("all");
    acknowledge(service, order);

    Mqtt5Publish answer = sender.take();
    assertThat(StandardCharsets.UTF_8.decode(answer.getCorrelationData().orElseThrow()).toString())
        .isEqualTo("42");
    assertThat(answer.getContentType().orElseThrow().toString()).isEqualTo("application/json");
    assertThat(answer.getQos()).isEqualTo(MqttQos.AT_LEAST_ONCE);
    assertThat(userProperty(answer, "x-receipt-result")).isEqualTo("fulfilled");
    assertThat(userProperty(answer, "x-receipt-targets")).isEqualTo("1");
    assertThat(userProperty(answer, "x-receipt-acknowledged")).isEqualTo("1");
    assertThat(result(Device5.text(answer)))
        .isEqualTo(
            numbers("fulfilled", 1, 1, 0)
                + """
                "expired":0,"dropped":0,"timedOut":0,"queues":[{"queue":"%s",\
                "outcome":"acknowledged","protocol":"AMQP 0-9-1","name":"service",\
                "user":"guest"}]}"""
                    .formatted(queue));
  }

  @Test
  @DisplayName("a device that answers a service learns that the answer is there [MAP-18] [MAP-19]")
  void deviceThatAnswers() throws Exception {
    Device5 sender = sender().subscribe("lamps/+", 1);
    Service service = clients.service();
    Inbox<Delivery> answers = replies(service);
    var request = new AMQP.BasicProperties.Builder().replyTo("amq.rabbitmq.reply-to").build();

    service.publish("lamps.ask", new byte[0], request);
    String address = sender.take().getResponseTopic().orElseThrow().toString();
    sender.publish(asking(address, "all", 1));

    assertThat(Service.text(answers.take())).isEqualTo("hello");
    assertThat(Device5.text(sender.take())).startsWith(numbers("fulfilled", 1, 1, 0));
  }

  @Test
  @DisplayName("the name that stands for a topic is an address, too [MAP-18] [MAP-19]")
  void toTheNameOfATopic() throws Exception {
    Device5 sender = sender();
    Service service = clients.service();
    Inbox<Delivery> orders = Service.consume(service.channel, service.queue("orders.new"), true);

    service.publish("orders.new", new byte[0], asking("all", "$topic.receipts.sender"));

    orders.take();
    assertThat(Device5.text(sender.take())).startsWith(numbers("fulfilled", 1, 1, 0));
  }

  @Test
  @DisplayName("a service learns how many devices have it, by direct reply-to [MAP-18]")
  void serviceToDevices() throws Exception {
    clients.device5("one").subscribe("lamps/+", 0);
    clients.device5("two").subscribe("lamps/+", 1);
    clients.device5("three").subscribe("lamps/+", 2);
    clients.keep(Device5.rejecting(broker.address("mqtt"), "four", "no")).subscribe("lamps/#", 1);
    Service service = clients.service();
    Inbox<Delivery> answers = replies(service);

    service.publish("lamps.on", new byte[0], asking("all", "amq.rabbitmq.reply-to"));

    Delivery answer = answers.take();
    assertThat(answer.getProperties().getCorrelationId()).isEqualTo("42");
    assertThat(answer.getProperties().getHeaders())
        .containsEntry("x-receipt-targets", 4)
        .containsEntry("x-receipt-acknowledged", 3)
        .containsEntry("x-receipt-rejected", 1);
    assertThat(Service.text(answer))
        .startsWith(numbers("failed", 4, 3, 1))
        .contains("\"name\":\"one\"", "\"name\":\"two\"", "\"name\":\"three\"")
        .contains("\"outcome\":\"rejected\",\"protocol\":\"MQTT 5");
  }

  @Test
  @DisplayName("an answer comes to a queue, as soon as enough have acknowledged [MAP-18]")
  void enough() throws Exception {
    Device5 first = clients.device5("first").acknowledgingByHand().subscribe("lamps/+", 1);
    Device5 second = clients.device5("second").acknowledgingByHand().subscribe("lamps/+", 1);
    Service service = clients.service();
    service.channel.queueDeclare("answers", false, true, true, null);
    Inbox<Delivery> answers = Service.consume(service.channel, "answers", true);

    service.publish("lamps.on", new byte[0], asking("count=1;timeout=1h", "answers"));
    second.take().acknowledge();

    assertThat(Service.text(answers.take()))
        .startsWith(numbers("fulfilled", 2, 1, 0))
        .contains("\"name\":\"second\"");
    first.take().acknowledge();
    service.publish("lamps.off", new byte[0], asking("count=1", "answers"));
    first.take().acknowledge();
    assertThat(Service.text(answers.take())).contains("\"name\":\"first\"");
  }

  @Test
  @DisplayName("a device that is away counts when it is back and acknowledges [MAP-18]")
  void away() {
    Device5 lamp = clients.device5("lamp", Device5.returning()).subscribe("lamps/+", 1);
    lamp.disconnect();
    Device5 sender = sender();
    sender.publish(asking("lamps/on", "all;timeout=1d", 1));
    broker.advance(Duration.ofHours(20));
    assertThat(broker.broker().metrics().value("receipts.answered")).isZero();

    clients.device5("lamp", Device5.returning());

    Mqtt5Publish answer = sender.take();
    assertThat(Device5.text(answer))
        .startsWith(numbers("fulfilled", 1, 1, 0))
        .contains("\"queue\":\"mqtt.session.lamp\"", "\"name\":\"lamp\"");
  }

  @Test
  @DisplayName("what has not become clear in time is told as that [MAP-18]")
  void timeout() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> orders = service.consume(service.queue("orders.*"));
    Device5 till = clients.device5("till").acknowledgingByHand().subscribe("orders/+", 2);
    Device5 sender = sender();
    sender.publish(asking("orders/new", "all;timeout=5s", 1));
    Delivery order = orders.take();
    till.take().acknowledge();
    till.publish("anything", "behind its PUBREC", 1);

    broker.advance(Duration.ofSeconds(5));

    assertThat(Device5.text(sender.take()))
        .startsWith(numbers("timeout", 2, 1, 0))
        .contains("\"timedOut\":1,\"waitedMs\":5000,")
        .contains("{\"queue\":\"mqtt.session.till\",\"outcome\":\"acknowledged\"")
        .contains("\"outcome\":\"timed-out\"}");
    acknowledge(service, order);
  }

  @Test
  @DisplayName("a program gets the report for what consumers of both protocols did [MAP-18]")
  void program() throws Exception {
    clients.device5("lamp").subscribe("lamps/+", 1);
    Service service = clients.service();
    Inbox<Delivery> audit = service.consume(service.queue("lamps.*"));
    Publisher publisher = broker.client().publisher("amq.topic");
    Message message = Message.builder("on").persistent().receipt(Receipt.all()).build();

    CompletableFuture<ReceiptReport> receipt =
        publisher.publishForReceipt("lamps.on", message).toCompletableFuture();
    Delivery delivery = audit.take();
    assertThat(receipt).isNotDone();
    service.channel.basicReject(delivery.getEnvelope().getDeliveryTag(), false);

    ReceiptReport report = broker.await(receipt);
    assertThat(report.result()).isEqualTo(Result.FAILED);
    assertThat(report.counts().acknowledged()).isEqualTo(1);
    assertThat(report.counts().rejected()).isEqualTo(1);
    assertThat(report.entries())
        .anySatisfy(
            entry -> {
              assertThat(entry.outcome()).isEqualTo(Outcome.REJECTED);
              assertThat(entry.by().orElseThrow().name()).isEqualTo("service");
            });
  }

  @Test
  @DisplayName("a program that consumes counts as any other [MAP-18]")
  void programConsumes() {
    broker.client().consumer(Source.topic("orders.#")).start(delivery -> delivery.accept());
    Device5 sender = sender();
    sender.publish(asking("orders/new", "count=1", 0));
    assertThat(Device5.text(sender.take())).startsWith(numbers("fulfilled", 1, 1, 0));
  }

  @Test
  @DisplayName("the end of the broker ends what programs wait for [MAP-18]")
  void end() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("lamps", false, false, false, null);
    service.channel.queueBind("lamps", "amq.topic", "lamps.*");
    Message message = Message.builder("on").receipt(Receipt.all()).build();
    CompletableFuture<ReceiptReport> receipt =
        broker
            .client()
            .publisher("amq.topic")
            .publishForReceipt("lamps.on", message)
            .toCompletableFuture();
    broker.broker().close();
    assertThatThrownBy(receipt::join).isInstanceOf(CompletionException.class);
  }

  @Test
  @DisplayName("what goes nowhere is told at once [MAP-18]")
  void nowhere() {
    Device5 sender = sender();
    sender.publish(asking("nobody/listens", "all;timeout=1d", 1));
    assertThat(Device5.text(sender.take())).startsWith(numbers("unroutable", 0, 0, 0));
  }

  @Test
  @DisplayName("what a service publishes in a transaction counts from its commit [MAP-18]")
  void transaction() throws Exception {
    clients.device5("lamp").subscribe("lamps/+", 1);
    Service service = clients.service();
    Inbox<Delivery> answers = replies(service);
    service.channel.txSelect();
    service.channel.basicPublish(
        "amq.topic", "lamps.on", asking("all;timeout=10s", "amq.rabbitmq.reply-to"), new byte[0]);
    broker.advance(Duration.ofSeconds(20));
    service.channel.txCommit();
    assertThat(Service.text(answers.take())).startsWith(numbers("fulfilled", 1, 1, 0));
  }

  // ---- what is refused

  @Test
  @DisplayName("what is no receipt is refused with 0x83, and reaches nobody [MAP-18]")
  void malformedByMqtt() {
    Device5 lamp = clients.device5("lamp").subscribe("lamps/+", 1);
    Device5 sender = sender();
    assertThat(ServiceAsksDeviceTest.refusal(sender, asking("lamps/on", "some", 1)))
        .isEqualTo(Mqtt5PubAckReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
    Mqtt5Publish nowhere =
        Mqtt5Publish.builder()
            .topic("lamps/on")
            .qos(MqttQos.AT_LEAST_ONCE)
            .userProperties()
            .add("x-receipt", "all")
            .applyUserProperties()
            .build();
    assertThat(ServiceAsksDeviceTest.refusal(sender, nowhere))
        .isEqualTo(Mqtt5PubAckReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
    sender.publish("lamps/off", "later", 1);
    assertThat(Device5.text(lamp.take())).isEqualTo("later");
  }

  @Test
  @DisplayName("what is no receipt closes the channel with 406 [MAP-18]")
  void malformedByAmqp() throws Exception {
    Service service = clients.service();
    service.channel.basicPublish("amq.topic", "lamps.on", asking("count=0", "q"), new byte[0]);
    assertThat(service.expectChannelClosed()).isEqualTo(AMQP.PRECONDITION_FAILED);
    Service nowhere = clients.service();
    nowhere.channel.basicPublish("amq.topic", "lamps.on", asking("all", null), new byte[0]);
    assertThat(nowhere.expectChannelClosed()).isEqualTo(AMQP.PRECONDITION_FAILED);
  }

  @Test
  @DisplayName("beyond the bound a publish is refused: 0x97, basic.nack [MAP-18]")
  void tooMany() throws Exception {
    Service service = clients.service();
    String queue = service.queue("orders.*");
    Device5 sender = sender();
    for (int i = 0; i < 20; i++) {
      sender.publish(asking("orders/new", "all;timeout=1h", 1));
    }
    assertThat(ServiceAsksDeviceTest.refusal(sender, asking("orders/new", "all", 1)))
        .isEqualTo(Mqtt5PubAckReasonCode.QUOTA_EXCEEDED);
    Channel confirming = service.channel();
    var nacks = new Inbox<Long>("the publisher");
    confirming.addConfirmListener((tag, multiple) -> {}, (tag, multiple) -> nacks.add(tag));
    confirming.confirmSelect();
    confirming.basicPublish("amq.topic", "orders.new", asking("all", queue), new byte[0]);
    assertThat(nacks.take()).isEqualTo(1);

    service.channel.queuePurge(queue);
    assertThat(Device5.text(sender.take())).startsWith(numbers("failed", 1, 0, 0));
    sender.publish(asking("orders/new", "all;timeout=1h", 1));
  }

  @Test
  @DisplayName("nobody has an answer sent where it may not publish itself [MAP-18]")
  void rights() {
    Device5 sender = clients.device5("sender");
    Mqtt5Publish message =
        asking("lamps/on", "all", 1).extend().responseTopic("receipts/" + SECRET).build();
    assertThat(ServiceAsksDeviceTest.refusal(sender, message))
        .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED);
  }

  // ---- restarts, and topics as RabbitMQ spells them

  private static EmbeddedBroker.Builder builder() {
    return EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort());
  }

  @Test
  @DisplayName("what was counted before a restart is told after it [MAP-18]")
  void restart(@TempDir Path directory) throws Exception {
    try (Broker first = builder().store(Journal.in(directory)).start();
        Device5 sender = Device5.connect(first.address("mqtt"), "sender", Device5.returning());
        Device5 lamp = Device5.connect(first.address("mqtt"), "lamp", Device5.returning());
        Service service = Service.connect(first.address("amqp"))) {
      sender.subscribe("receipts/sender", 1);
      lamp.subscribe("lamps/+", 1);
      lamp.disconnect();
      service.channel.queueDeclare("audit", true, false, false, null);
      service.channel.queueBind("audit", "amq.topic", "lamps.*");
      sender.publish(asking("lamps/on", "all;timeout=1h", 1));
      service.channel.basicGet("audit", true);
    }
    try (Broker second = builder().store(Journal.in(directory)).start();
        Device5 sender = Device5.connect(second.address("mqtt"), "sender", Device5.returning());
        Device5 lamp = Device5.connect(second.address("mqtt"), "lamp", Device5.returning())) {
      assertThat(Device5.text(lamp.take())).isEqualTo("hello");
      assertThat(Device5.text(sender.take()))
          .startsWith(numbers("fulfilled", 2, 2, 0))
          .contains("{\"queue\":\"audit\",\"outcome\":\"acknowledged\"")
          .contains("\"name\":\"service\"", "\"name\":\"lamp\"");
    }
  }

  @Test
  @DisplayName("an answer's topic is spelled as all others of its virtual host [MAP-18]")
  void spelled() throws Exception {
    try (Broker other = builder().mapping(Mapping.rabbitMq()).start();
        Device5 sender = Device5.connect(other.address("mqtt"), "sender");
        Service service = Service.connect(other.address("amqp"))) {
      Inbox<Delivery> answers = service.listen("receipts.a.b");
      sender.publish(
          asking("nobody/listens", "all", 1).extend().responseTopic("receipts/a.b").build());
      assertThat(Service.text(answers.take())).startsWith(numbers("unroutable", 0, 0, 0));
    }
  }
}
