package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import io.carrick.Message;
import io.carrick.PublishRejectedException;
import io.carrick.Refusal;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a publisher is told that the broker has its message, or has not (MAP-12 to MAP-15). */
class ResponsibilityTest {

  private final GatedStore store = new GatedStore();

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .loops(NettyLoops.factory(3))
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .interceptor(ResponsibilityTest::refuseForbidden)
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

  /** A durable queue that gets everything published to {@code amq.topic}. */
  private void durableQueue(Service service, String name) throws IOException {
    service.channel.queueDeclare(name, true, false, false, Map.of());
    service.channel.queueBind(name, "amq.topic", "#");
  }

  // ---- MAP-12

  @Nested
  class Accepted {

    @ParameterizedTest(name = "QoS {0}")
    @ValueSource(ints = {1, 2})
    @DisplayName("PUBACK and PUBREC wait until the store has the message [MAP-12]")
    void mqttWaitsForTheStore(int qos) throws Exception {
      Service service = clients.service();
      durableQueue(service, "orders");
      Inbox<Delivery> deliveries = Service.consume(service.channel, "orders", true);
      RawMqtt device = clients.rawMqtt();
      device.connect("device", true);

      store.shut();
      device.publish("t", "stored", qos, false, 7);
      assertThat(Service.text(deliveries.take())).isEqualTo("stored");
      device.ping();
      device.read(RawMqtt.PINGRESP); // and no acknowledgement before it
      store.open();

      assertThat(device.read(qos == 1 ? RawMqtt.PUBACK : RawMqtt.PUBREC).id()).isEqualTo(7);
      assertThat(store.appended()).isEqualTo(1);
    }

    @Test
    @DisplayName("an AMQP confirm waits for the same event [MAP-12]")
    void amqpWaitsForTheStore() throws Exception {
      Service service = clients.service();
      durableQueue(service, "orders");
      Channel channel = service.channel();
      var confirms = new Inbox<Long>("confirms");
      channel.confirmSelect();
      channel.addConfirmListener((tag, multiple) -> confirms.add(tag), (tag, multiple) -> {});

      store.shut();
      channel.basicPublish("amq.topic", "t", Service.persistent(), utf8("stored"));
      channel.queueDeclarePassive("orders"); // an answer behind the publish
      confirms.expectNothingMore();
      store.open();

      assertThat(confirms.take()).isEqualTo(1);
    }

    @Test
    @DisplayName("what is not persistent, or in no durable queue, waits for no store [MAP-12]")
    void transientMessagesDoNotWait() throws Exception {
      Service service = clients.service();
      durableQueue(service, "orders");
      Device device = clients.device("device");
      store.shut();

      service.publish("t", utf8("transient"), new AMQP.BasicProperties());
      service.channel.queueUnbind("orders", "amq.topic", "#");
      service.queue("#");
      device.publish("t", "into a transient queue", 1);

      assertThat(store.appended()).isZero();
    }

    @Test
    @DisplayName("PUBACKs come in the order of the publishes though queues differ [MAP-12]")
    void acknowledgementsKeepTheOrder() throws Exception {
      Service service = clients.service();
      service.channel.queueDeclare("durable", true, false, false, Map.of());
      service.channel.queueBind("durable", "amq.topic", "d");
      service.queue("t");
      RawMqtt device = clients.rawMqtt();
      device.connect("device", true);

      store.shut();
      device.publish("d", "waits", 1, false, 1);
      device.publish("t", "would not", 1, false, 2);
      device.publish("nowhere", "neither", 1, false, 3);
      device.ping();
      device.read(RawMqtt.PINGRESP);
      store.open();

      for (int id = 1; id <= 3; id++) {
        assertThat(device.read(RawMqtt.PUBACK).id()).isEqualTo(id); // [MQTT-4.6.0-2]
      }
    }

    @Test
    @DisplayName("a message in several queues is stored once and acknowledged once [MAP-12]")
    void everyQueueMustAnswer() throws Exception {
      Service one = clients.service();
      Service two = clients.service();
      durableQueue(one, "one");
      durableQueue(two, "two");
      Device session = clients.returningDevice("three").subscribe("#", 1);
      RawMqtt device = clients.rawMqtt();
      device.connect("device", true);

      device.publish("t", "everywhere", 1, false, 9);

      assertThat(device.read(RawMqtt.PUBACK).id()).isEqualTo(9);
      assertThat(Service.text(one.channel.basicGet("one", true))).isEqualTo("everywhere");
      assertThat(Service.text(two.channel.basicGet("two", true))).isEqualTo("everywhere");
      assertThat(session.take().text()).isEqualTo("everywhere");
      assertThat(store.appended()).isEqualTo(1);
    }
  }

