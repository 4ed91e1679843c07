package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What messages say of themselves, from MQTT 5 to AMQP and back, with real clients. */
class CrossingPropertiesTest {

  private static final byte[] NO_TEXT = {(byte) 0xC0, 0, (byte) 0xFF};

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private static Mqtt5Publish message(
      String topic, UnaryOperator<Mqtt5PublishBuilder.Complete> with) {
    return with.apply(
            Mqtt5Publish.builder().topic(topic).payload(bytes("m")).qos(MqttQos.AT_LEAST_ONCE))
        .build();
  }

  private static Mqtt5UserProperties user(String... namesAndTexts) {
    var all = Mqtt5UserProperties.builder();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      all.add(namesAndTexts[i], namesAndTexts[i + 1]);
    }
    return all.build();
  }

  private static List<String> user(Mqtt5Publish got) {
    var all = new ArrayList<String>();
    got.getUserProperties().asList().forEach(p -> all.add(p.getName() + ": " + p.getValue()));
    return all;
  }

  private static Mqtt5PublishBuilder.Complete everything(Mqtt5PublishBuilder.Complete m) {
    return m.payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8)
        .messageExpiryInterval(60)
        .responseTopic("r.s/t")
        .correlationData(NO_TEXT)
        .contentType("téxt/plain")
        .userProperties(user("b", "1", "a", "2", "b", "3", "x-amqp-priority", "7", "", "ü"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer data) {
    var bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    return bytes;
  }

  // ---- MQTT to AMQP

  @Test
  @DisplayName("AMQP sees each property where it looks for it [MAP-19] [MAP-20] [MAP-22] [MAP-23]")
  void amqpSeesEachProperty() throws Exception {
    Inbox<Delivery> inbox = clients.service().listen("#");
    clients.device5("device").publish(message("s", CrossingPropertiesTest::everything));

    AMQP.BasicProperties seen = inbox.take().getProperties();

    assertThat(seen.getContentType()).isEqualTo("téxt/plain");
    assertThat(seen.getExpiration()).isEqualTo("60000");
    assertThat(seen.getPriority()).isEqualTo(7);
    assertThat(seen.getCorrelationId()).isNull();
    Map<String, Object> headers = seen.getHeaders();
    assertThat(headers.get("x-correlation-id")).isEqualTo(NO_TEXT);
    assertThat(headers.get("x-mqtt-payload-format")).isEqualTo(1);
    assertThat(headers.get("x-mqtt-response-topic")).hasToString("r.s/t");
    assertThat(headers.get("x-reply-to-topic")).hasToString("r%2Es.t");
    assertThat(headers.get("b")).hasToString("1");
    assertThat(headers.get("")).hasToString("ü");
    assertThat(headers).containsKey("x-mqtt-user-properties").doesNotContainKey("x-amqp-priority");
  }

  @Test
  @DisplayName("AMQP is told who has published, and no client can say so itself [MAP-28]")
  void whoHasPublished() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> inbox = service.listen("#");
    Mqtt5UserProperties claims =
        user("x-mqtt-client-id", "other", "x-mqtt-username", "root", "x-amqp-user-id", "root");
    Device5 device = clients.device5("device").subscribe("back", 1);
    device.publish(message("s", m -> m.userProperties(claims)));
    clients.device("old").publish("s", "x", 1);

    Map<String, Object> by5 = inbox.take().getProperties().getHeaders();
    Map<String, Object> by3 = inbox.take().getProperties().getHeaders();

    assertThat(by5).containsOnlyKeys("x-mqtt-client-id");
    assertThat(by5.get("x-mqtt-client-id")).hasToString("device");
    assertThat(by3).containsOnlyKeys("x-mqtt-client-id"); // MAP-27
    assertThat(by3.get("x-mqtt-client-id")).hasToString("old");
    service.publish(
        "back", bytes("m"), Service.headers(2, Map.of("x-mqtt-client-id", "me", "own", "1")));
    assertThat(user(device.take())).containsExactly("own: 1");
  }

  @Test
  @DisplayName("a client of MQTT 5 sets the priority [MAP-30]")
  void aDeviceSetsThePriority() throws Exception {
    Service service = clients.service();
    String queue =
        service.channel.queueDeclare("", false, true, true, Map.of("x-max-priority", 9)).getQueue();
    service.channel.queueBind(queue, "amq.topic", "p");
    Device5 device = clients.device5("device");
    device.publish("p", "no hurry", 1);
    device.publish(message("p", m -> m.userProperties(user("x-amqp-priority", "5"))));

    GetResponse first = service.channel.basicGet(queue, true);

    assertThat(Service.text(first)).isEqualTo("m");
    assertThat(first.getProps().getPriority()).isEqualTo(5);
  }

  @Test
  @DisplayName("through an AMQP client's hands and back nothing is lost [MAP-19] to [MAP-24]")
  void fromMqttThroughAmqpAndBack() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> inbox = service.listen("there");
    Device5 device = clients.device5("device").subscribe("back", 1);
    Mqtt5Publish sent = message("there", CrossingPropertiesTest::everything);
    device.publish(sent);

    Delivery seen = inbox.take();
    service.publish("back", seen.getBody(), seen.getProperties());

    Mqtt5Publish back = device.take();
    assertThat(back.getPayloadFormatIndicator()).isEqualTo(sent.getPayloadFormatIndicator());
    assertThat(back.getMessageExpiryInterval().getAsLong()).isBetween(59L, 60L);
    assertThat(back.getResponseTopic()).isEqualTo(sent.getResponseTopic());
    assertThat(bytes(back.getCorrelationData().orElseThrow())).isEqualTo(NO_TEXT);
    assertThat(back.getContentType()).isEqualTo(sent.getContentType());
    assertThat(back.getUserProperties()).isEqualTo(sent.getUserProperties());
  }

  // ---- AMQP to MQTT

  private static AMQP.BasicProperties ofAmqp() {
    var headers = new LinkedHashMap<String, Object>();
    headers.put("n", 7);
    headers.put("long", 7L);
    headers.put("bytes", NO_TEXT);
    headers.put("table", Map.of("list", List.of(1, true, new Date(1_700_000_000_000L))));
    headers.put("time", new Date(1_700_000_000_000L));
    headers.put("void", null);
    headers.put("text", "ä");
    return new AMQP.BasicProperties.Builder()
        .deliveryMode(2)
        .headers(headers)
        .contentType("a/b")
        .contentEncoding("gzip")
        .priority(3)
        .correlationId("42")
        .expiration("59001")
        .messageId("id")
        .timestamp(new Date(1_700_000_000_000L))
        .type("order")
        .userId("guest")
        .appId("shop")
        .build();
  }

  @Test
  @DisplayName("MQTT 5 reads headers and properties as texts [MAP-23] [MAP-25] [MAP-26]")
  void mqttReadsTexts() throws Exception {
    Device5 device = clients.device5("device").subscribe("s", 1);
    clients.service().publish("s", bytes("m"), ofAmqp());

    Mqtt5Publish got = device.take();

    assertThat(got.getMessageExpiryInterval().getAsLong()).isBetween(59L, 60L);
    assertThat(bytes(got.getCorrelationData().orElseThrow())).isEqualTo(bytes("42"));
    assertThat(got.getContentType().orElseThrow()).hasToString("a/b");
    assertThat(user(got))
        .containsExactly(
            "bytes: wAD/",
            "long: 7",
            "n: 7",
            "table: {\"list\":[1,true,\"2023-11-14T22:13:20Z\"]}",
            "text: ä",
            "time: 2023-11-14T22:13:20Z",
            "void: ",
            "x-amqp-content-encoding: gzip",
            "x-amqp-priority: 3",
            "x-amqp-message-id: id",
            "x-amqp-timestamp: 2023-11-14T22:13:20Z",
            "x-amqp-type: order",
            "x-amqp-user-id: guest",
            "x-amqp-app-id: shop",
            "x-amqp-json: table",
            "x-amqp-b64: bytes",
            "x-amqp-types: long:l,n:I,table:FAItT,time:T,void:V");
  }

  @Test
  @DisplayName("through a client of MQTT 5 and back nothing is lost but the user [MAP-25] [MAP-26]")
  void fromAmqpThroughMqttAndBack() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> inbox = service.listen("back");
    Device5 device = clients.device5("device").subscribe("there", 1);
    AMQP.BasicProperties sent = ofAmqp();
    service.publish("there", bytes("m"), sent);

    Mqtt5Publish got = device.take();
    device.publish(message("back", m -> extending(got, m)));

    AMQP.BasicProperties back = inbox.take().getProperties();
    Map<String, Object> headers = back.getHeaders();
    assertThat(headers.remove("x-mqtt-client-id")).hasToString("device");
    assertThat(headers.remove("bytes")).isEqualTo(NO_TEXT);
    assertThat(headers.remove("text")).hasToString("ä");
    Map<String, Object> others = new HashMap<>(sent.getHeaders());
    others.keySet().removeAll(List.of("bytes", "text"));
    assertThat(headers).isEqualTo(others);
    assertThat(back.getContentType()).isEqualTo(sent.getContentType());
    assertThat(back.getContentEncoding()).isEqualTo(sent.getContentEncoding());
    assertThat(back.getPriority()).isEqualTo(sent.getPriority());
    assertThat(back.getCorrelationId()).isEqualTo(sent.getCorrelationId());
    assertThat(back.getMessageId()).isEqualTo(sent.getMessageId());
    assertThat(back.getTimestamp()).isEqualTo(sent.getTimestamp());
    assertThat(back.getType()).isEqualTo(sent.getType());
    assertThat(back.getAppId()).isEqualTo(sent.getAppId());
    assertThat(back.getUserId()).isNull();
  }

  private static Mqtt5PublishBuilder.Complete extending(
      Mqtt5Publish got, Mqtt5PublishBuilder.Complete m) {
    return m.userProperties(got.getUserProperties())
        .contentType(got.getContentType().orElseThrow())
        .correlationData(got.getCorrelationData().orElseThrow());
  }

  @Test
  @DisplayName("a text with control characters, for which clients of MQTT leave, is JSON [MAP-25]")
  void aTextOfSeveralLinesIsJson() throws Exception {
    Device5 device = clients.device5("device").subscribe("there", 1);
    Service service = clients.service();
    Inbox<Delivery> inbox = service.listen("back");
    var headers = new LinkedHashMap<String, Object>();
    headers.put("stack", "at a\n\tat b");
    headers.put("na\nme", "no form");
    service.publish(
        "there",
        bytes("m"),
        Service.headers(2, headers).builder().messageId("a\nb").contentType("a\n").build());

    Mqtt5Publish got = device.take();
    assertThat(user(got))
        .containsExactly("stack: \"at a\\u000a\\u0009at b\"", "x-amqp-json: stack");
    assertThat(got.getContentType()).isEmpty();
    device.publish(message("back", m -> m.userProperties(got.getUserProperties())));

    assertThat(inbox.take().getProperties().getHeaders().get("stack")).hasToString("at a\n\tat b");
  }

  @Test
  @DisplayName("a queue that the Response Topic names is not told twice on the way back [MAP-24]")
  void theQueueOfAReplyIsToldOnce() throws Exception {
    Device5 device = clients.device5("device").subscribe("there", 1);
    Service service = clients.service();
    String queue = service.queue("back");
    Inbox<Delivery> inbox = service.consume(queue);
    service.publish(
        "there", bytes("m"), Service.headers(2, Map.of("n", 7)).builder().replyTo(queue).build());

    Mqtt5Publish got = device.take();
    device.publish(got.extend().topic("back").build());

    AMQP.BasicProperties back = inbox.take().getProperties();
    assertThat(back.getReplyTo()).isEqualTo(queue);
    assertThat(back.getHeaders()).containsOnlyKeys("n", "x-mqtt-client-id");
  }

  @Test
  @DisplayName("a key that the topic does not show is told [MAP-5]")
  void aKeyThatTheTopicDoesNotShowIsTold() throws Exception {
    Device5 device = clients.device5("device").subscribe("#", 1);
    Service service = clients.service();

    service.publish("x/y.z", "odd");
    service.publish("x.y.z", "plain");

    Mqtt5Publish odd = device.take();
    assertThat(odd.getTopic()).hasToString("x%2Fy/z");
    assertThat(user(odd)).containsExactly("x-amqp-routing-key: x/y.z");
    assertThat(user(device.take())).isEmpty();
  }

  // ---- dead letters

  @Test
  @DisplayName("MQTT 5 sees why a message of a device or a service is a dead letter [MAP-25]")
  void deadLettersSayWhy() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare(
        "work",
        false,
        true,
        true,
        Map.of("x-dead-letter-exchange", "amq.topic", "x-dead-letter-routing-key", "dead"));
    service.channel.queueBind("work", "amq.topic", "work");
    Device5 watcher = clients.device5("watcher").subscribe("dead", 1);
    watcher.publish(
        message("work", m -> m.userProperties(user("own", "1")).messageExpiryInterval(1_000)));
    reject(service);
    service.publish("work", bytes("m"), Service.headers(2, Map.of("own", "1")));
    reject(service);

    for (int i = 0; i < 2; i++) {
      Mqtt5Publish dead = watcher.take();
      assertThat(dead.getMessageExpiryInterval()).isEmpty();
      List<String> said = user(dead);
      assertThat(said).contains("own: 1", "x-first-death-reason: rejected");
      assertThat(said)
          .anyMatch(
              property ->
                  property.startsWith("x-death: [{\"")
                      && property.contains("\"queue\":\"work\"")
                      && property.contains("\"reason\":\"rejected\""));
      assertThat(said).contains("x-amqp-json: x-death");
    }
  }

  private static void reject(Service service) throws Exception {
    GetResponse got = service.channel.basicGet("work", false);
    service.channel.basicReject(got.getEnvelope().getDeliveryTag(), false);
  }
}
