package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5SubscriptionBuilder;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.carrick.SessionInfo;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What subscriptions of MQTT 5 ask for, where the messages are AMQP's, and what comes again to them
 * (MAP-11, MAP-16, MAP-29, MAP-33, MAP-35).
 */
class Subscriptions5Test {

  private static final Map<String, Object> KEEP = Map.of("x-mqtt-retain", true);

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private Session5 session(String clientId) throws Exception {
    return clients.keep(Session5.connect(broker.url("tcp", "mqtt"), clientId));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Mqtt5Subscribe to(
      String filter, UnaryOperator<Mqtt5SubscriptionBuilder.Complete> with) {
    Mqtt5Subscription subscription =
        with.apply(Mqtt5Subscription.builder().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE))
            .build();
    return Mqtt5Subscribe.builder().addSubscription(subscription).build();
  }

  // ---- MAP-33

  @Test
  @DisplayName("Retain Handling decides whether what AMQP has kept comes [MAP-33] [MAP-31]")
  void retainHandling() throws Exception {
    Service service = clients.service();
    service.publish("a.kept", utf8("kept"), Service.headers(2, KEEP));
    Device5 never = clients.device5("never");
    Device5 device = clients.device5("device");
    Mqtt5Subscribe ifNew =
        to("a/+", s -> s.retainHandling(Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST));

    never.subscribe(to("a/+", s -> s.retainHandling(Mqtt5RetainHandling.DO_NOT_SEND)));
    device.subscribe(ifNew);
    assertThat(Device5.text(device.take())).isEqualTo("kept");
    device.subscribe(ifNew);
    service.publish("a.b", "fence");
    assertThat(Device5.text(never.take())).isEqualTo("fence");
    assertThat(device.inbox().take(2)) // HiveMQ's client tells each time that it has subscribed
        .extracting(Device5::text)
        .containsExactly("fence", "fence");
    device.subscribe(to("a/+", s -> s.retainHandling(Mqtt5RetainHandling.SEND)));
    Mqtt5Publish again = device.take();
    assertThat(Device5.text(again)).isEqualTo("kept");
    assertThat(again.isRetain()).isTrue();
  }

  @Test
  @DisplayName("the flag of a live message of AMQP stays where it is asked for [MAP-33] [MAP-31]")
  void retainAsPublished() throws Exception {
    Device5 asks = clients.device5("asks").subscribe(to("a/#", s -> s.retainAsPublished(true)));
    Device5 not = clients.device5("not").subscribe(to("a/#", s -> s.retainAsPublished(false)));
    Service service = clients.service();

    service.publish("a.b", utf8("kept"), Service.headers(2, KEEP));
    service.publish("a.b", "live");

    assertThat(asks.inbox().take(2))
        .extracting(Mqtt5Publish::isRetain)
        .containsExactly(true, false);
    assertThat(not.inbox().take(2)).extracting(Mqtt5Publish::isRetain).containsOnly(false);
  }

  @Test
  @DisplayName("No Local holds back what the client has published, and from nobody else [MAP-33]")
  void noLocal() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("a.#");
    Device5 device = clients.device5("device").subscribe(to("a/#", s -> s.noLocal(true)));
    Device5 other = clients.device5("other").subscribe("a/#", 1);

    device.publish("a/b", "its own", 1);
    service.publish("a.b", "AMQP's");

