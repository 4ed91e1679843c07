package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.SessionInfo;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.util.Map;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Session queues as AMQP sees them, and bounds of filters and keys (MAP-36, MAP-39). */
class SessionQueuesTest {

  private static final int SESSION_MESSAGES = 5;

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .loops(NettyLoops.factory(3))
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .limits(
                      Limits.defaults()
                          .with(Limit.TOPIC_LEVELS, 8)
                          .with(Limit.SESSION_QUEUE_MESSAGES, SESSION_MESSAGES)))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  /** Leaves a session with one message in its queue. */
  private String leaveSession() throws Exception {
    Device device = clients.returningDevice("device").subscribe("kept", 1);
    device.disconnect();
    clients.service().publish("kept", "waits");
    return "mqtt.session.device";
  }

  // ---- MAP-36

  @Test
  @DisplayName("AMQP sees a session's queue and how much is in it [MAP-36]")
  void sessionQueueIsVisible() throws Exception {
    String queue = leaveSession();

    AMQP.Queue.DeclareOk seen = clients.service().channel.queueDeclarePassive(queue);

    assertThat(seen.getMessageCount()).isEqualTo(1);
    assertThat(seen.getConsumerCount()).isZero();
    assertThat(broker.broker().sessions())
        .extracting(SessionInfo::queue, SessionInfo::connected, SessionInfo::messages)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(queue, false, 1L));
  }

  /** What another client than the session's own may try to do with its queue. */
  enum Use {
    CONSUME,
    GET,
    PURGE,
    DELETE,
    BIND,
    UNBIND,
    DECLARE
  }

  @ParameterizedTest(name = "{0}")
  @org.junit.jupiter.params.provider.EnumSource(Use.class)
  @DisplayName("AMQP may not use a session's queue: 403, and its client loses nothing [MAP-36]")
  void sessionQueueIsNotForOthers(Use use) throws Exception {
    String queue = leaveSession();
    Service rude = clients.service();

    assertThat(
            Service.replyCode(
                () -> {
                  switch (use) {
                    case CONSUME -> rude.consume(queue);
                    case GET -> rude.channel.basicGet(queue, true);
                    case PURGE -> rude.channel.queuePurge(queue);
                    case DELETE -> rude.channel.queueDelete(queue);
                    case BIND -> rude.channel.queueBind(queue, "amq.fanout", "");
                    case UNBIND -> rude.channel.queueUnbind(queue, "amq.topic", "kept");
                    case DECLARE -> rude.channel.queueDeclare(queue, true, false, false, Map.of());
                  }
                }))
        .isEqualTo(AMQP.ACCESS_REFUSED);
    assertThat(clients.returningDevice("device").take().text()).isEqualTo("waits");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"mqtt.session.other", "mqtt.share.x", "mqtt.", "mqtt.mine"})
  @DisplayName("names that start with mqtt. are reserved: 403 [MAP-36]")
  void reservedNames(String name) throws Exception {
    Service service = clients.service();

    assertThat(
            Service.replyCode(() -> service.channel.queueDeclare(name, true, false, false, null)))
        .isEqualTo(AMQP.ACCESS_REFUSED);
  }

  @Test
  @DisplayName("a client id too long for AMQP shows as a short hash [MAP-36]")
  void longClientIdsShowAsHash() throws Exception {
    String clientId = "device-" + "x".repeat(300);
    Device device = clients.returningDevice(clientId).subscribe("kept", 1);

    String queue = broker.broker().sessions().get(0).queue();

    assertThat(queue).matches("mqtt\\.session\\.[0-9a-f]{32}");
    assertThat(clients.service().channel.queueDeclarePassive(queue).getConsumerCount())
        .isEqualTo(1);
    clients.service().publish("kept", "x");
    assertThat(device.take().text()).isEqualTo("x");
  }

  @Test
  @DisplayName("AMQP reaches a session through the default exchange by its queue's name [MAP-36]")
  void defaultExchangeReachesSessions() throws Exception {
    String queue = leaveSession();
    Service service = clients.service();
    service.channel.confirmSelect();

    service.channel.basicPublish("", queue, Service.persistent(), new byte[] {'d'});
    service.channel.waitForConfirmsOrDie();

    Device device = clients.returningDevice("device");
    assertThat(device.take().text()).isEqualTo("waits");
    assertThat(service.channel.isOpen()).isTrue();
  }

  @Test
  @DisplayName("a full offline session drops its oldest and refuses no publisher [MAP-14]")
  void fullSessionDropsItsOldest() throws Exception {
    Device session = clients.returningDevice("full").subscribe("kept", 1);
    session.disconnect();
    Service service = clients.service();
    Device device = clients.device("publisher");
    for (int i = 0; i < SESSION_MESSAGES; i++) {
      service.publish("kept", "a" + i);
      device.publish("kept", "m" + i, 1);
    }

    assertThat(broker.broker().metrics().dropped("session-full")).isEqualTo(SESSION_MESSAGES);
    assertThat(clients.returningDevice("full").inbox().take(SESSION_MESSAGES))
        .extracting(Device.Arrived::text)
        .containsExactly("m2", "a3", "m3", "a4", "m4");
  }

  // ---- MAP-39

  @Test
  @DisplayName("a filter with too many levels is refused in SUBACK, others are granted [MAP-39]")
  void deepFiltersAreRefused() throws Exception {
    Device device = clients.device("deep");

    assertThatThrownBy(() -> device.subscribe("a/".repeat(8) + "b", 1))
        .isInstanceOf(MqttException.class);
    device.subscribe("+/+/+/+/+/+/+/#", 1);
    device.publish("1/2/3/4/5/6/7/8", "met", 1);

    assertThat(device.take().text()).isEqualTo("met");
  }

  @Test
  @DisplayName("a binding key with too many levels is refused: 406 [MAP-39]")
  void deepBindingsAreRefused() throws Exception {
    Service service = clients.service();

    assertThat(Service.replyCode(() -> service.queue("a.".repeat(8) + "b")))
        .isEqualTo(AMQP.PRECONDITION_FAILED);
  }

  @Test
  @DisplayName(
      "a binding key with too many inner # is refused: 406; any number of * is legal [MAP-39]")
  void innerWildcardsAreBounded() throws Exception {
    Service service = clients.service();

    assertThat(Service.replyCode(() -> service.queue("#.a.#.b.#.c")))
        .isEqualTo(AMQP.PRECONDITION_FAILED);
    Service another = clients.service();
    another.queue("#.a.#.b.#");
    Inbox<Delivery> deliveries = another.listen("*.*.*.*.*.*.*.*");
    clients.device("publisher").publish("1/2/3/4/5/6/7/8", "met", 1);
    assertThat(Service.text(deliveries.take())).isEqualTo("met");
  }

  @Test
  @DisplayName("a topic may have more levels than a filter and reaches both [MAP-39]")
  void deepTopicsAreLegal() throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("#");
    Device device = clients.device("deep").subscribe("#", 1);
    String topic = "a/".repeat(8) + "b";

    device.publish(topic, "deep", 1);

    assertThat(deliveries.take().getEnvelope().getRoutingKey()).isEqualTo(topic.replace('/', '.'));
    assertThat(device.take().topic()).isEqualTo(topic);
  }

  @Test
  @DisplayName("a deep AMQP routing key is legal and reaches MQTT [MAP-39]")
  void deepRoutingKeysAreLegal() throws Exception {
    Device device = clients.device("all").subscribe("#", 1);
    String key = "a.".repeat(127) + "b";

    clients.service().publish(key, "deep");

    assertThat(device.take().topic()).isEqualTo(key.replace('.', '/'));
  }
}
