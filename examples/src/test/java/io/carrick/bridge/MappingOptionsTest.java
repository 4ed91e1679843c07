package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.rabbitmq.client.Delivery;
import io.carrick.Mapping;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of the way between protocols can be chosen, chosen and not (MAP-6, MAP-7, MAP-11). */
class MappingOptionsTest {

  private static BrokerExtension broker(Mapping mapping) {
    return BrokerExtension.of(
            EmbeddedBroker.builder()
                .adapter(Mqtt.onAnyPort())
                .adapter(Amqp.onAnyPort())
                .mapping(mapping))
        .realTime();
  }

  @RegisterExtension
  static final BrokerExtension chosen =
      broker(Mapping.lossless().refuseLongTopics(true).hideDollarTopics(true).transientQos(1));

  @RegisterExtension static final BrokerExtension plain = broker(Mapping.lossless());

  @RegisterExtension final Clients there = new Clients(chosen);
  @RegisterExtension final Clients elsewhere = new Clients(plain);

  // ---- MAP-6

  /** The key of the second has an escape, and one byte more than its topic. */
  private static final List<String> TOO_LONG = List.of("x".repeat(256), "x".repeat(253) + ".y");

  private static final String LONGEST = "x".repeat(255);

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {1, 2})
  @DisplayName("a topic that AMQP cannot spell is an invalid name for MQTT 5 [MAP-6]")
  void longTopicsAreInvalidNames(int qos) throws Exception {
    Inbox<Delivery> deliveries = there.service().listen("#");
    Device5 device = there.device5("long" + qos);

    for (int time = 1; time <= 2; time++) { // the second time by its alias
      for (String topic : TOO_LONG) {
        assertThat(refusal(device, topic, qos)).isEqualTo("TOPIC_NAME_INVALID");
      }
    }
    device.publish(LONGEST, "fence", qos);

    assertThat(Service.text(deliveries.take())).isEqualTo("fence");
  }

  private static String refusal(Device5 device, String topic, int qos) {
    Throwable refused = catchThrowable(() -> device.publish(topic, "never", qos)).getCause();
    return refused instanceof Mqtt5PubAckException ack
        ? ack.getMqttMessage().getReasonCode().name()
        : ((Mqtt5PubRecException) refused).getMqttMessage().getReasonCode().name();
  }

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {0, 1, 2})
  @DisplayName("a client of MQTT 3 that publishes to it is closed [MAP-6]")
  void longTopicsCloseMqtt3(int qos) throws Exception {
    Inbox<Delivery> deliveries = there.service().listen("#");
    RawMqtt client = there.rawMqtt();
    client.connect("old", true);

    client.publish(TOO_LONG.get(0), "never", qos, false, qos);

    client.expectClosed();
    there.device("fence").publish("fence", "fence", 1);
    assertThat(Service.text(deliveries.take())).isEqualTo("fence");
  }

  @Test
  @DisplayName("nor may a will go there [MAP-6]")
  void longTopicsAreNoWills() {
    Mqtt5Connect connect =
        Mqtt5Connect.builder()
            .willPublish()
            .topic(TOO_LONG.get(0))
            .qos(MqttQos.AT_LEAST_ONCE)
            .applyWillPublish()
            .build();

    assertThatThrownBy(() -> there.device5("heir", connect))
        .hasRootCauseInstanceOf(Mqtt5ConnAckException.class)
        .rootCause()
        .hasMessageContaining("TOPIC_NAME_INVALID");
  }

  // ---- MAP-7

  @ParameterizedTest(name = "binding {0}")
  @ValueSource(strings = {"#", "*.x", "*.#"})
  @DisplayName("a wildcard of AMQP does not meet a first level with $, if so chosen [MAP-7]")
  void dollarTopicsAreHidden(String binding) throws Exception {
    Inbox<Delivery> hidden = there.service().listen(binding);
    Inbox<Delivery> seen = elsewhere.service().listen(binding);

    for (Clients clients : List.of(there, elsewhere)) {
      clients.device("device").publish("$dev/x", "dollar", 1);
      clients.service().publish("a.x", "fence");
    }

    assertThat(Service.text(hidden.take())).isEqualTo("fence");
    assertThat(Service.text(seen.take())).isEqualTo("dollar");
  }

  @Test
  @DisplayName("a binding that names the first level meets it all the same [MAP-7]")
  void dollarTopicsCanBeNamed() throws Exception {
    Inbox<Delivery> inbox = there.service().listen("$dev.#");

    there.service().publish("$dev.x", "dollar");

    assertThat(Service.text(inbox.take())).isEqualTo("dollar");
  }

  // ---- MAP-11

  @Test
  @DisplayName("a transient message of AMQP is acknowledged and waits, if so chosen [MAP-11]")
  void transientMessagesWait() throws Exception {
    for (Clients clients : List.of(there, elsewhere)) {
      clients.returningDevice("away").subscribe("a/#", 2).disconnect();
      Service service = clients.service();
      service.publish("a.b", "transient".getBytes(), Service.headers(1, Map.of()));
      service.publish("a.b", "said".getBytes(), Service.headers(1, Map.of("x-mqtt-qos", 0)));
      service.publish("a.b", "persistent".getBytes(), Service.persistent());
    }

    Device acknowledging = there.returningDevice("away");
    Device.Arrived first = acknowledging.take();
    assertThat(first.text()).isEqualTo("transient");
    assertThat(first.qos()).isEqualTo(1);
    assertThat(acknowledging.take().text()).isEqualTo("persistent");
    assertThat(elsewhere.returningDevice("away").take().text()).isEqualTo("persistent");
  }
}
