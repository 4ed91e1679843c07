package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult.Mqtt5Qos1Result;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult.Mqtt5Qos2Result;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Refusal;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a client of MQTT 5 hears of its messages, beside AMQP's clients: each refusal has a code,
 * and the connection stays (MAP-7, MAP-12 to MAP-14, MAP-39).
 */
class Responsibility5Test {

  private final GatedStore store = new GatedStore();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort().exchange("devices"))
                  .adapter(Amqp.onAnyPort())
                  .interceptor(Responsibility5Test::refuseForbidden)
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.TOPIC || !what.name().startsWith("secret"))
                  .store(store.factory()))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private static Message refuseForbidden(Message message) {
    if (message.text().equals("forbidden")) {
      throw new PublishRejectedException(Refusal.INTERCEPTED, "forbidden text");
    }
    return message;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Mqtt5Publish message(String topic, String text, int qos) {
    return Mqtt5Publish.builder()
        .topic(topic)
        .payload(utf8(text))
        .qos(MqttQos.fromCode(qos))
        .build();
  }

  /** Connects a service and declares the exchange that MQTT uses, and one for what is left. */
  private Service service() throws Exception {
    Service service = clients.service();
    service.channel.exchangeDeclare("others", "fanout");
    service.channel.exchangeDeclare(
        "devices", "topic", true, false, Map.of("alternate-exchange", "others"));
    service.channel.confirmSelect();
    return service;
  }

  /** Declares a durable queue that gets everything with a matching key. */
  private static void queue(Service service, String name, String key, Map<String, Object> arguments)
      throws Exception {
    service.channel.queueDeclare(name, true, false, false, arguments);
    service.channel.queueBind(name, "devices", key);
  }

  private static String code(Mqtt5PublishResult result) {
    return result instanceof Mqtt5Qos1Result one
        ? one.getPubAck().getReasonCode().name()
        : ((Mqtt5Qos2Result) result).getPubRec().getReasonCode().name();
  }

  /** Returns the code with which a message is answered, which may be a refusal. */
  private static String code(Device5 device, String topic, String text, int qos) {
    var answer = new Mqtt5PublishResult[1];
    Throwable refused = catchThrowable(() -> answer[0] = device.publish(message(topic, text, qos)));
    if (refused == null) {
      return code(answer[0]);
    }
    return refused.getCause() instanceof Mqtt5PubAckException ack
        ? ack.getMqttMessage().getReasonCode().name()
        : ((Mqtt5PubRecException) refused.getCause()).getMqttMessage().getReasonCode().name();
  }

  // ---- MAP-12

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("PUBACK and PUBREC wait for the store, as a confirm does [MAP-12]")
  void acknowledgementsWaitForTheStore(int qos) throws Exception {
    Service service = service();
    queue(service, "orders", "orders", Map.of());
    Inbox<Delivery> deliveries = Service.consume(service.channel(), "orders", true);
    var confirms = new Inbox<Long>("confirms");
    service.channel.addConfirmListener((tag, all) -> confirms.add(tag), (tag, all) -> {});
    Device5 device = clients.device5("device");

    store.shut();
    CompletableFuture<Mqtt5PublishResult> answer = device.send(message("orders", "stored", qos));
    assertThat(Service.text(deliveries.take())).isEqualTo("stored");
    service.channel.basicPublish("devices", "orders", Service.persistent(), utf8("by AMQP"));
    assertThat(Service.text(deliveries.take())).isEqualTo("by AMQP");
    device.subscribe("behind/it", 1); // SUBACK comes behind what could have been said
    assertThat(answer).isNotDone();
    confirms.expectNothingMore();
    store.open();

    assertThat(code(answer.get(20, TimeUnit.SECONDS))).isEqualTo("SUCCESS");
    assertThat(confirms.take()).isEqualTo(1);
  }

  // ---- MAP-13

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("what no queue matches gets 0x10, what a queue of AMQP's matches success [MAP-13]")
  void unroutableIsSaid(int qos) throws Exception {
    Service service = service();
    service.channel.queueDeclare("orders", true, false, false, Map.of());
    Device5 device = clients.device5("device");

    assertThat(code(device, "orders", "x", qos)).isEqualTo("NO_MATCHING_SUBSCRIBERS");
    service.channel.queueBind("orders", "devices", "orders");

    assertThat(code(device, "orders", "x", qos)).isEqualTo("SUCCESS");
  }

  @Test
  @DisplayName("what the alternate exchange brings to a queue has been routed [MAP-13]")
  void theAlternateExchangeRoutes() throws Exception {
    Service service = service();
    String rest = service.channel.queueDeclare().getQueue();
    service.channel.queueBind(rest, "others", "");

    assertThat(code(clients.device5("device"), "un/wanted", "x", 1)).isEqualTo("SUCCESS");
    assertThat(Service.text(service.channel.basicGet(rest, true))).isEqualTo("x");
  }

  @Test
  @DisplayName("AMQP's mandatory message is routed if a session of MQTT 5 gets it [MAP-13]")
  void sessionsCountForMandatory() throws Exception {
    Service service = service();
    Device5 device = clients.device5("device").subscribe("some/where", 0);
    var events = new Inbox<String>("returns and confirms");
    service.channel.addReturnListener(returned -> events.add("returned"));
    service.channel.addConfirmListener((tag, all) -> events.add("ack"), (tag, all) -> {});

    service.channel.basicPublish("devices", "some.where", true, null, utf8("x"));
    assertThat(events.take()).isEqualTo("ack");
    assertThat(Device5.text(device.take())).isEqualTo("x");
    service.channel.basicPublish("devices", "no.where", true, null, utf8("x"));
    assertThat(events.take(2)).containsExactly("returned", "ack");
  }

  // ---- MAP-14

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("a full queue says 0x97 and nack, and with room takes the next [MAP-14]")
  void fullQueuesAreSaid(int qos) throws Exception {
    Service service = service();
    queue(service, "full", "full", Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
    Device5 other = clients.device5("other").subscribe("full", 1);
    Device5 device = clients.device5("device");

    assertThat(code(device, "full", "first", qos)).isEqualTo("SUCCESS");
    assertThat(code(device, "full", "second", qos)).isEqualTo("QUOTA_EXCEEDED");
    service.channel.basicPublish("devices", "full", Service.persistent(), utf8("third"));
    assertThat(service.channel.waitForConfirms(20_000)).isFalse();
    assertThat(Service.text(service.channel.basicGet("full", true))).isEqualTo("first");

    assertThat(code(device, "full", "fourth", qos)).isEqualTo("SUCCESS");
    assertThat(Service.text(service.channel.basicGet("full", true))).isEqualTo("fourth");
    assertThat(other.inbox().take(4)) // whoever has room has each
        .extracting(Device5::text)
        .containsExactly("first", "second", "third", "fourth");
  }

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("an interceptor's refusal and a full store say 0x83 and nack [MAP-14] [MAP-40]")
  void otherRefusalsAreSaid(int qos) throws Exception {
    Service service = service();
    queue(service, "orders", "orders", Map.of());
    Device5 device = clients.device5("device");

    assertThat(code(device, "orders", "forbidden", qos)).isEqualTo("IMPLEMENTATION_SPECIFIC_ERROR");
    service.channel.basicPublish("devices", "orders", Service.persistent(), utf8("forbidden"));
    assertThat(service.channel.waitForConfirms(20_000)).isFalse();
    store.full(true);
    assertThat(code(device, "orders", "no room", qos)).isEqualTo("IMPLEMENTATION_SPECIFIC_ERROR");
    service.channel.basicPublish("devices", "orders", Service.persistent(), utf8("no room"));
    assertThat(service.channel.waitForConfirms(20_000)).isFalse();
    store.full(false);

    assertThat(code(device, "orders", "room", qos)).isEqualTo("SUCCESS");
    assertThat(Service.text(service.channel.basicGet("orders", true))).isEqualTo("room");
  }

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("where the exchange is missing: 0x83, and 404 for AMQP [MAP-14]")
  void aMissingExchangeIsSaid(int qos) throws Exception {
    Device5 device = clients.device5("device");
    Service rude = clients.service();

    assertThat(code(device, "a/b", "x", qos)).isEqualTo("IMPLEMENTATION_SPECIFIC_ERROR");
    rude.channel.basicPublish("devices", "a.b", null, utf8("x"));
    assertThat(rude.expectChannelClosed()).isEqualTo(AMQP.NOT_FOUND);
    service();

    assertThat(code(device, "a/b", "x", qos)).isEqualTo("NO_MATCHING_SUBSCRIBERS");
  }

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("who may not publish there: 0x87, and 403 for AMQP [MAP-14]")
  void missingPermissionsAreSaid(int qos) throws Exception {
    Service service = service();
    queue(service, "orders", "#", Map.of());
    Device5 device = clients.device5("device");

    assertThat(code(device, "secret/x", "never", qos)).isEqualTo("NOT_AUTHORIZED");
    service.channel.basicPublish("devices", "secret.x", null, utf8("never"));
    assertThat(service.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);
    device.publish("open/x", "fence", qos);

    Service reader = clients.service();
    assertThat(Service.text(reader.channel.basicGet("orders", true))).isEqualTo("fence");
  }

  // ---- MAP-7, MAP-39

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"$SYS/x", "$share/group/x"})
  @DisplayName("the broker's own topics are invalid names: 0x90, and 403 for AMQP [MAP-7]")
  void theBrokersTopicsAreInvalidNames(String topic) throws Exception {
    Service service = service();
    queue(service, "all", "#", Map.of());
    Device5 device = clients.device5("device");

    assertThat(code(device, topic, "never", 1)).isEqualTo("TOPIC_NAME_INVALID");
    assertThat(code(device, topic, "never", 2)).isEqualTo("TOPIC_NAME_INVALID");
    service.channel.basicPublish("devices", topic.replace('/', '.'), null, utf8("never"));
    assertThat(service.expectChannelClosed()).isEqualTo(AMQP.ACCESS_REFUSED);
    device.publish("fence", "fence", 1);

    Service reader = clients.service();
    assertThat(Service.text(reader.channel.basicGet("all", true))).isEqualTo("fence");
  }

  @Test
  @DisplayName("a filter of too many levels is an invalid filter: 0x8F, and 406 for AMQP [MAP-39]")
  void deepFiltersAreInvalid() throws Exception {
    Service service = service();
    String deep = "/".repeat(128); // as many levels and one
    String longest = "/".repeat(127);
    Device5 device = clients.device5("device");

    Throwable refused = catchThrowable(() -> device.subscribe(deep, 1)).getCause();
    assertThat(((Mqtt5SubAckException) refused).getMqttMessage().getReasonCodes())
        .extracting(Enum::name)
        .containsExactly("TOPIC_FILTER_INVALID");
    assertThat(Service.replyCode(() -> queue(service, "q", deep.replace('/', '.'), Map.of())))
        .isEqualTo(AMQP.PRECONDITION_FAILED);

    device.subscribe(longest, 1).publish(longest, "met", 1);
    assertThat(Device5.text(device.take())).isEqualTo("met");
  }
}