    assertThat(Device5.text(device.take())).isEqualTo("AMQP's");
    assertThat(other.inbox().take(2))
        .extracting(Device5::text)
        .containsExactly("its own", "AMQP's");
    assertThat(deliveries.take(2)).extracting(Service::text).containsExactly("its own", "AMQP's");
  }

  @Test
  @DisplayName("what was kept comes in front of what is live, within Receive Maximum [MAP-33]")
  void keptMessagesComeFirst() throws Exception {
    Service service = clients.service();
    for (int i = 0; i < 5; i++) {
      service.publish("a." + i, utf8("kept"), Service.headers(2, KEEP));
    }
    Device5 device =
        clients
            .device5(
                "device",
                Mqtt5Connect.builder().restrictions().receiveMaximum(2).applyRestrictions().build())
            .acknowledgingByHand()
            .subscribe("a/#", 1);
    List<Mqtt5Publish> first = device.inbox().take(2);
    service.publish("a.b", "live");
    first.forEach(Mqtt5Publish::acknowledge);
    for (int i = 2; i < 5; i++) {
      Mqtt5Publish kept = device.take();
      assertThat(Device5.text(kept)).isEqualTo("kept");
      kept.acknowledge();
    }
    assertThat(Device5.text(device.take())).isEqualTo("live");
  }

  // ---- MAP-35

  @Test
  @DisplayName(
      "an AMQP message that several filters match comes once, at the highest QoS, with each"
          + " identifier [MAP-35] [MAP-11]")
  void overlappingFiltersAreOneDelivery() throws Exception {
    Session5 session =
        session("session").subscribe("a/#", 0, 10).subscribe("a/b", 2, 20).subscribe("+/b", 1, 30);
    Service service = clients.service();

    service.publish("a.b", utf8("once"), Service.headers(2, Map.of("x-mqtt-qos", 2)));
    service.publish("a.c", "other");

    Session5.Arrived once = session.take();
    assertThat(once.text()).isEqualTo("once");
    assertThat(once.qos()).isEqualTo(2);
    assertThat(once.subscriptions()).containsExactlyInAnyOrder(10, 20, 30);
    Session5.Arrived other = session.take();
    assertThat(other.text()).isEqualTo("other");
    assertThat(other.qos()).isZero();
    assertThat(other.subscriptions()).containsExactly(10);
  }

  // ---- MAP-11, MAP-16

  @Test
  @DisplayName("what was not acknowledged comes again, QoS 0 and what had PUBREC never [MAP-16]")
  void whatWasNotAcknowledgedComesAgain() throws Exception {
    Session5 first = session("session").acknowledgingNothing().subscribe("a/#", 2, 1);
    Service service = clients.service();
    service.publish("a.b", "one");
    service.publish("a.b", utf8("two"), Service.headers(2, Map.of("x-mqtt-qos", 2)));
    List<Session5.Arrived> sent = List.of(first.take(), first.take()); // QoS 2 behind PUBREL
    assertThat(sent).extracting(Session5.Arrived::qos).containsExactly(1, 2);
    first.cut();
    service.publish("a.b", new byte[] {'0'}, Service.headers(1, Map.of()));
    service.publish("a.b", "three");

    Session5 again = session("session");

    Session5.Arrived one = again.take();
    assertThat(one.text()).isEqualTo("one");
    assertThat(one.id()).isEqualTo(sent.get(0).id()); // [MQTT-4.4.0-1]
    Session5.Arrived three = again.take();
    assertThat(three.text()).isEqualTo("three");
  }

  @Test
  @DisplayName("what had been sent comes again with DUP and its identifier [MAP-16]")
  void redeliveryHasDup() throws Exception {
    RawMqtt first = session5("82 09 0001 00 0003 612F23 02"); // SUBSCRIBE a/#, QoS 2
    Service service = clients.service();
    service.publish("a.b", "one");
    service.publish("a.b", utf8("two"), Service.headers(2, Map.of("x-mqtt-qos", 2)));
    List<RawMqtt.Packet> sent = List.of(first.read(RawMqtt.PUBLISH), first.read(RawMqtt.PUBLISH));
    assertThat(sent).extracting(RawMqtt.Packet::dup).containsOnly(false);
    assertThat(sent).extracting(RawMqtt.Packet::qos).containsExactly(1, 2);
    first.close();
    while (broker.broker().sessions().stream().anyMatch(SessionInfo::connected)) {
      Thread.onSpinWait();
    }
    service.publish("a.b", "three");

    RawMqtt again = session5("");

    for (RawMqtt.Packet before : sent) {
      RawMqtt.Packet now = again.read(RawMqtt.PUBLISH);
      assertThat(now.dup()).isTrue();
      assertThat(now.publishId()).isEqualTo(before.publishId());
      assertThat(now.text()).isEqualTo(before.text());
    }
    RawMqtt.Packet three = again.read(RawMqtt.PUBLISH);
    assertThat(three.text()).endsWith("three");
    assertThat(three.dup()).isFalse();
  }

  /** Connects to a session that stays, in bytes, since no client tells DUP of version 5. */
  private RawMqtt session5(String subscribe) throws Exception {
    RawMqtt raw = clients.rawMqtt();
    raw.send(hex("1016 0004 4D515454 05 00 0000 05 11 FFFFFFFF 0004 73657373"));
    raw.read(RawMqtt.CONNACK);
    if (!subscribe.isEmpty()) {
      raw.send(hex(subscribe));
      raw.read(RawMqtt.SUBACK);
    }
    return raw;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  @ParameterizedTest(name = "published {0}")
  @ValueSource(ints = {0, 1, 2})
  @DisplayName("a subscriber gets the lower of the two QoS [MAP-11]")
  void theLowerQos(int published) throws Exception {
    Device5[] devices = new Device5[3];
    for (int qos = 0; qos <= 2; qos++) {
      devices[qos] = clients.device5("device" + qos).subscribe("q", qos);
    }
    clients.service().publish("q", utf8("x"), Service.headers(1, Map.of("x-mqtt-qos", published)));
    for (int qos = 0; qos <= 2; qos++) {
      assertThat(devices[qos].take().getQos().getCode()).isEqualTo(Math.min(qos, published));
    }
  }

  // ---- MAP-29

  @ParameterizedTest(name = "{0} bytes")
  @ValueSource(ints = {0, 1, 131_065, 1_000_000})
  @DisplayName("a payload of any size crosses as it is, both ways [MAP-29]")
  void payloadsCrossAsTheyAre(int bytes) throws Exception {
    byte[] payload = new byte[bytes];
    new Random(bytes).nextBytes(payload);
    Service service = clients.service();
    String queue = service.queue("up");
    Device5 device = clients.device5("device").subscribe("down", 1);

    device.publish(
        Mqtt5Publish.builder().topic("up").payload(payload).qos(MqttQos.AT_LEAST_ONCE).build());
    service.publish("down", payload, Service.persistent());

    assertThat(service.channel.basicGet(queue, true).getBody()).isEqualTo(payload);
    assertThat(device.take().getPayloadAsBytes()).isEqualTo(payload);
  }

  @Test
  @DisplayName("an empty retained message clears, and AMQP sees it with its empty body [MAP-29]")
  void emptyRetainedMessageClears() throws Exception {
    Service service = clients.service();
    String queue = service.queue("kept");
    Device5 publisher = clients.device5("publisher");
    for (String text : List.of("value", "")) {
      publisher.publish(
          Mqtt5Publish.builder()
              .topic("kept")
              .payload(utf8(text))
              .qos(MqttQos.AT_LEAST_ONCE)
              .retain(true)
              .build());
    }
    Device5 late = clients.device5("late").subscribe("kept", 1);
    service.publish("kept", "live");

    assertThat(Device5.text(late.take())).isEqualTo("live");
    for (String text : List.of("value", "")) {
      GetResponse got = service.channel.basicGet(queue, true);
      assertThat(Service.text(got)).isEqualTo(text);
      assertThat(got.getProps().getHeaders()).containsEntry("x-mqtt-retain", true);
    }
  }
}
