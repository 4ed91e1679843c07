package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Delivery;
import io.carrick.ConnectionInfo;
import io.carrick.MessagePath;
import io.carrick.Trace;
import io.carrick.TraceEvent.Stage;
import io.carrick.TraceFilter;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are followed from one protocol to the other. */
class TraceTest {

  private static final TraceFilter ALL = TraceFilter.everything();

  @RegisterExtension
  final BrokerExtension broker = BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort());

  @RegisterExtension final Clients clients = new Clients(broker);

  private final Inbox<Stage> told = new Inbox<>("the listener of the trace");
  private Trace trace;

  private void begin() {
    trace = broker.broker().trace(ALL, event -> told.add(event.stage()));
  }

  /** What a client says comes by its socket, some time after it has got what it speaks of. */
  private void awaitAccepted() {
    while (told.take() != Stage.ACCEPTED) {
      // what comes before
    }
  }

  private String tree() {
    broker.settle();
    assertThat(trace.messages()).hasSize(1);
    return trace.messages().get(0).tree();
  }

  private List<Stage> stagesIn(String queue) {
    broker.settle();
    return trace.messages().get(0).events().stream()
        .filter(e -> e.queue().equals(queue) && e.stage() != Stage.MATCHED)
        .map(e -> e.stage())
        .toList();
  }

  /** What a client sees of a message does not depend on whether somebody follows it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFollowedMessageIsForItsConsumersAsAnyOther(boolean followed) throws Exception {
    Device5 display = clients.device5("display").subscribe("room/#", 2);
    Device old = clients.device("old");
    old.subscribe("room/#", 2);
    Service service = clients.service();
    Inbox<Delivery> in = service.listen("room.#");
    Device5 sensor = clients.device5("sensor");
    if (followed) {
      begin();
    }
    sensor.publish(
        Mqtt5Publish.builder()
            .topic("room/1")
            .payload("hot".getBytes())
            .qos(MqttQos.EXACTLY_ONCE)
            .messageExpiryInterval(60)
            .contentType("text/plain")
            .correlationData("c".getBytes())
            .responseTopic("answers/1")
            .userProperties()
            .add("a", "1")
            .add("a", "2")
            .applyUserProperties()
            .build());
    Mqtt5Publish shown = display.take();
    assertThat(shown.getQos()).isEqualTo(MqttQos.EXACTLY_ONCE);
    assertThat(shown.getMessageExpiryInterval()).hasValue(60);
    assertThat(shown.getContentType()).map(Object::toString).contains("text/plain");
    assertThat(shown.getResponseTopic()).map(Object::toString).contains("answers/1");
    assertThat(shown.getUserProperties().asList()).hasSize(2);
    assertThat(shown.isRetain()).isFalse();
    Delivery got = in.take();
    Map<String, Object> headers = got.getProperties().getHeaders();
    assertThat(headers.keySet()).doesNotContain("x-death").contains("a");
    assertThat(got.getProperties().getContentType()).isEqualTo("text/plain");
    assertThat(got.getProperties().getCorrelationId()).isEqualTo("c");

    var properties =
        new BasicProperties.Builder()
            .deliveryMode(2)
            .priority(4)
            .type("t")
            .expiration("60000")
            .headers(Map.of("h", 1))
            .build();
    service.publish("room.2", "cold".getBytes(), properties);
    assertThat(new String(display.take().getPayloadAsBytes())).isEqualTo("cold");
    assertThat(in.take().getProperties()).isEqualTo(properties);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aDeviceIsSeenToTakeAMessageWithEachQualityOfService(int qos) throws Exception {
    Device5 display = clients.device5("display").subscribe("t", qos);
    Service service = clients.service();
    begin();
    service.publish("t", "m");
    assertThat(display.take().getQos().getCode()).isLessThanOrEqualTo(1);
    if (qos > 0) {
      awaitAccepted();
    }
    assertThat(stagesIn("mqtt.session.display"))
        .isEqualTo(
            qos == 0
                ? List.of(Stage.DELIVERED)
                : List.of(Stage.QUEUED, Stage.DELIVERED, Stage.ACCEPTED));
    assertThat(tree())
        .startsWith("t from service (AMQP 0-9-1) at ")
        .contains("delivered to display (MQTT 5.0)");
  }

  @Test
  void aPublisherThatSubscribesWithNoLocalIsSeenNotToGetItsOwn() throws Exception {
    Device5 self = clients.device5("self");
    self.subscribe(Mqtt5Subscribe.builder().topicFilter("t").noLocal(true).build());
    begin();
    self.publish("t", "m", 1);
    assertThat(tree()).contains("t from self (MQTT 5.0, QoS 1)").contains("self: not admitted");
  }

  @Test
  void aDeviceThatRejectsIsSeenAndSoIsWhereTheDeadLetterGoes() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("dead", true, false, false, null);
    service.channel.queueDeclare(
        "work",
        true,
        false,
        false,
        Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
    Inbox<Delivery> in = service.consume("work");
    begin();
    clients.device5("sensor"); // connected, and silent
    service.channel.basicPublish("", "work", Service.persistent(), "m".getBytes());
    service.channel.basicReject(in.take().getEnvelope().getDeliveryTag(), false);
    service.channel.queueDeclarePassive("dead");
    assertThat(tree())
        .contains("→ work: delivered to service (AMQP 0-9-1)")
        .contains("rejected")
        .contains("dead-lettered, rejected")
        .endsWith("→ dead: queued");
  }

  @Test
  void aWillIsFollowedAsWhatItsClientSays() throws Exception {
    Device5 display = clients.device5("display").subscribe("will", 1);
    MqttConnectOptions options = Device.options(true);
    options.setWill("will", "gone".getBytes(), 1, false);
    clients.device("dying", options);
    begin();
    String dying =
        broker.broker().connections().stream()
            .filter(c -> c.name().equals("dying"))
            .map(ConnectionInfo::id)
            .findFirst()
            .orElseThrow();
    broker.broker().closeConnection(dying, "a test");
    display.take();
    assertThat(tree())
        .startsWith("will from dying (MQTT 3.1.1, QoS 1) at ")
        .contains("delivered to display");
  }

  @Test
  void aDeviceThatComesBackIsSeenToGetItAgain() throws Exception {
    Device5 first =
        clients.device5("display", Device5.returning()).acknowledgingByHand().subscribe("t", 1);
    Device5 sensor = clients.device5("sensor");
    begin();
    sensor.publish("t", "m", 1);
    first.take();
    clients.device5("display", Device5.returning()).subscribe("t", 1).take();
    awaitAccepted();
    assertThat(stagesIn("mqtt.session.display"))
        .containsExactly(
            Stage.QUEUED, Stage.DELIVERED, Stage.REQUEUED, Stage.DELIVERED_AGAIN, Stage.ACCEPTED);
  }

  @Test
  void whatIsPublishedToSeveralKeysIsSeenOnce() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("a", false, false, false, null);
    service.channel.queueDeclare("b", false, false, false, null);
    trace = broker.broker().trace(ALL.routingKey("b"));
    service.channel.basicPublish(
        "", "a", Service.headers(1, Map.of("CC", List.of("b"))), "m".getBytes());
    service.channel.queueDeclarePassive("a");
    assertThat(tree()).contains("→ a: queued").contains("→ b: queued");
  }

  @Test
  void twoLoopsAndManyMessagesAreSeenToTheEnd() throws Exception {
    Service service = clients.service();
    String queue = service.queue("many.#");
    Inbox<Delivery> in = Service.consume(service.channel(), queue, true);
    Device5 sensor = clients.device5("sensor");
    begin();
    for (int i = 0; i < 50; i++) {
      sensor.publish("many/" + i, "m", 1);
    }
    in.take(50);
    broker.advance(Duration.ofSeconds(1));
    assertThat(trace.messages()).hasSize(50);
    assertThat(trace.messages())
        .extracting(MessagePath::tree)
        .allSatisfy(tree -> assertThat(tree).contains("delivered to service").contains("settled"));
  }
}
