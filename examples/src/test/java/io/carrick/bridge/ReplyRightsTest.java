package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.GetResponse;
import io.carrick.Binding;
import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.Permissions;
import io.carrick.TopicPermissions;
import io.carrick.User;
import io.carrick.Users;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may answer a request: with permissions, after a restart, in other virtual hosts (MAP-19). */
class ReplyRightsTest {

  private static final String NOTHING = "";

  private static final User LAMP =
      User.of("lamp", "p")
          .permitted(
              "/", new Permissions("^mqtt\\.", "^(mqtt\\.|amq\\.topic$)", "^(mqtt\\.|amq\\.)"));

  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  @TempDir Path directory;

  @AfterEach
  void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  private <T extends AutoCloseable> T keep(T one) {
    open.push(one);
    return one;
  }

  private static EmbeddedBroker.Builder builder(Mqtt mqtt) {
    return EmbeddedBroker.builder().adapter(mqtt).adapter(Amqp.onAnyPort());
  }

  private Broker start(EmbeddedBroker.Builder description) {
    return keep(description.start());
  }

  private Device5 lamp(Broker broker, String user) {
    return keep(
        Device5.connect(
            broker.address("mqtt"),
            "lamp",
            Mqtt5Connect.builder()
                .cleanStart(false)
                .noSessionExpiry()
                .simpleAuth()
                .username(user)
                .password("p".getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .build()));
  }

  private Broker withPermissions(Permissions requester) {
    Users users = Users.none().with(LAMP).with(User.of("requester", "p").permitted("/", requester));
    return start(builder(Mqtt.onAnyPort()).users(users));
  }

  private Mqtt5Publish asked(Broker broker, Device5 lamp, String replyTo) throws Exception {
    lamp.subscribe("lamp/ask", 1);
    Service requester = keep(Service.connect(broker.address("amqp"), "requester", "p"));
    ServiceAsksDeviceTest.ask(requester, replyTo, "42");
    return lamp.take();
  }

  private static void declare(Broker broker, String queue) {
    try (Client program = broker.connect()) {
      program.topology().queue(queue).declare();
    }
  }

  private static String received(Broker broker, String queue) {
    try (Client program = broker.connect()) {
      return program.poll(queue).map(got -> got.message().text()).orElse(NOTHING);
    }
  }

  @Test
  @DisplayName("a device needs no permission but to have been asked [MAP-19]")
  void theDeviceNeedsNone() throws Exception {
    Broker broker = withPermissions(Permissions.all());
    declare(broker, "mine");
    Device5 lamp = lamp(broker, "lamp");

    lamp.publish(ServiceAsksDeviceTest.answer(asked(broker, lamp, "mine"), "bright"));

    assertThat(received(broker, "mine")).isEqualTo("bright");
  }

  @Test
  @DisplayName("who may write to the queue may have it answered to [MAP-19]")
  void whoMayWriteToTheQueue() throws Exception {
    Broker broker = withPermissions(new Permissions("", "^(amq\\.topic|mine)$", ""));
    declare(broker, "mine");
    Device5 lamp = lamp(broker, "lamp");

    lamp.publish(ServiceAsksDeviceTest.answer(asked(broker, lamp, "mine"), "bright"));

    assertThat(received(broker, "mine")).isEqualTo("bright");
  }

  @Test
  @DisplayName("nobody gives away what it may not do itself [MAP-19]")
  void whoMayNot() throws Exception {
    Broker broker = withPermissions(new Permissions("", "^(amq\\.topic|mine)$", ""));
    declare(broker, "orders");

    Mqtt5Publish request = asked(broker, lamp(broker, "lamp"), "orders");

    assertThat(request.getResponseTopic()).isEmpty();
    assertThat(Device5.text(request)).isEqualTo("how bright?");
  }

  @Test
  @DisplayName("direct reply-to is everybody's who may consume it [MAP-19]")
  void directly() throws Exception {
    Broker broker = withPermissions(new Permissions("", "^amq\\.topic$", ""));
    Device5 lamp = lamp(broker, "lamp").subscribe("lamp/ask", 1);
    Service requester = keep(Service.connect(broker.address("amqp"), "requester", "p"));
    var answers = Service.consume(requester.channel, "amq.rabbitmq.reply-to", true);

    ServiceAsksDeviceTest.ask(requester, "amq.rabbitmq.reply-to", "42");
    lamp.publish(ServiceAsksDeviceTest.answer(lamp.take(), "bright"));

    assertThat(Service.text(answers.take())).isEqualTo("bright");
  }

  @Test
  @DisplayName("this JVM's program may be answered wherever it wants [MAP-19]")
  void theProgram() throws Exception {
    Broker broker = withPermissions(Permissions.all());
    declare(broker, "mine");
    Device5 lamp = lamp(broker, "lamp").subscribe("lamp/ask", 1);
    try (Client program = broker.connect()) {
      program
          .publisher("amq.topic")
          .send("lamp.ask", Message.builder("how bright?").replyTo("mine").build());
      lamp.publish(ServiceAsksDeviceTest.answer(lamp.take(), "bright"));
    }
    assertThat(received(broker, "mine")).isEqualTo("bright");
  }

  @Test
  @DisplayName("who was asked before a restart may answer behind it [MAP-19]")
  void afterARestart() throws Exception {
    EmbeddedBroker.Builder description =
        builder(Mqtt.onAnyPort()).store(Journal.in(directory.resolve("store")));
    Broker first = start(description);
    Device5 lamp = lamp(first, "lamp").subscribe("lamp/ask", 1);
    Service requester = keep(Service.connect(first.address("amqp")));
    requester.channel.queueDeclare("durable", true, false, false, null);
    ServiceAsksDeviceTest.ask(requester, "durable", "1");
    Mqtt5Publish before = lamp.take();
    lamp.disconnect();
    requester.channel.confirmSelect();
    ServiceAsksDeviceTest.ask(requester, "durable", "2");
    requester.channel.waitForConfirmsOrDie();
    close();

    Broker second = start(description);
    Device5 back = lamp(second, "lamp");
    Mqtt5Publish waited = back.take();
    back.publish(ServiceAsksDeviceTest.answer(before, "bright"));
    back.publish(ServiceAsksDeviceTest.answer(waited, "dark"));

    Service asker = keep(Service.connect(second.address("amqp")));
    GetResponse bright = asker.channel.basicGet("durable", true);
    GetResponse dark = asker.channel.basicGet("durable", true);
    assertThat(Service.text(bright)).isEqualTo("bright");
    assertThat(bright.getProps().getCorrelationId()).isEqualTo("1");
    assertThat(Service.text(dark)).isEqualTo("dark");
    assertThat(dark.getProps().getCorrelationId()).isEqualTo("2");
  }

  @Test
  @DisplayName("a broker that never had the journal knows nobody who was asked [MAP-19]")
  void inAnotherBroker() throws Exception {
    Broker one = start(builder(Mqtt.onAnyPort()));
    Device5 lamp = lamp(one, "lamp").subscribe("lamp/ask", 1);
    Service requester = keep(Service.connect(one.address("amqp")));
    ServiceAsksDeviceTest.ask(requester, "mine", "1");
    Mqtt5Publish request = lamp.take();

    Broker other = start(builder(Mqtt.onAnyPort()));
    declare(other, "mine");

    assertThat(
            ServiceAsksDeviceTest.refusal(
                lamp(other, "lamp"), ServiceAsksDeviceTest.answer(request, "bright")))
        .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED);
    assertThat(received(other, "mine")).isEqualTo(NOTHING);
  }

