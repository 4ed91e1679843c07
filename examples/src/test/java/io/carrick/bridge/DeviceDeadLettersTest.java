package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.rabbitmq.client.Delivery;
import io.carrick.Broker;
import io.carrick.Policy;
import io.carrick.Policy.AppliesTo;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.VirtualTime;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What sessions of devices give up, as services read it from a queue of dead letters. */
class DeviceDeadLettersTest {

  private static final Duration DAY = Duration.ofDays(1);

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
          EmbeddedBroker.builder()
              .adapter(Mqtt.onAnyPort())
              .adapter(Amqp.onAnyPort())
              .policy(devices().set("message-ttl", DAY.toMillis()).set("max-length", 2)));

  @RegisterExtension final Clients clients = new Clients(broker);

  private static Policy devices() {
    return devices("", "dead");
  }

  private static Policy devices(String exchange, String key) {
    return Policy.of("/", "devices", "^mqtt\\.(session\\.d|share\\.)")
        .appliesTo(AppliesTo.QUEUES)
        .set("dead-letter-exchange", exchange)
        .set("dead-letter-routing-key", key);
  }

  @BeforeEach
  void declare() {
    broker.client().topology().queue("dead").declare();
  }

  private Device5 device5(String clientId) {
    return clients.keep(Device5.connect(broker.address("mqtt"), clientId));
  }

  /** Leaves a session that has subscribed to {@code a/b}. */
  private void leave(String clientId) {
    leave(clientId, "a/b");
  }

  private void leave(String clientId, String filter) {
    InetSocketAddress address = broker.address("mqtt");
    Device5.connect(address, clientId, Device5.returning()).subscribe(filter, 1).disconnect();
  }

  private static Inbox<Delivery> letters(Service service) throws Exception {
    return Service.consume(service.channel(), "dead", true);
  }

  private Inbox<Delivery> letters() throws Exception {
    return letters(clients.service());
  }

  private static Map<String, Object> headers(Delivery letter) {
    return letter.getProperties().getHeaders();
  }

  private static void assertDead(Delivery letter, String text, String queue, String reason) {
    assertThat(Service.text(letter)).isEqualTo(text);
    assertThat((List<?>) headers(letter).get("x-death"))
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .hasEntrySatisfying("queue", q -> assertThat(q).hasToString(queue))
        .hasEntrySatisfying("reason", r -> assertThat(r).hasToString(reason))
        .hasEntrySatisfying("exchange", e -> assertThat(e).hasToString("amq.topic"))
        .hasEntrySatisfying("routing-keys", k -> assertThat(k).hasToString("[a.b]"));
    assertThat(headers(letter).get("x-first-death-reason")).hasToString(reason);
    assertThat(headers(letter).get("x-first-death-queue")).hasToString(queue);
  }

  private long dropped(String reason) {
    return broker.broker().metrics().dropped(reason);
  }

  @Test
  @DisplayName("what a device does not fetch within a day is a dead letter (MAP-15)")
  void whatADeviceDoesNotFetchInTimeIsADeadLetter() throws Exception {
    leave("d1");
    leave("other");
    Service service = clients.service();
    service.publish("a.b", "1");
    service.close();

    broker.advance(DAY.minusMillis(1));
    assertThat(dropped("expired")).isZero();
    broker.advance(Duration.ofMillis(1));
    Inbox<Delivery> letters = letters();
    assertDead(letters.take(), "1", "mqtt.session.d1", "expired");
    assertThat(dropped("expired")).isEqualTo(1);
    assertThat(clients.returningDevice("other").take().text()).isEqualTo("1");
    letters.expectNothingMore();
  }

  @Test
  void aMessageWithAnExpiryOfItsOwnTellsWhatItWas() throws Exception {
    leave("d1");
    Device5 publisher = device5("p");
    publisher.publish(
        Mqtt5Publish.builder()
            .topic("a/b")
            .payload(new byte[] {'1'})
            .qos(MqttQos.AT_LEAST_ONCE)
            .messageExpiryInterval(60)
            .build());
    publisher.disconnect();

    broker.advance(Duration.ofMinutes(1));
    Delivery letter = letters().take();
    assertDead(letter, "1", "mqtt.session.d1", "expired");
    assertThat(letter.getProperties().getExpiration()).isNull();
    assertThat(headers(letter).get("x-death").toString()).contains("original-expiration=60000");
  }

  @Test
  void theOldestOfAFullSessionAreDeadLettersAndNobodyIsRefused() throws Exception {
    leave("d1");
    Device5 publisher = device5("p");
    for (int i = 1; i <= 4; i++) {
      assertThat(publisher.publish("a/b", "" + i, 2).getError()).isEmpty();
    }
    Inbox<Delivery> letters = letters();
    assertDead(letters.take(), "1", "mqtt.session.d1", "maxlen");
    assertDead(letters.take(), "2", "mqtt.session.d1", "maxlen");
    assertThat(clients.returningDevice("d1").take().text()).isEqualTo("3");
    letters.expectNothingMore();
  }

  @Test
  @DisplayName("a dead letter has the reason code and the reason string of the device (MAP-15)")
  void aDeadLetterSaysWhyTheDeviceHasRejectedIt() throws Exception {
    clients
        .keep(Device5.rejecting(broker.address("mqtt"), "d1", "too hot \u2600"))
        .subscribe("a/b", 1);
    Inbox<Delivery> letters = letters();
    clients.service().publish("a.b", "1");
    Delivery letter = letters.take();
    assertDead(letter, "1", "mqtt.session.d1", "rejected");
    assertThat(headers(letter)).containsEntry("x-mqtt-reason", 0x83);
    assertThat(headers(letter).get("x-mqtt-reason-string")).hasToString("too hot \u2600");

    device5("p").publish("a/b", "2", 1);
    assertDead(letters.take(), "2", "mqtt.session.d1", "rejected");
  }

  @Test
  void whatAMemberRejectsIsADeadLetterOfWhatItShares() throws Exception {
    clients
        .keep(Device5.rejecting(broker.address("mqtt"), "d1", "no"))
        .subscribe("$share/g/a/b", 1);
    clients.service().publish("a.b", "1");
    Delivery letter = letters().take();
    String queue = headers(letter).get("x-first-death-queue").toString();
    assertThat(queue).startsWith("mqtt.share.g.");
    assertDead(letter, "1", queue, "rejected");
    assertThat(headers(letter)).containsEntry("x-mqtt-reason", 0x83);
  }

  @Test
  @DisplayName("a message that is longer than its client takes is a dead letter (MAP-29)")
  void whatIsLongerThanItsClientTakesIsADeadLetter() throws Exception {
    var most = Mqtt5Connect.builder().restrictions().maximumPacketSize(200).applyRestrictions();
    Device5 device = clients.keep(Device5.connect(broker.address("mqtt"), "d1", most.build()));
    device.subscribe("a/b", 1);
    Service service = clients.service();
    String tooLong = "x".repeat(200);
    service.publish("a.b", tooLong);
    service.publish("a.b", "short");

    assertThat(Device5.text(device.take())).isEqualTo("short");
    assertDead(letters().take(), tooLong, "mqtt.session.d1", "undeliverable");
    assertThat(dropped("packet-too-large")).isEqualTo(1);
  }

  @Test
  @DisplayName("a message whose key is no topic is a dead letter (MAP-2)")
  void whatHasNoTopicIsADeadLetter() throws Exception {
    Device device = clients.device("d1");
    device.subscribe("#", 1);
    Service service = clients.service();
    service.publish("", "no topic");
    service.publish("a.b", "1");

    assertThat(device.take().text()).isEqualTo("1");
    Delivery letter = letters().take();
    assertThat(Service.text(letter)).isEqualTo("no topic");
    assertThat(headers(letter).get("x-first-death-reason")).hasToString("undeliverable");
    assertThat(dropped("illegal-topic")).isEqualTo(1);
  }

  @Test
  void whatIsLeftOfASessionThatStartsAnewIsDroppedAndSoIsWhatHasNoPromise() throws Exception {
    leave("d1");
    Device5 publisher = device5("p");
    publisher.publish("a/b", "1", 1);
    publisher.publish("a/b", "QoS 0", 0);
    device5("d1").disconnect();
    leave("d1");
    for (String text : List.of("2", "3", "4")) {
      publisher.publish("a/b", text, 1);
    }
    Inbox<Delivery> letters = letters();
    assertDead(letters.take(), "2", "mqtt.session.d1", "maxlen");
    letters.expectNothingMore();
    assertThat(dropped("queue-deleted")).isEqualTo(1);
    assertThat(dropped("offline")).isEqualTo(1);
  }

  private static List<String> texts(Mqtt5Publish message, String name) {
    return message.getUserProperties().asList().stream()
        .filter(property -> property.getName().toString().equals(name))
        .map(property -> property.getValue().toString())
        .toList();
  }

  @Test
  @DisplayName("a client of MQTT 5 sees why a device has rejected a message (MAP-15, MAP-25)")
  void aSubscriberOfDeadLettersSeesWhyADeviceHasRejectedAMessage() throws Exception {
    broker.await(broker.broker().admin().policies().put(devices("amq.topic", "dead.letters")));
    Device5 watcher = device5("watcher");
    watcher.subscribe("dead/letters", 1);
    clients.keep(Device5.rejecting(broker.address("mqtt"), "d1", "too hot")).subscribe("a/b", 1);
    device5("p")
        .publish(
            Mqtt5Publish.builder()
                .topic("a/b")
                .payload(new byte[] {'1'})
                .qos(MqttQos.AT_LEAST_ONCE)
                .messageExpiryInterval(60)
                .userProperties()
                .add("own", "kept")
                .add("x-mqtt-reason", "pretended")
                .applyUserProperties()
                .build());

    Mqtt5Publish letter = watcher.take();
    assertThat(Device5.text(letter)).isEqualTo("1");
    assertThat(letter.getTopic()).hasToString("dead/letters");
    assertThat(letter.getMessageExpiryInterval()).isEmpty();
    assertThat(texts(letter, "own")).containsExactly("kept");
    assertThat(texts(letter, "x-mqtt-reason")).containsExactly("131");
    assertThat(texts(letter, "x-mqtt-reason-string")).containsExactly("too hot");
    assertThat(texts(letter, "x-first-death-reason")).containsExactly("rejected");
    assertThat(texts(letter, "x-death"))
        .singleElement()
        .asString()
        .startsWith("[{")
        .contains("\"queue\":\"mqtt.session.d1\"", "\"original-expiration\":\"60000\"");
  }

  @Test
  @DisplayName("a client of MQTT 5 sees why a queue has given a message up (MAP-25)")
  void aSubscriberOfDeadLettersSeesWhyAQueueHasGivenAMessageUp() throws Exception {
    Device5 watcher = device5("watcher");
    watcher.subscribe("dead/jobs", 1);
    Service service = clients.service();
    service.channel.queueDeclare(
        "jobs",
        true,
        false,
        false,
        Map.of(
            "x-max-length", 0,
            "x-dead-letter-exchange", "amq.topic",
            "x-dead-letter-routing-key", "dead.jobs"));
    service.channel.basicPublish("", "jobs", Service.persistent(), new byte[] {'1'});

    Mqtt5Publish letter = watcher.take();
    assertThat(Device5.text(letter)).isEqualTo("1");
    assertThat(letter.getQos()).isEqualTo(MqttQos.AT_LEAST_ONCE);
    assertThat(texts(letter, "x-last-death-queue")).containsExactly("jobs");
    assertThat(texts(letter, "x-last-death-reason")).containsExactly("maxlen");
    assertThat(texts(letter, "x-death")).singleElement().asString().contains("\"count\":1");
    assertThat(texts(letter, "x-mqtt-reason")).isEmpty();
  }

  @Test
  void aLetterThatWouldComeBackToItsSessionIsDroppedAndOthersGetIt() throws Exception {
    Policy circle = devices().set("message-ttl", 1_000);
    broker.await(
        broker
            .broker()
            .admin()
            .policies()
            .put(
                circle
                    .set("dead-letter-exchange", "amq.topic")
                    .set("dead-letter-routing-key", "dead.letters")));
    leave("other", "dead/letters");
    leave("d1", "dead/letters");
    leave("d1");
    Device5 publisher = device5("p");
    publisher.publish("a/b", "1", 1);
    publisher.disconnect();

    broker.advance(Duration.ofSeconds(1));
    Device.Arrived letter = clients.returningDevice("other").take();
    assertThat(letter.topic()).isEqualTo("dead/letters");
    assertThat(letter.text()).isEqualTo("1");
    assertThat(dropped("dead-letter-circle")).isEqualTo(1);
    Device back = clients.returningDevice("d1");
    device5("q").publish("a/b", "2", 1);
    assertThat(back.take().text()).isEqualTo("2");
  }

  @Test
  void whatGrowsTooOldWhileTheBrokerIsDownIsADeadLetterOnceItIsBack(@TempDir Path directory)
      throws Exception {
    var time = VirtualTime.overSockets(2);
    try (Broker first = onDisk(directory, time)) {
      first.connect().topology().queue("dead").durable().declare();
      String url = "tcp://127.0.0.1:" + first.address("mqtt").getPort();
      try (Device device = Device.connect(url, "d1", Device.options(false));
          Device publisher = Device.connect(url, "p", Device.options(true))) {
        device.subscribe("a/b", 2);
        device.disconnect();
        publisher.publish("a/b", "1", 2);
      }
    }
    time.advance(DAY);
    try (Broker second = onDisk(directory, time);
        Service service = Service.connect(second.address("amqp"))) {
      assertDead(letters(service).take(), "1", "mqtt.session.d1", "expired");
    }
  }

  private static Broker onDisk(Path directory, VirtualTime time) {
    return EmbeddedBroker.builder()
        .loops(time.loops())
        .adapter(Mqtt.onAnyPort())
        .adapter(Amqp.onAnyPort())
        .store(Journal.in(directory))
        .policy(devices().set("message-ttl", DAY.toMillis()))
        .start();
  }
}
