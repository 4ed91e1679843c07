package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Delivery;
import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.NettyLoops;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one client does badly is nothing to the clients of the other protocol. */
class NeighboursTest {

  private static final int BIG = 64 * 1024;
  private static final int MANY = 200;

  @RegisterExtension
  static final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .loops(NettyLoops.factory(3))
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .limits(Limits.defaults().with(Limit.SLOW_CONSUMER_PAUSE_MS, 50)))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private static byte[] big(int number) {
    byte[] payload = new byte[BIG];
    payload[0] = (byte) number;
    return payload;
  }

  // ---- slow ones

  @ParameterizedTest(name = "QoS {0}")
  @ValueSource(ints = {0, 1})
  @DisplayName("an MQTT subscriber that reads nothing holds no AMQP consumer up [MAP-12]")
  void slowSubscriberHurtsNoConsumer(int qos) throws Exception {
    RawMqtt slow = clients.rawMqtt();
    slow.connect("slow-" + qos, true);
    slow.subscribe("load", qos);
    Inbox<Delivery> deliveries = clients.service().listen("load");
    RawMqtt publisher = clients.rawMqtt();
    publisher.connect("publisher", true);

    for (int i = 1; i <= MANY; i++) {
      publisher.publish("load", i + " ".repeat(BIG), 1, false, i);
      assertThat(publisher.read(RawMqtt.PUBACK).id()).isEqualTo(i);
    }

    for (int i = 1; i <= MANY; i++) {
      assertThat(Service.text(deliveries.take())).startsWith(i + " ");
    }
  }

  @Test
  @DisplayName("an AMQP consumer that acknowledges nothing holds no MQTT subscriber up [MAP-12]")
  void slowConsumerHurtsNoSubscriber() throws Exception {
    Service slow = clients.service();
    slow.channel.basicQos(1);
    Inbox<Delivery> stuck = slow.consume(slow.queue("load"));
    RawAmqp deaf = clients.rawAmqp(); // reads nothing that it is sent
    deaf.method(1, 50, 10, NeighboursTest::declareExclusive);
    deaf.expect(50, 11);
    deaf.method(1, 50, 20, NeighboursTest::bindLast);
    deaf.expect(50, 21);
    deaf.method(1, 60, 20, NeighboursTest::consumeLast);
    deaf.expect(60, 21);
    Device subscriber = clients.device("subscriber").subscribe("load", 1);
    Service publisher = clients.service();

    for (int i = 0; i < MANY; i++) {
      publisher.publish("load", big(i), Service.persistent());
    }

    for (int i = 0; i < MANY; i++) {
      assertThat(subscriber.take().payload()[0]).isEqualTo((byte) i);
    }
    assertThat(stuck.take().getBody()[0]).isZero();
    stuck.expectNothingMore();
  }

  private static void declareExclusive(java.io.DataOutputStream out) throws java.io.IOException {
    out.writeShort(0);
    RawAmqp.shortString(out, new byte[0]);
    out.writeByte(0b00100); // exclusive
    out.writeInt(0);
  }

  private static void bindLast(java.io.DataOutputStream out) throws java.io.IOException {
    out.writeShort(0);
    RawAmqp.shortString(out, new byte[0]);
    RawAmqp.shortString(out, "amq.topic".getBytes(StandardCharsets.US_ASCII));
    RawAmqp.shortString(out, "load".getBytes(StandardCharsets.US_ASCII));
    out.writeByte(0);
    out.writeInt(0);
  }

  private static void consumeLast(java.io.DataOutputStream out) throws java.io.IOException {
    out.writeShort(0);
    RawAmqp.shortString(out, new byte[0]);
    RawAmqp.shortString(out, new byte[0]);
    out.writeByte(0);
    out.writeInt(0);
  }

  // ---- bad ones

  @Test
  @DisplayName("malformed MQTT closes its own connection, is counted, and AMQP goes on")
  void malformedMqttDisturbsNobody() throws Exception {
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("t");
    long before = broker.broker().metrics().value("packets.malformed{protocol=mqtt}");

    RawMqtt rude = clients.rawMqtt();
    rude.connect("rude", true);
    rude.send(new byte[] {0x36, 2, 0, 0}); // QoS 3
    rude.expectClosed();

    service.publish("t", "fine");
    assertThat(Service.text(deliveries.take())).isEqualTo("fine");
    assertThat(broker.broker().metrics().value("packets.malformed{protocol=mqtt}") - before)
        .isEqualTo(1);
  }

  @Test
  @DisplayName("a malformed AMQP frame is answered 501 on its own connection, and MQTT goes on")
  void malformedAmqpDisturbsNobody() throws Exception {
    Device device = clients.device("device").subscribe("t", 1);

    RawAmqp rude = clients.rawAmqp();
    rude.send(new byte[] {1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 40, 0x11}); // no frame end

    rude.expectConnectionClose(501);
    device.publish("t", "fine", 1);
    assertThat(device.take().text()).isEqualTo("fine");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13, 14, 15})
  @DisplayName("noise on either port disturbs nobody on the other")
  void noiseDisturbsNobody(long seed) throws Exception {
    Device device = clients.device("device").subscribe("t", 1);
    Service service = clients.service();
    Inbox<Delivery> deliveries = service.listen("t");
    var random = new Random(seed);
    byte[] noise = new byte[4_096];

    random.nextBytes(noise);
    RawMqtt noisy = clients.rawMqtt();
    noisy.connect("noisy", true);
    sendUntilClosed(noisy::send, noise);
    random.nextBytes(noise);
    sendUntilClosed(clients.rawAmqp()::send, noise);

    device.publish("t", "by MQTT", 1);
    service.publish("t", "by AMQP");
    assertThat(deliveries.take(2)).extracting(Service::text).containsExactly("by MQTT", "by AMQP");
    assertThat(device.inbox().take(2)).hasSize(2);
  }

  /** Sends bytes. */
  @FunctionalInterface
  private interface Sender {
    void send(byte[] bytes) throws java.io.IOException;
  }

  /** The broker may close before everything is sent: that is no failure of the test. */
  private static void sendUntilClosed(Sender sender, byte[] noise) {
    try {
      sender.send(noise);
    } catch (java.io.IOException closed) {
      assertThat(closed).hasMessageMatching("(?i).*(reset|broken pipe|closed).*");
    }
  }
}