  @Test
  @DisplayName("a queue of that name in another virtual host is another one [MAP-19]")
  void inAnotherVirtualHost() throws Exception {
    Broker broker = start(builder(Mqtt.onAnyPort()).virtualHost("other"));
    try (Client program = broker.connect("other")) {
      program.topology().queue("mine").declare();
    }
    Device5 lamp = lamp(broker, "lamp").subscribe("lamp/ask", 1);
    Service requester = keep(Service.connect(broker.address("amqp")));
    ServiceAsksDeviceTest.ask(requester, "mine", "1");
    Mqtt5Publish request = lamp.take();

    Device5 elsewhere = lamp(broker, "other:lamp");
    assertThat(
            ServiceAsksDeviceTest.refusal(
                elsewhere, ServiceAsksDeviceTest.answer(request, "bright")))
        .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED);
    declare(broker, "mine");
    lamp.publish(ServiceAsksDeviceTest.answer(request, "bright"));
    assertThat(received(broker, "mine")).isEqualTo("bright");
    try (Client program = broker.connect("other")) {
      assertThat(program.poll("mine")).isEmpty();
    }
  }

  @Test
  @DisplayName("where RabbitMQ's tables are followed nobody is asked to answer [MAP-19] [MAP-4]")
  void inTheOtherProfile() throws Exception {
    Broker broker = start(builder(Mqtt.onAnyPort()).mapping(Mapping.rabbitMq()));
    declare(broker, "mine");
    Device5 lamp = lamp(broker, "lamp").subscribe("lamp/ask", 1);
    Service requester = keep(Service.connect(broker.address("amqp")));

    ServiceAsksDeviceTest.ask(requester, "mine", "1");

    assertThat(lamp.take().getResponseTopic()).isEmpty();
  }

  // ---- answers to topics

  /** A device asks, a service that knows no topics answers; returns the service. */
  private Service answering(Broker broker, String exchange, Service clock) throws Exception {
    keep(clock);
    String questions = "questions";
    try (Client program = broker.connect()) {
      program.topology().queue(questions).declare();
      program.topology().bind(Binding.of(exchange, questions, "clock.ask"));
    }
    var requests = Service.consume(clock.channel, questions, true);
    Device5 lamp = lamp(broker, "lamp").subscribe("answers", 1);
    lamp.publish(
        Mqtt5Publish.builder()
            .topic("clock/ask")
            .qos(MqttQos.AT_LEAST_ONCE)
            .responseTopic("answers")
            .build());
    String replyTo = requests.take().getProperties().getReplyTo();
    clock.channel.basicPublish("", replyTo, null, "late".getBytes(StandardCharsets.UTF_8));
    return clock;
  }

  @Test
  @DisplayName("who answers to a topic has to be permitted to publish there: 403 [MAP-19]")
  void toATopicByPermission() throws Exception {
    var lamp = User.of("lamp", "p").permitted("/");
    var clock =
        User.of("clock", "p")
            .permitted("/", new Permissions("", "^amq\\.(default|topic)$", "^questions$"));
    Users may = Users.none().with(lamp).with(clock);
    Users mayNot =
        Users.none()
            .with(lamp)
            .with(clock.permitted("/", "amq.topic", new TopicPermissions("^other$", ".*")));

    Broker open = start(builder(Mqtt.onAnyPort()).users(may));
    answering(open, "amq.topic", Service.connect(open.address("amqp"), "clock", "p"))
        .channel
        .basicQos(1); // which the broker answers
    Broker closed = start(builder(Mqtt.onAnyPort()).users(mayNot));
    assertThat(
            answering(closed, "amq.topic", Service.connect(closed.address("amqp"), "clock", "p"))
                .expectChannelClosed())
        .isEqualTo(AMQP.ACCESS_REFUSED);
  }

  @Test
  @DisplayName("the topic is one of the exchange that MQTT uses [MAP-19] [MAP-37]")
  void toATopicOfAnotherExchange() throws Exception {
    Broker broker = start(builder(Mqtt.onAnyPort().exchange("devices")));
    try (Client program = broker.connect()) {
      program.topology().exchange("devices", "topic").declare();
      program.topology().queue("seen").declare();
      program.topology().bind(Binding.of("devices", "seen", "answers"));

      answering(broker, "devices", Service.connect(broker.address("amqp"))).channel.basicQos(1);

      assertThat(program.poll("seen").map(got -> got.message().text())).contains("late");
    }
  }
}