  // ---- MAP-13

  @Nested
  class Unroutable {

    @ParameterizedTest(name = "QoS {0}")
    @ValueSource(ints = {0, 1, 2})
    @DisplayName("an unroutable MQTT publish is acknowledged, and counted [MAP-13]")
    void mqttIsAcknowledged(int qos) throws Exception {
      Device device = clients.device("device");

      device.publish("nowhere", "x", qos);
      device.publish("nowhere", "x", 1);

      assertThat(broker.broker().metrics().value("messages.unroutable")).isEqualTo(2);
    }

    @Test
    @DisplayName("an unroutable mandatory AMQP publish comes back, then is confirmed [MAP-13]")
    void mandatoryComesBackAndIsConfirmed() throws Exception {
      Service service = clients.service();
      var events = new Inbox<String>("returns and confirms");
      service.channel.confirmSelect();
      service.channel.addReturnListener(
          returned ->
              events.add(
                  returned.getReplyCode()
                      + " "
                      + returned.getRoutingKey()
                      + " "
                      + new String(returned.getBody(), StandardCharsets.UTF_8)));
      service.channel.addConfirmListener(
          (tag, multiple) -> events.add("ack"), (tag, multiple) -> events.add("nack"));

      service.channel.basicPublish("amq.topic", "no.where", true, null, utf8("lost?"));

      assertThat(events.take(2)).containsExactly("312 no.where lost?", "ack");
    }

    @Test
    @DisplayName("a mandatory AMQP publish that only an MQTT session gets is routed [MAP-13]")
    void mqttSessionsCountAsRouted() throws Exception {
      Device device = clients.device("device").subscribe("some/where", 0);
      Service service = clients.service();
      var events = new Inbox<String>("returns and confirms");
      service.channel.confirmSelect();
      service.channel.addReturnListener(returned -> events.add("returned"));
      service.channel.addConfirmListener(
          (tag, multiple) -> events.add("ack"), (tag, multiple) -> events.add("nack"));

      service.channel.basicPublish("amq.topic", "some.where", true, null, utf8("x"));

      assertThat(events.take()).isEqualTo("ack");
      assertThat(device.take().text()).isEqualTo("x");
    }
  }

  @Nested
  class AlternateExchange {

    @RegisterExtension
    final BrokerExtension devices =
        BrokerExtension.of(
                EmbeddedBroker.builder()
                    .loops(NettyLoops.factory(3))
                    .adapter(Mqtt.onAnyPort().exchange("devices"))
                    .adapter(Amqp.onAnyPort()))
            .realTime();

    @RegisterExtension final Clients theirs = new Clients(devices);

    @Test
    @DisplayName("what no queue wants goes to the alternate exchange, by either protocol [MAP-13]")
    void alternateExchangeApplies() throws Exception {
      Service service = theirs.service();
      service.channel.exchangeDeclare("others", "fanout");
      String rest = service.channel.queueDeclare().getQueue();
      service.channel.queueBind(rest, "others", "");
      service.channel.exchangeDeclare(
          "devices", "topic", true, false, Map.of("alternate-exchange", "others"));
      Inbox<Delivery> deliveries = Service.consume(service.channel, rest, true);
      Device device = theirs.device("device").subscribe("wanted", 1);

      device.publish("wanted", "wanted", 1);
      device.publish("un/wanted", "by MQTT", 1);
      service.channel.basicPublish("devices", "un.wanted", true, null, utf8("by AMQP"));

      assertThat(device.take().text()).isEqualTo("wanted");
      Delivery byMqtt = deliveries.take();
      assertThat(Service.text(byMqtt)).isEqualTo("by MQTT");
      assertThat(byMqtt.getEnvelope().getExchange()).isEqualTo("devices");
      assertThat(byMqtt.getEnvelope().getRoutingKey()).isEqualTo("un.wanted");
      assertThat(Service.text(deliveries.take())).isEqualTo("by AMQP");
    }
  }

  // ---- MAP-14

  @Nested
  class Refused {

