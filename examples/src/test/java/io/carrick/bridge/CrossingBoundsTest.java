package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Properties that are longer than the other protocol's, or at the end of what they can say, with
 * HiveMQ's and RabbitMQ's clients in virtual time (MAP-20, MAP-21, MAP-23, MAP-24, MAP-26, MAP-28).
 */
class CrossingBoundsTest {

  private static final String LONG = "x".repeat(256);
  private static final Mqtt5Connect CONNECT = Mqtt5Connect.builder().noKeepAlive().build();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder().adapter(Mqtt.onAnyPort()).adapter(Amqp.onAnyPort()));

  @RegisterExtension final Clients clients = new Clients(broker);

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Mqtt5Publish message(
      String topic, UnaryOperator<Mqtt5PublishBuilder.Complete> with) {
    return with.apply(Mqtt5Publish.builder().topic(topic).qos(MqttQos.AT_LEAST_ONCE)).build();
  }

  private static AMQP.BasicProperties.Builder amqp() {
    return new AMQP.BasicProperties.Builder().deliveryMode(2);
  }

  private Device5 device(String clientId) {
    return clients.device5(clientId, CONNECT);
  }

  // ---- MAP-20, MAP-21, MAP-23, MAP-24

  @Test
  @DisplayName(
      "what is too long for AMQP's properties is in headers, and comes back [MAP-20] to [MAP-24]")
  void longPropertiesAreHeaders() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> inbox = service.listen("there");
    Device5 device = device("device").subscribe("back", 1);
    Mqtt5UserProperties user = Mqtt5UserProperties.builder().add(LONG, "1").add("a", "2").build();
    Mqtt5Publish sent =
        message(
            "there",
            m ->
                m.contentType(LONG)
                    .correlationData(utf8(LONG))
                    .messageExpiryInterval(4_294_968)
                    .userProperties(user));
    device.publish(sent);

    Delivery seen = inbox.take();
    Map<String, Object> headers = seen.getProperties().getHeaders();
    assertThat(seen.getProperties().getContentType()).isNull();
    assertThat(headers.get("x-mqtt-content-type")).hasToString(LONG);
    assertThat(seen.getProperties().getCorrelationId()).isNull();
    assertThat(headers.get("x-correlation-id")).isEqualTo(utf8(LONG));
    assertThat(seen.getProperties().getExpiration()).isNull();
    assertThat(headers.get("x-mqtt-message-expiry")).isEqualTo(4_294_968L);
    assertThat(headers.get("a")).hasToString("2");
    assertThat(headers).doesNotContainKey(LONG);
    assertThat(headers.get("x-mqtt-user-properties")).hasToString("[[" + LONG + ", 1], [a, 2]]");

    service.publish("back", seen.getBody(), seen.getProperties());
    Mqtt5Publish back = device.take();
    assertThat(back.getContentType()).isEqualTo(sent.getContentType());
    assertThat(back.getCorrelationData()).isEqualTo(sent.getCorrelationData());
    assertThat(back.getMessageExpiryInterval()).isEqualTo(sent.getMessageExpiryInterval());
    assertThat(back.getUserProperties()).isEqualTo(user);
  }

  @Test
  @DisplayName("what is just short enough is a property [MAP-20] [MAP-21] [MAP-23]")
  void shortPropertiesAreProperties() throws Exception {
    String longest = "x".repeat(255);
    Inbox<Delivery> inbox = clients.service().listen("#");
    device("device")
        .publish(
            message(
                "t",
                m ->
                    m.contentType(longest)
                        .correlationData(utf8(longest))
                        .messageExpiryInterval(4_294_967)));

    AMQP.BasicProperties seen = inbox.take().getProperties();

    assertThat(seen.getContentType()).isEqualTo(longest);
    assertThat(seen.getCorrelationId()).isEqualTo(longest);
    assertThat(seen.getExpiration()).isEqualTo("4294967000");
    assertThat(seen.getHeaders()).containsOnlyKeys("x-mqtt-client-id");
  }

  // ---- MAP-23

  @Test
  @DisplayName("a subscriber is told what is left, rounded up, and nothing that is over [MAP-23]")
  void whatIsLeftIsTold() throws Exception {
    Service service = clients.service();
    Device5.connect(broker.address("mqtt"), "away", Device5.returning())
        .subscribe("t", 1)
        .disconnect();
    service.publish("t", utf8("over"), amqp().expiration("10000").build());
    service.publish("t", utf8("left"), amqp().expiration("60000").build());
    broker.advance(Duration.ofMillis(10_500));

    Mqtt5Connect connect =
        Mqtt5Connect.builder().cleanStart(false).noSessionExpiry().noKeepAlive().build();
    Mqtt5Publish left = clients.device5("away", connect).take();

    assertThat(Device5.text(left)).isEqualTo("left");
    assertThat(left.getMessageExpiryInterval()).hasValue(50); // 49.5
  }

  @Test
  @DisplayName("0 is now or never in both protocols [MAP-23]")
  void zeroIsNowOrNever() throws Exception {
    Service service = clients.service();
    String queue = service.queue("t");
    Device5.connect(broker.address("mqtt"), "away", Device5.returning())
        .subscribe("t", 1)
        .disconnect();
    Device5 here = device("here").subscribe("t", 1);

    service.publish("t", utf8("by AMQP"), amqp().expiration("0").build());
    assertThat(Device5.text(here.take())).isEqualTo("by AMQP");
    here.publish(message("t", m -> m.payload(utf8("by MQTT")).messageExpiryInterval(0)));
    assertThat(Device5.text(here.take())).isEqualTo("by MQTT");
    service.publish("t", "fence");

    assertThat(Service.text(service.channel.basicGet(queue, true))).isEqualTo("fence");
    Mqtt5Connect connect =
        Mqtt5Connect.builder().cleanStart(false).noSessionExpiry().noKeepAlive().build();
    assertThat(Device5.text(clients.device5("away", connect).take())).isEqualTo("fence");
  }

  // ---- MAP-26, MAP-28, MAP-30

  @Test
  @DisplayName("MQTT 5 sets AMQP's properties by their names, but nobody's user [MAP-26] [MAP-30]")
  void mqttSetsProperties() throws Exception {
    Inbox<Delivery> inbox = clients.service().listen("#");
    Mqtt5UserProperties user =
        Mqtt5UserProperties.builder()
            .add("x-amqp-reply-to", "answers")
            .add("x-amqp-message-id", "id")
            .add("x-amqp-app-id", "shop")
            .add("x-amqp-priority", "255")
            .add("x-amqp-user-id", "root")
            .build();
    Device5 device = device("device");
    device.publish(message("t", m -> m.userProperties(user)));
    device.publish(
        message("t", m -> m.userProperties().add("x-amqp-priority", "256").applyUserProperties()));

    AMQP.BasicProperties seen = inbox.take().getProperties();
    assertThat(seen.getReplyTo()).isEqualTo("answers");
    assertThat(seen.getMessageId()).isEqualTo("id");
    assertThat(seen.getAppId()).isEqualTo("shop");
    assertThat(seen.getPriority()).isEqualTo(255);
    assertThat(seen.getUserId()).isNull();
    assertThat(seen.getHeaders()).containsOnlyKeys("x-mqtt-client-id", "x-mqtt-user-properties");
    assertThat(seen.getHeaders().get("x-mqtt-user-properties")) // since they have an order
        .hasToString(
            "[[x-amqp-reply-to, answers], [x-amqp-message-id, id], [x-amqp-app-id, shop],"
                + " [x-amqp-priority, 255]]");
    assertThat(inbox.take().getProperties().getPriority()).isNull();
  }

  @Test
  @DisplayName("AMQP is told who has logged in, and no name that is too long [MAP-28]")
  void whoHasLoggedIn() throws Exception {
    Inbox<Delivery> inbox = clients.service().listen("#");
    Mqtt5Connect login =
        Mqtt5Connect.builder()
            .noKeepAlive()
            .simpleAuth()
            .username("guest")
            .password(utf8("guest"))
            .applySimpleAuth()
            .build();
    clients.device5("sensor", login).publish("t", "x", 1);
    clients.device5(LONG, login).publish("t", "x", 1);

    Map<String, Object> headers = inbox.take().getProperties().getHeaders();
    assertThat(headers.get("x-mqtt-client-id")).hasToString("sensor");
    assertThat(headers.get("x-mqtt-username")).hasToString("guest");
    assertThat(inbox.take().getProperties().getHeaders()).containsOnlyKeys("x-mqtt-username");
  }
}
