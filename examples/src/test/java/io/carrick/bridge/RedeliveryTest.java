package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import io.carrick.amqp.Amqp;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is delivered again, what it is called then, and what never is (MAP-16, MAP-17). */
class RedeliveryTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.with(Mqtt.onAnyPort(), Amqp.onAnyPort()).realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  // ---- AMQP consumers

  @Test
  @DisplayName(
      "what a closed channel held is redelivered, in order, flagged; the rest is not [MAP-16]")
  void closedChannelsMessagesAreRedelivered() throws Exception {
    Service service = clients.service();
    String queue = "work";
    service.channel.queueDeclare(queue, true, false, false, null);
    service.channel.queueBind(queue, "amq.topic", "t");
    Channel leaving = service.channel();
    leaving.basicQos(3);
    Inbox<Delivery> first = Service.consume(leaving, queue, false);
    Device device = clients.device("publisher");
    for (int i = 0; i < 5; i++) {
      device.publish("t", "m" + i, i % 3);
    }
    device.publish("t", "m5", 1);

    assertThat(first.take(3)).extracting(d -> d.getEnvelope().isRedeliver()).containsOnly(false);
    leaving.close();

    List<Delivery> again = service.consume(queue).take(6);
    assertThat(again).extracting(Service::text).containsExactly("m0", "m1", "m2", "m3", "m4", "m5");
    assertThat(again)
        .extracting(d -> d.getEnvelope().isRedeliver())
        .containsExactly(true, true, true, false, false, false);
  }

  @Test
  @DisplayName("what a lost connection held is redelivered and flagged [MAP-16]")
  void lostConnectionsMessagesAreRedelivered() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("work", true, false, false, null);
    service.channel.queueBind("work", "amq.topic", "t");
    Service leaving = clients.service();
    Inbox<Delivery> first = leaving.consume("work");
    clients.device("publisher").publish("t", "x", 2);

    assertThat(first.take().getEnvelope().isRedeliver()).isFalse();
    leaving.connection.abort();

    assertThat(service.consume("work").take().getEnvelope().isRedeliver()).isTrue();
  }

  @Test
  @DisplayName("a requeued message takes its old place and is flagged [MAP-16]")
  void requeuedMessagesKeepTheirPlace() throws Exception {
    Service service = clients.service();
    String queue = service.queue("t");
    Device device = clients.device("publisher");
    device.publish("t", "one", 1);
    device.publish("t", "two", 1);

    GetResponse one = service.channel.basicGet(queue, false);
    service.channel.basicNack(one.getEnvelope().getDeliveryTag(), false, true);

    GetResponse again = service.channel.basicGet(queue, true);
    assertThat(Service.text(again)).isEqualTo("one");
    assertThat(again.getEnvelope().isRedeliver()).isTrue();
    assertThat(service.channel.basicGet(queue, true).getEnvelope().isRedeliver()).isFalse();
  }

  @Test
  @DisplayName("a rejected message is gone for that queue alone, and counted [MAP-15]")
  void rejectedMessagesAreGone() throws Exception {
    Service service = clients.service();
    String queue = service.queue("t");
    Device other = clients.device("other").subscribe("t", 1);
    clients.device("publisher").publish("t", "x", 1);

    GetResponse got = service.channel.basicGet(queue, false);
    service.channel.basicReject(got.getEnvelope().getDeliveryTag(), false);

    assertThat(service.channel.basicGet(queue, true)).isNull();
    assertThat(other.take().text()).isEqualTo("x");
    assertThat(broker.broker().metrics().dropped("rejected")).isEqualTo(1);
  }

  // ---- MQTT sessions

  @Test
  @DisplayName("what a session had unacknowledged comes again with DUP and its identifier [MAP-16]")
  void unacknowledgedMessagesComeAgainWithDup() throws Exception {
    RawMqtt first = clients.rawMqtt();
    first.connect("session", false);
    first.subscribe("t", 2);
    Service service = clients.service();
    service.publish("t", "at least once");
    service.publish("t", new byte[] {'2'}, Service.headers(2, Map.of("x-mqtt-qos", 2)));
    RawMqtt.Packet one = first.read(RawMqtt.PUBLISH);
    RawMqtt.Packet two = first.read(RawMqtt.PUBLISH);
    assertThat(List.of(one.dup(), two.dup())).containsOnly(false);
    first.close();
    service.publish("t", "later");

    RawMqtt again = clients.rawMqtt();
    assertThat(again.connect("session", false)).isTrue();

    RawMqtt.Packet oneAgain = again.read(RawMqtt.PUBLISH);
    RawMqtt.Packet twoAgain = again.read(RawMqtt.PUBLISH);
    RawMqtt.Packet later = again.read(RawMqtt.PUBLISH);
    assertThat(oneAgain.text()).isEqualTo("at least once");
    assertThat(oneAgain.dup()).isTrue();
    assertThat(oneAgain.publishId()).isEqualTo(one.publishId()); // [MQTT-4.4.0-1]
    assertThat(twoAgain.qos()).isEqualTo(2);
    assertThat(twoAgain.dup()).isTrue();
    assertThat(twoAgain.publishId()).isEqualTo(two.publishId());
    assertThat(later.text()).isEqualTo("later");
  }

  @Test
  @DisplayName(
      "a message taken with PUBREC is settled: PUBREL comes again, PUBLISH does not [MAP-11]")
  void settledAtPubRec() throws Exception {
    RawMqtt first = clients.rawMqtt();
    first.connect("session", false);
    first.subscribe("t", 2);
    clients.device("publisher").publish("t", "once", 2);
    int id = first.read(RawMqtt.PUBLISH).publishId();

    first.acknowledge(RawMqtt.PUBREC, id);
    assertThat(first.read(RawMqtt.PUBREL).id()).isEqualTo(id);
    assertThat(waiting("mqtt.session.session")).as("unsettled before PUBCOMP").isZero();
    first.close();

    RawMqtt again = clients.rawMqtt();
    again.connect("session", false);
    assertThat(again.read(RawMqtt.PUBREL).id()).isEqualTo(id);
    again.acknowledge(RawMqtt.PUBCOMP, id);
    again.ping();
    again.read(RawMqtt.PINGRESP);
  }

  private long waiting(String queue) {
    return broker.broker().queues().stream()
        .filter(q -> q.name().equals(queue))
        .mapToLong(q -> q.ready() + q.unsettled())
        .sum();
  }

  @Test
  @DisplayName("QoS 0 is never delivered again, nor kept for who is away [MAP-16]")
  void qosZeroIsNeverRedelivered() throws Exception {
    RawMqtt first = clients.rawMqtt();
    first.connect("session", false);
    first.subscribe("t", 1);
    Service service = clients.service();
    service.publish("t", new byte[] {'0'}, Service.headers(1, Map.of()));
    assertThat(first.read(RawMqtt.PUBLISH).qos()).isZero();
    first.close();
    awaitAbsence("session");
    service.publish("t", new byte[] {'0'}, Service.headers(1, Map.of()));
    service.publish("t", "kept");

    RawMqtt again = clients.rawMqtt();
    again.connect("session", false);

    RawMqtt.Packet kept = again.read(RawMqtt.PUBLISH);
    assertThat(kept.text()).isEqualTo("kept");
    assertThat(kept.dup()).as("never sent before").isFalse();
    assertThat(broker.broker().metrics().dropped("offline")).isEqualTo(1);
  }

  /** Waits until the broker knows that a client is gone. */
  private void awaitAbsence(String client) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (connected(client)) {
      assertThat(System.nanoTime() - deadline).as("%s is still there", client).isNegative();
      Thread.onSpinWait();
    }
  }

  private boolean connected(String client) {
    return broker.broker().sessions().stream()
        .anyMatch(session -> session.name().equals(client) && session.connected());
  }

  // ---- publishers

  @Test
  @DisplayName("a publisher's DUP is nothing to consumers of either side [MAP-17]")
  void publishersDupIsNotRedelivered() throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("t");
    RawMqtt subscriber = clients.rawMqtt();
    subscriber.connect("subscriber", true);
    subscriber.subscribe("t", 1);
    RawMqtt publisher = clients.rawMqtt();
    publisher.connect("publisher", true);

    publisher.publish("t", "again", 1, true, 3);

    publisher.read(RawMqtt.PUBACK);
    assertThat(deliveries.take().getEnvelope().isRedeliver()).isFalse();
    assertThat(subscriber.read(RawMqtt.PUBLISH).dup()).isFalse();
  }

  @Test
  @DisplayName("a QoS 2 identifier counts once until its PUBREL, through reconnects too [MAP-17]")
  void qosTwoIsTakenOnce() throws Exception {
    Inbox<Delivery> deliveries = clients.service().listen("t");
    RawMqtt first = clients.rawMqtt();
    first.connect("publisher", false);
    first.publish("t", "once", 2, false, 4);
    first.read(RawMqtt.PUBREC);
    first.publish("t", "once", 2, true, 4);
    first.read(RawMqtt.PUBREC);
    first.close();

    RawMqtt again = clients.rawMqtt();
    assertThat(again.connect("publisher", false)).isTrue();
    again.publish("t", "once", 2, true, 4);
    assertThat(again.read(RawMqtt.PUBREC).id()).isEqualTo(4);
    again.acknowledge(RawMqtt.PUBREL, 4);
    assertThat(again.read(RawMqtt.PUBCOMP).id()).isEqualTo(4);
    again.publish("t", "another", 2, false, 4);
    again.read(RawMqtt.PUBREC);

    assertThat(deliveries.take(2)).extracting(Service::text).containsExactly("once", "another");
  }
}