    @Test
    @DisplayName("a refused AMQP publish is a nack in the order of the confirms [MAP-14]")
    void amqpHearsNack() throws Exception {
      Service service = clients.service();
      var events = new Inbox<String>("confirms");
      service.channel.confirmSelect();
      service.channel.addConfirmListener(
          (tag, multiple) -> events.add("ack " + tag),
          (tag, multiple) -> events.add("nack " + tag));

      service.channel.basicPublish("amq.topic", "t", null, utf8("forbidden"));
      assertThat(events.take()).isEqualTo("nack 1");
      service.channel.basicPublish("amq.topic", "t", null, utf8("fine"));
      assertThat(events.take()).isEqualTo("ack 2");
      assertThat(service.channel.isOpen()).isTrue();
    }

    @ParameterizedTest(name = "QoS {0}")
    @ValueSource(ints = {0, 1, 2})
    @DisplayName("a refused MQTT 3 publish closes the connection: never silence [MAP-14]")
    void mqttIsClosed(int qos) throws Exception {
      RawMqtt device = clients.rawMqtt();
      device.connect("device", true);

      device.publish("t", "forbidden", qos, false, 1);

      device.expectClosed();
    }

    @Test
    @DisplayName(
        "a QoS 2 message that was refused is not acknowledged when it is sent again [MAP-14]")
    void refusedQosTwoIsNotTakenForADuplicate() throws Exception {
      RawMqtt first = clients.rawMqtt();
      first.connect("device", false);
      first.publish("t", "forbidden", 2, false, 5);
      first.expectClosed();

      RawMqtt again = clients.rawMqtt();
      assertThat(again.connect("device", false)).isTrue();
      again.publish("t", "forbidden", 2, true, 5);

      again.expectClosed(); // and no PUBREC
    }

    @Test
    @DisplayName("a store that breaks refuses what it has not: nack and close [MAP-14]")
    void brokenStoreRefuses() throws Exception {
      Service service = clients.service();
      durableQueue(service, "orders");
      RawMqtt device = clients.rawMqtt();
      device.connect("device", true);
      service.channel.confirmSelect();
      var events = new Inbox<String>("confirms");
      service.channel.addConfirmListener(
          (tag, multiple) -> events.add("ack"), (tag, multiple) -> events.add("nack"));

      store.shut();
      device.publish("t", "never stored", 1, false, 1);
      service.channel.basicPublish("amq.topic", "t", Service.persistent(), utf8("never stored"));
      service.channel.queueDeclarePassive("orders");
      device.ping();
      device.read(RawMqtt.PINGRESP);
      store.fail();

      device.expectClosed();
      assertThat(events.take()).isEqualTo("nack");
    }

    @Test
    @DisplayName("a full store refuses what it would have to keep, and takes the rest [MAP-14]")
    void fullStoreRefuses() throws Exception {
      Service service = clients.service();
      durableQueue(service, "orders");
      service.channel.confirmSelect();
      store.full(true);
      RawMqtt device = clients.rawMqtt();
      device.connect("device", false);

      device.publish("t", "no room", 2, false, 1);
      device.expectClosed();
      service.channel.basicPublish("amq.topic", "t", Service.persistent(), utf8("no room"));
      assertThat(service.channel.waitForConfirms(20_000)).isFalse();
      service.publish("t", utf8("transient"), new AMQP.BasicProperties());

      store.full(false);
      RawMqtt again = clients.rawMqtt();
      again.connect("device", false);
      again.publish("t", "room", 2, true, 1);
      assertThat(again.read(RawMqtt.PUBREC).id()).isEqualTo(1);
      assertThat(Service.text(service.channel.basicGet("orders", true))).isEqualTo("transient");
      assertThat(Service.text(service.channel.basicGet("orders", true))).isEqualTo("room");
    }

    @Test
    @DisplayName("a broken store refuses what comes later too [MAP-14]")
    void brokenStoreGoesOnRefusing() throws Exception {
      Service service = clients.service();
      durableQueue(service, "orders");
      store.shut();
      store.fail();
      RawMqtt device = clients.rawMqtt();
      device.connect("device", true);

      device.publish("t", "never stored", 1, false, 1);
      device.expectClosed();
      assertThatThrownBy(() -> service.publish("t", "never stored"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  @DisplayName("a publisher to MQTT's missing exchange is closed, not left waiting [MAP-14]")
  void missingExchangeCloses() throws Exception {
    Service service = clients.service();
    assertThat(Service.replyCode(() -> service.channel.exchangeDelete("amq.topic")))
        .isEqualTo(AMQP.ACCESS_REFUSED);

    assertThatThrownBy(() -> clients.device("rude").publish("t", "forbidden", 1))
        .isInstanceOf(MqttException.class);
  }
}
