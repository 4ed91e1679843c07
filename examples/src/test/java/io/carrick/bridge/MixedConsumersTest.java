package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import io.carrick.Message;
import io.carrick.Source;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.mqtt.Mqtt;
import io.carrick.spi.Resource.Kind;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients of all protocols take messages off one queue: one of AMQP's, which MQTT clients subscribe
 * to (MAP-38), or that of a shared subscription, which others join (MAP-8).
 */
class MixedConsumersTest {

  private static final String GROUP = "$share/g/jobs/+";

  /** The first half of the SHA-256 of {@code jobs/+}. */
  private static final String GROUPS_QUEUE = "mqtt.share.g.f1c3018da1bf22fd0038a6aad8dabe44";

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .adapter(Amqp.onAnyPort())
                  .authorizer(
                      (who, action, what) ->
                          what.kind() != Kind.QUEUE
                              || !who.clientId().isEmpty()
                              || !what.name().startsWith("mqtt.share.secret")))
          .realTime();

  @RegisterExtension final Clients clients = new Clients(broker);

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "m" + i).toList();
  }

  private static void send(Service service, String queue, Iterable<String> texts) throws Exception {
    for (String text : texts) {
      service.channel.basicPublish(
          "", queue, Service.persistent(), text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void accept(Channel channel, Delivery delivery) throws Exception {
    channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
  }

  // ---- a queue

  @Test
  @DisplayName("each message of a queue goes to one of MQTT 3, MQTT 5, AMQP and this JVM [MAP-38]")
  void consumersOfAllProtocolsCompete() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("jobs", true, false, false, null);
    Device three = clients.device("three").subscribe("$queue/jobs", 1);
    Device5 five = clients.device5("five").consume("jobs", 2);
    Inbox<Delivery> service1 = Service.consume(service.channel, "jobs", true);
    var here = new Inbox<String>("the consumer in this JVM");
    broker.client().subscribe(Source.queue("jobs"), d -> here.add(d.message().text()));

    List<String> all = numbers(0, 400);
    send(clients.service(), "jobs", all);

    List<String> got = new ArrayList<>();
    var by = new HashSet<String>();
    while (got.size() < all.size()) {
      drain(three.inbox(), d -> d.topic() + " " + d.text(), "three", got, by);
      drain(five.inbox(), d -> d.getTopic() + " " + Device5.text(d), "five", got, by);
      drain(service1, d -> "jobs " + Service.text(d), "service", got, by);
      drain(here, text -> "jobs " + text, "here", got, by);
    }
    assertThat(got)
        .containsExactlyInAnyOrderElementsOf(all.stream().map(text -> "jobs " + text).toList());
    assertThat(by).hasSize(4);
    three.disconnect();
    five.disconnect();
    AMQP.Queue.DeclareOk left = service.channel.queueDeclarePassive("jobs");
    assertThat(left.getMessageCount()).isZero();
    assertThat(left.getConsumerCount()).isEqualTo(2);
  }

  private static <T> void drain(
      Inbox<T> inbox,
      java.util.function.Function<T, String> text,
      String name,
      List<String> into,
      Set<String> by)
      throws InterruptedException {
    for (T next = inbox.poll(); next != null; next = inbox.poll()) {
      into.add(text.apply(next));
      by.add(name);
    }
  }

  @Test
  @DisplayName("an MQTT client takes a queue's message with QoS 2 if that is its QoS [MAP-38]")
  void exactlyOnce() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("jobs", true, false, false, null);
    Device5 five = clients.device5("five").consume("jobs", 2);
    service.channel.basicPublish(
        "", "jobs", Service.headers(2, Map.of("x-mqtt-qos", 2)), new byte[] {'a'});
    service.channel.basicPublish("", "jobs", Service.persistent(), new byte[] {'b'});
    service.channel.basicPublish("", "jobs", null, new byte[] {'c'});
    assertThat(five.inbox().take(3))
        .extracting(Mqtt5Publish::getQos)
        .containsExactly(MqttQos.EXACTLY_ONCE, MqttQos.AT_LEAST_ONCE, MqttQos.AT_MOST_ONCE);
    five.disconnect();
    assertThat(service.channel.queueDeclarePassive("jobs").getMessageCount()).isZero();
  }

  @Test
  @DisplayName("what a client has not acknowledged another consumer gets, as redelivered [MAP-38]")
  void whatIsNotAcknowledgedGoesBack() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("jobs", true, false, false, null);
    Device5 five = clients.device5("five").acknowledgingByHand().consume("jobs", 1);
    send(service, "jobs", numbers(0, 2));
    five.take().acknowledge();
    assertThat(Device5.text(five.take())).isEqualTo("m1");
    five.disconnect();
    Delivery again = service.consume("jobs").take();
    assertThat(Service.text(again)).isEqualTo("m1");
    assertThat(again.getEnvelope().isRedeliver()).isTrue();
  }

  @Test
  @DisplayName("a session that comes back consumes the queue again, without subscribing [MAP-38]")
  void aSessionConsumesAgain() throws Exception {
    Service service = clients.service();
    service.channel.queueDeclare("jobs", true, false, false, null);
    clients.returningDevice("three").subscribe("$queue/jobs", 1).disconnect();
    send(service, "jobs", numbers(0, 1));
    Inbox<Delivery> others = Service.consume(service.channel(), "jobs", true);
    assertThat(Service.text(others.take())).isEqualTo("m0");
    Device again = clients.returningDevice("three");
    send(service, "jobs", numbers(1, 3));
    Device.Arrived arrived = again.take();
    assertThat(List.of(arrived.text(), Service.text(others.take())))
        .containsExactlyInAnyOrder("m1", "m2");
  }

  @Test
  @DisplayName("a subscription to a queue that is not there is refused [MAP-38]")
  void noSuchQueue() throws Exception {
    Device three = clients.device("three");
    assertThatThrownBy(() -> three.subscribe("$queue/none", 1)).isInstanceOf(MqttException.class);
    assertThat(three.connected()).isTrue();
    Device5 five = clients.device5("five");
    assertThatThrownBy(() -> five.consume("none", 1))
        .rootCause()
        .isInstanceOfSatisfying(
            Mqtt5SubAckException.class,
            refused ->
                assertThat(refused.getMqttMessage().getReasonCodes())
                    .containsExactly(Mqtt5SubAckReasonCode.TOPIC_FILTER_INVALID));
  }

  // ---- a shared subscription

  @Test
  @DisplayName("AMQP finds a shared subscription's queue by what is shared, or its name [MAP-8]")
  void aGroupsQueueIsFound() throws Exception {
    Service service = clients.service();
    assertThat(Service.replyCode(() -> clients.service().consume(GROUP))).isEqualTo(404);
    clients.device("three").subscribe(GROUP, 1);
    assertThat(service.channel.queueDeclarePassive(GROUP).getQueue()).isEqualTo(GROUPS_QUEUE);
    service.consume(GROUP);
    service.consume(GROUPS_QUEUE);
    assertThat(service.channel.queueDeclarePassive(GROUP).getConsumerCount()).isEqualTo(3);
    assertThat(
            Service.replyCode(
                () -> clients.service().channel.queueDeclare(GROUP, true, false, false, null)))
        .isEqualTo(403);
  }

  @Test
  @DisplayName("who may not read the group's queue does not join it by any name [MAP-8]")
  void readingNeedsAPermission() throws Exception {
    clients.device("three").subscribe("$share/secret/t", 1);
    assertThat(Service.replyCode(() -> clients.service().consume("$share/secret/t")))
        .isEqualTo(403);
    assertThat(Service.replyCode(() -> clients.service().channel.basicGet("$share/secret/t", true)))
        .isEqualTo(403);
  }

  @Test
  @DisplayName("an AMQP consumer is chosen as a member is, by what it has to settle [MAP-8]")
  void theLeastBusyIsNext() throws Exception {
    Device5 five = clients.device5("five").acknowledgingByHand().subscribe(GROUP, 1);
    Service service = clients.service();
    service.channel.basicQos(2);
    Inbox<Delivery> theirs = service.consume(GROUP);
    Device publisher = clients.device("publisher");
    for (String text : numbers(0, 5)) {
      publisher.publish("jobs/a", text, 1);
    }
    List<Mqtt5Publish> ours = five.inbox().take(3); // the other has two and may have no more
    List<Delivery> two = theirs.take(2);
    assertThat(Stream.concat(ours.stream().map(Device5::text), two.stream().map(Service::text)))
        .containsExactlyInAnyOrderElementsOf(numbers(0, 5));
    accept(service.channel, two.get(0));
    service.channel.basicReject(two.get(1).getEnvelope().getDeliveryTag(), false);
    publisher.publish("jobs/a", "m5", 1);
    assertThat(Service.text(theirs.take())).isEqualTo("m5");
    five.inbox().expectNothingMore();
    assertThat(broker.broker().metrics().dropped("rejected")).isEqualTo(1);
  }

  @Test
  @DisplayName("what a device has begun to get with QoS 2 is never given to AMQP [MAP-8]")
  void whatHasBegunIsNotGivenToAmqp() throws Exception {
    Device5 five = clients.device5("five", Device5.returning()).acknowledgingByHand();
    five.subscribe(GROUP, 2);
    Device publisher = clients.device("publisher");
    publisher.publish("jobs/a", "m0", 2);
    assertThat(Device5.text(five.take())).isEqualTo("m0");
    Service service = clients.service();
    Inbox<Delivery> theirs = service.consume(GROUP);
    five.disconnect();
    publisher.publish("jobs/a", "m1", 2);
    Delivery next = theirs.take();
    assertThat(Service.text(next)).isEqualTo("m1");
    accept(service.channel, next);
    theirs.expectNothingMore();
    publisher.publish("jobs/a", "m2", 2);
    assertThat(Service.text(theirs.take())).isEqualTo("m2");
    assertThat(service.channel.queueDeclarePassive(GROUP).getMessageCount()).isZero();
  }

  @Test
  @DisplayName("when the last session leaves the group, AMQP's consumers are told [MAP-8]")
  void theGroupEndsWithItsSessions() throws Exception {
    Device three = clients.device("three").subscribe(GROUP, 1);
    Service service = clients.service();
    var ended = new Inbox<String>("who is told");
    service.channel.basicConsume(GROUP, false, (tag, d) -> {}, ended::add);
    three.disconnect();
    assertThat(ended.take()).isNotEmpty();
  }

  @Test
  @DisplayName("a mixed group loses nothing and doubles nothing while some come and go [MAP-8]")
  void aMixedGroupLosesNothing() throws Exception {
    Device three = clients.device("three").subscribe(GROUP, 1);
    Device5 five = clients.device5("five").subscribe(GROUP, 2);
    var here = new Inbox<String>("the consumer in this JVM");
    broker.client().subscribe(Source.queue(GROUP), d -> here.add(d.message().text()));
    Service service = clients.service();
    Device publisher = clients.device("publisher");
    var publishing = broker.client().publisher("amq.topic");

    var got = new ArrayList<String>();
    int sent = 0;
    for (int round = 0; round < 10; round++) {
      Channel channel = service.channel();
      channel.basicQos(5);
      Inbox<Delivery> theirs = Service.consume(channel, GROUP, false);
      for (int i = 0; i < 20; i++) {
        if (i % 2 == 0) {
          publisher.publish("jobs/a", "m" + sent, 1 + round % 2);
        } else {
          publishing.send("jobs.b", Message.builder("m" + sent).persistent().build());
        }
        sent++;
      }
      Delivery first = theirs.take();
      got.add(Service.text(first));
      accept(channel, first);
      Delivery second = theirs.poll();
      if (second != null) {
        channel.basicReject(second.getEnvelope().getDeliveryTag(), true);
      }
      channel.close(); // with what else it has
    }
    var by = new HashSet<String>();
    while (got.size() < sent) {
      drain(three.inbox(), Device.Arrived::text, "three", got, by);
      drain(five.inbox(), Device5::text, "five", got, by);
      drain(here, text -> text, "here", got, by);
    }
    assertThat(got).containsExactlyInAnyOrderElementsOf(numbers(0, sent));
    assertThat(by).hasSize(3);
  }
}
