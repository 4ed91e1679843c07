package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Delivery;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** QoS and delivery mode, and payloads as they are (MAP-10, MAP-11, MAP-29). */
class QualityOfServiceTest {

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  // ---- MQTT to AMQP

  @ParameterizedTest(name = "QoS {0} is delivery mode {1}")
  @CsvSource({"0, 1", "1, 2", "2, 2"})
  @DisplayName("QoS becomes delivery mode [MAP-10]")
  void qosBecomesDeliveryMode(int qos, int deliveryMode) throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("q");

    clients.device("publisher").publish("q", "x", qos);

    assertThat(deliveries.take().getProperties().getDeliveryMode()).isEqualTo(deliveryMode);
  }

  @Test
  @DisplayName("QoS 2 is told in the header x-mqtt-qos, lower ones are not [MAP-10]")
  void onlyQosTwoHasAHeader() throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("q");
    Device device = clients.device("publisher");

    device.publish("q", "x", 1);
    device.publish("q", "x", 2);

    assertThat(deliveries.take().getProperties().getHeaders()).doesNotContainKey("x-mqtt-qos");
    assertThat(deliveries.take().getProperties().getHeaders()).containsEntry("x-mqtt-qos", 2);
  }

  // ---- AMQP to MQTT

  @ParameterizedTest(name = "delivery mode {0} is QoS {1}")
  @CsvSource({"0, 0", "1, 0", "2, 1", "3, 0"})
  @DisplayName("delivery mode becomes QoS [MAP-11]")
  void deliveryModeBecomesQos(int deliveryMode, int qos) throws Exception {
    Device device = clients.device("subscriber").subscribe("q", 2);
    var properties = new AMQP.BasicProperties.Builder().deliveryMode(deliveryMode).build();

    clients.service().publish("q", new byte[1], properties);

    assertThat(device.take().qos()).isEqualTo(qos);
  }

  @Test
  @DisplayName("a publish without delivery mode is QoS 0 [MAP-11]")
  void noDeliveryModeIsQosZero() throws Exception {
    Device device = clients.device("subscriber").subscribe("q", 2);

    clients.service().publish("q", new byte[1], new AMQP.BasicProperties());

    assertThat(device.take().qos()).isZero();
  }

  static Stream<Arguments> qosHeaders() {
    return Stream.of(
        Arguments.of(0, 0),
        Arguments.of(1, 1),
        Arguments.of(2, 2),
        Arguments.of(2L, 2),
        Arguments.of((short) 1, 1),
        Arguments.of((byte) 0, 0),
        Arguments.of(3, null),
        Arguments.of(-1, null),
        Arguments.of(1L << 32, null),
        Arguments.of(1.5, null),
        Arguments.of("1", null),
        Arguments.of(true, null),
        Arguments.of(new byte[] {1}, null),
        Arguments.of(Map.of("x", 1), null));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("qosHeaders")
  @DisplayName(
      "a whole number 0 to 2 in the header x-mqtt-qos is the QoS, all else is not [MAP-11]")
  void qosHeaderWins(Object header, Integer qos) throws Exception {
    Device device = clients.device("subscriber").subscribe("q", 2);
    Service service = clients.service();

    service.publish("q", "t".getBytes(StandardCharsets.UTF_8), headers(1, header));
    assertThat(device.take().qos()).as("transient").isEqualTo(qos == null ? 0 : qos);
    service.publish("q", "p".getBytes(StandardCharsets.UTF_8), headers(2, header));
    assertThat(device.take().qos()).as("persistent").isEqualTo(qos == null ? 1 : qos);
  }

  private static AMQP.BasicProperties headers(int deliveryMode, Object qos) {
    return Service.headers(deliveryMode, Map.of("x-mqtt-qos", qos));
  }

  @Test
  @DisplayName("an empty header x-mqtt-qos is none [MAP-11]")
  void voidQosHeaderIsNone() throws Exception {
    Device device = clients.device("subscriber").subscribe("q", 2);
    Map<String, Object> headers = new HashMap<>();
    headers.put("x-mqtt-qos", null);

    clients.service().publish("q", new byte[1], Service.headers(2, headers));

    assertThat(device.take().qos()).isEqualTo(1);
  }

  @ParameterizedTest(name = "published {0}, subscribed {1}, delivered {2}")
  @CsvSource({"2, 0, 0", "2, 1, 1", "2, 2, 2", "1, 0, 0", "1, 2, 1", "0, 2, 0"})
  @DisplayName("a subscriber gets the lower of the two QoS, whoever publishes [MAP-11]")
  void theLowerQosIsDelivered(int published, int subscribed, int delivered) throws Exception {
    Device device = clients.device("subscriber").subscribe("q", subscribed);

    clients.service().publish("q", new byte[1], headers(1, published));
    assertThat(device.take().qos()).as("by AMQP").isEqualTo(delivered);
    clients.device("publisher").publish("q", "x", published);
    assertThat(device.take().qos()).as("by MQTT").isEqualTo(delivered);
  }

  @Test
  @DisplayName("an AMQP message is never marked retained for a live subscriber [MAP-11]")
  void liveMessagesAreNotRetained() throws Exception {
    Device device = clients.device("subscriber").subscribe("q", 1);

    clients.service().publish("q", "x");

    assertThat(device.take().retained()).isFalse();
  }

  // ---- payloads

  @ParameterizedTest(name = "{0} bytes")
  @ValueSource(ints = {0, 1, 127, 128, 4_095, 4_097, 131_064, 131_065, 1_000_000})
  @DisplayName("a payload of any size crosses as it is, both ways [MAP-29]")
  void payloadsCrossAsTheyAre(int bytes) throws Exception {
    byte[] payload = new byte[bytes];
    new Random(bytes).nextBytes(payload);
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("payload");
    String fetched = service.queue("payload");
    Device device = clients.device("both").subscribe("payload", 1);

    device.publish("payload", payload, 1, false);
    assertThat(deliveries.take().getBody()).isEqualTo(payload);
    assertThat(device.take().payload()).isEqualTo(payload);
    assertThat(service.channel.basicGet(fetched, true).getBody()).isEqualTo(payload);

    service.publish("payload", payload, Service.persistent());
    assertThat(deliveries.take().getBody()).isEqualTo(payload);
    assertThat(device.take().payload()).isEqualTo(payload);
    assertThat(service.channel.basicGet(fetched, true).getBody()).isEqualTo(payload);
  }

  @Test
  @DisplayName("an AMQP publisher keeps and clears a retained message by a header [MAP-31]")
  void amqpKeepsAndClears() throws Exception {
    Service service = clients.service();
    AMQP.BasicProperties keep = Service.headers(2, Map.of("x-mqtt-retain", true));

    service.publish("by.amqp", "value".getBytes(StandardCharsets.UTF_8), keep);
    Device.Arrived kept = clients.device("one").subscribe("by/amqp", 1).take();
    assertThat(kept.text()).isEqualTo("value");
    assertThat(kept.retained()).isTrue();
    service.publish("by.amqp", new byte[0], keep);

    Device late = clients.device("two").subscribe("by/amqp", 1);
    service.publish("by.amqp", "live");
    assertThat(late.take().text()).isEqualTo("live");
  }

  @Test
  @DisplayName("an empty retained message clears, and AMQP sees it with its empty body [MAP-29]")
  void emptyRetainedMessageClears() throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("kept");
    Device publisher = clients.device("publisher");

    publisher.publish("kept", "value".getBytes(StandardCharsets.UTF_8), 1, true);
    assertThat(clients.device("one").subscribe("kept", 1).take().retained()).isTrue();
    publisher.publish("kept", new byte[0], 1, true);

    Device late = clients.device("two").subscribe("kept", 1);
    publisher.publish("kept", "live", 1);
    assertThat(late.take().text()).isEqualTo("live");
    assertThat(deliveries.take(3)).extracting(Service::text).containsExactly("value", "", "live");
  }
}
