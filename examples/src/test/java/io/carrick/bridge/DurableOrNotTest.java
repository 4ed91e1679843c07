package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import io.carrick.bridge.CrashBroker.Setting;
import io.carrick.journal.Journal.Sync;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is durable and what is not, in the words of both protocols: a table of what clients did, and
 * what they find when the broker was stopped in order, or killed, and started again.
 */
class DurableOrNotTest {

  private static final BasicProperties PERSISTENT = MessageProperties.MINIMAL_PERSISTENT_BASIC;
  private static final BasicProperties TRANSIENT = MessageProperties.MINIMAL_BASIC;
  private static final Setting SETTING = new Setting(Sync.FSYNC, 1 << 20, 1_000);

  @TempDir Path directory;

  private final Map<String, Case> cases = new LinkedHashMap<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private CrashBroker broker;
  private Channel channel;

  /** What is done before the end of the broker, and what is looked at behind it. */
  private record Case(Step before, Step after) {}

  /** Something that clients do. */
  @FunctionalInterface
  private interface Step {
    void run() throws Exception;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    broker.close();
  }

  @TestFactory
  Stream<DynamicTest> afterAnOrderlyStop() throws Exception {
    return restarted(false);
  }

  @TestFactory
  Stream<DynamicTest> afterAKill() throws Exception {
    return restarted(true);
  }

  private Stream<DynamicTest> restarted(boolean killed) throws Exception {
    amqpCases();
    bridgeCases();
    mqttSessionCases();
    mqttQos2Cases();
    start();
    for (Case each : cases.values()) {
      each.before.run();
    }
    if (killed) {
      broker.kill();
    } else {
      broker.close();
    }
    start();
    return cases.entrySet().stream()
        .map(each -> dynamicTest(each.getKey(), each.getValue().after::run));
  }

  private void start() throws Exception {
    broker = CrashBroker.launch(directory, SETTING);
    broker.awaitPorts();
    channel = amqp();
    channel.confirmSelect();
  }

  private void that(String name, Step before, Step after) {
    cases.put(name, new Case(before, after));
  }

  // ---- AMQP 0-9-1

  private void amqpCases() {
    that(
        "a persistent message in a durable queue is there [AMQP 0-9-1 §3.1.1]",
        () -> {
          durableQueue("durable");
          publish("", "durable", PERSISTENT, "kept");
        },
        () -> assertThat(take("durable")).contains("kept"));
    that(
        "a transient message in a durable queue is gone, and the queue is there",
        () -> {
          durableQueue("of-transient");
          publish("", "of-transient", TRANSIENT, "gone");
        },
        () -> assertThat(take("of-transient")).isEmpty());
    that(
        "transient messages between persistent ones leave no gap and no disorder",
        () -> {
          durableQueue("mixed");
          for (String text : List.of("1", "2", "3")) {
            publish("", "mixed", PERSISTENT, text);
            publish("", "mixed", TRANSIENT, "gone");
          }
        },
        () -> {
          assertThat(take("mixed")).contains("1");
          assertThat(take("mixed")).contains("2");
          assertThat(take("mixed")).contains("3");
          assertThat(take("mixed")).isEmpty();
        });
    that(
        "what was acknowledged is gone",
        () -> {
          durableQueue("acknowledged");
          publish("", "acknowledged", PERSISTENT, "done");
          assertThat(take("acknowledged")).contains("done");
          // Behind this the broker has the acknowledgement, and so has the store.
          publish("", "acknowledged", PERSISTENT, "next");
        },
        () -> {
          assertThat(take("acknowledged")).contains("next");
          assertThat(take("acknowledged")).isEmpty();
        });
    that(
        "a queue that is not durable is gone, with its persistent message",
        () -> {
          channel.queueDeclare("transient", false, false, false, null);
          publish("", "transient", PERSISTENT, "gone");
        },
        () -> assertThat(isThere("transient")).isFalse());
    that(
        "an exclusive queue is gone, durable or not",
        () -> channel.queueDeclare("exclusive", true, true, false, null),
        () -> assertThat(isThere("exclusive")).isFalse());
    that(
        "a durable auto-delete queue that nobody has consumed is there",
        () -> {
          channel.queueDeclare("auto-delete", true, false, true, null);
          publish("", "auto-delete", PERSISTENT, "kept");
        },
        () -> assertThat(take("auto-delete")).contains("kept"));
    that(
        "a durable exchange is there with its bindings to durable queues",
        () -> {
          channel.exchangeDeclare("durable-exchange", "direct", true);
          durableQueue("bound");
          channel.queueBind("bound", "durable-exchange", "key");
        },
        () -> {
          publish("durable-exchange", "key", PERSISTENT, "new");
          assertThat(take("bound")).contains("new");
        });
    that(
        "an exchange that is not durable is gone",
        () -> {
          channel.exchangeDeclare("transient-exchange", "direct", false);
          durableQueue("unbound");
          channel.queueBind("unbound", "transient-exchange", "key");
        },
        () -> {
          try (Connection other = connection()) {
            Channel asking = other.createChannel();
            assertThat(failure(() -> asking.exchangeDeclarePassive("transient-exchange")))
                .hasStackTraceContaining("404");
          }
          assertThat(isThere("unbound")).isTrue();
        });
    that(
        "a queue that was deleted is gone",
        () -> {
          durableQueue("deleted");
          channel.queueDelete("deleted");
        },
        () -> assertThat(isThere("deleted")).isFalse());
  }

  // ---- across

  private void bridgeCases() {
    that(
        "a QoS 1 message of a device is there in a durable queue, a QoS 0 message is not",
        () -> {
          durableQueue("of-device");
          channel.queueBind("of-device", "amq.topic", "device.#");
          RawMqtt device = mqtt("device", true);
          device.publish("device/a", "gone", 0, false, 0);
          publishAcked(device, "device/a", "kept");
        },
        () -> {
          assertThat(take("of-device")).contains("kept");
          assertThat(take("of-device")).isEmpty();
        });
    that(
        "a persistent message of a service is there for a session",
        () -> {
          leave("of-service", "service/#", 1);
          publish("amq.topic", "service.a", PERSISTENT, "kept");
        },
        () -> assertThat(come("of-service").read(RawMqtt.PUBLISH).text()).isEqualTo("kept"));
  }

  // ---- MQTT 3.1.1

  private void mqttSessionCases() {
    that(
        "a session has the QoS 1 message that came while it was away [MQTT-3.1.2-5]",
        () -> {
          leave("away", "away", 1);
          publishAcked(mqtt("p", true), "away", "kept");
        },
        () -> assertThat(come("away").read(RawMqtt.PUBLISH).text()).isEqualTo("kept"));
    that(
        "a QoS 0 message to a session that is away is not kept, and the subscription is",
        () -> {
          leave("away-0", "away-0", 1);
          RawMqtt publisher = mqtt("p-0", true);
          publisher.publish("away-0", "gone", 0, false, 0);
          publisher.ping();
          publisher.read(RawMqtt.PINGRESP);
        },
        () -> {
          RawMqtt session = come("away-0");
          publishAcked(mqtt("p-0", true), "away-0", "new");
          assertThat(session.read(RawMqtt.PUBLISH).text()).isEqualTo("new");
        });
    that(
        "a clean session ends with its connection [MQTT-3.1.2-6]",
        () -> mqtt("clean", true).subscribe("clean", 1),
        () -> {
          var client = keep(new RawMqtt(broker.mqtt()));
          assertThat(client.connect("clean", false)).as("session present").isFalse();
        });
    that(
        "a retained message is there [MQTT-3.3.1-5]",
        () -> {
          RawMqtt publisher = mqtt("retainer", true);
          publisher.publishRetained("retained", "kept", 1);
          publisher.read(RawMqtt.PUBACK);
        },
        () -> {
          RawMqtt reader = mqtt("reader", true);
          reader.subscribe("retained", 0);
          assertThat(reader.read(RawMqtt.PUBLISH).text()).isEqualTo("kept");
        });
    that(
        "a retained message that was cleared is gone [MQTT-3.3.1-10]",
        () -> {
          RawMqtt publisher = mqtt("clearer", true);
          for (String text : List.of("gone", "")) {
            publisher.publishRetained("cleared", text, 1);
            publisher.read(RawMqtt.PUBACK);
          }
        },
        () -> {
          RawMqtt reader = mqtt("reader-of-none", true);
          reader.subscribe("cleared", 0);
          reader.ping();
          reader.read(RawMqtt.PINGRESP);
        });
    that(
        "a QoS 1 message without PUBACK comes again with DUP [MQTT-4.4.0-1]",
        () -> {
          RawMqtt session = keep(new RawMqtt(broker.mqtt()));
          session.connect("unacknowledged", false);
          session.subscribe("unacknowledged", 1);
          publishAcked(mqtt("p-1", true), "unacknowledged", "again");
          assertThat(session.read(RawMqtt.PUBLISH).dup()).isFalse();
        },
        () -> {
          RawMqtt.Packet again = come("unacknowledged").read(RawMqtt.PUBLISH);
          assertThat(again.text()).isEqualTo("again");
          assertThat(again.dup()).isTrue();
        });
  }

  private void mqttQos2Cases() {
    that(
        "a QoS 2 message that the broker has, and has not released, is not taken twice"
            + " [MQTT-4.3.3-2]",
        () -> {
          leave("of-sender", "sent", 2);
          RawMqtt sender = mqtt("sender", false);
          sender.publish("sent", "once", 2, false, 7);
          sender.read(RawMqtt.PUBREC);
        },
        () -> {
          RawMqtt sender = come("sender");
          sender.publish("sent", "once", 2, true, 7);
          assertThat(sender.read(RawMqtt.PUBREC).id()).isEqualTo(7);
          sender.acknowledge(RawMqtt.PUBREL, 7);
          assertThat(sender.read(RawMqtt.PUBCOMP).id()).isEqualTo(7);
          sender.publish("sent", "another", 2, false, 7);
          sender.read(RawMqtt.PUBREC);
          RawMqtt receiver = come("of-sender");
          assertThat(receiver.read(RawMqtt.PUBLISH).text()).isEqualTo("once");
          assertThat(receiver.read(RawMqtt.PUBLISH).text()).isEqualTo("another");
        });
    that(
        "a QoS 2 message without PUBREC comes again under its identifier [MQTT-4.4.0-1]",
        () -> {
          RawMqtt receiver = mqtt("unreceived", false);
          receiver.subscribe("unreceived", 2);
          publishTwice("unreceived", "first", "second");
          assertThat(receiver.read(RawMqtt.PUBLISH).publishId()).isEqualTo(1);
          assertThat(receiver.read(RawMqtt.PUBLISH).publishId()).isEqualTo(2);
        },
        () -> {
          RawMqtt receiver = come("unreceived");
          for (int id = 1; id <= 2; id++) {
            RawMqtt.Packet again = receiver.read(RawMqtt.PUBLISH);
            assertThat(again.publishId()).isEqualTo(id);
            assertThat(again.dup()).isTrue();
            assertThat(again.text()).isEqualTo(id == 1 ? "first" : "second");
          }
        });
    that(
        "a QoS 2 message with PUBREC is released, and not sent again [MQTT-4.3.3-1]",
        () -> {
          RawMqtt receiver = mqtt("received", false);
          receiver.subscribe("received", 2);
          publishTwice("received", "first", "second");
          int first = receiver.read(RawMqtt.PUBLISH).publishId();
          receiver.read(RawMqtt.PUBLISH);
          receiver.acknowledge(RawMqtt.PUBREC, first);
          assertThat(receiver.read(RawMqtt.PUBREL).id()).isEqualTo(first);
        },
        () -> {
          RawMqtt receiver = come("received");
          var packets = List.of(receiver.read(), receiver.read());
          assertThat(packets)
              .extracting(RawMqtt.Packet::type)
              .containsExactlyInAnyOrder(RawMqtt.PUBREL, RawMqtt.PUBLISH);
          for (RawMqtt.Packet packet : packets) {
            if (packet.type() == RawMqtt.PUBREL) {
              assertThat(packet.id()).isEqualTo(1);
            } else {
              assertThat(packet.text()).isEqualTo("second");
              assertThat(packet.publishId()).isEqualTo(2);
            }
          }
        });
  }

  // ---- clients

  private <T extends AutoCloseable> T keep(T closeable) {
    open.add(0, closeable);
    return closeable;
  }

  private Connection connection() throws Exception {
    return CrashAmqpConsumer.connect(broker);
  }

  private Channel amqp() throws Exception {
    Connection connection = connection();
    keep(connection::abort);
    return connection.createChannel();
  }

  private void durableQueue(String name) throws IOException {
    channel.queueDeclare(name, true, false, false, null);
  }

  private void publish(String exchange, String key, BasicProperties how, String text)
      throws Exception {
    channel.basicPublish(exchange, key, how, text.getBytes(StandardCharsets.UTF_8));
    channel.waitForConfirmsOrDie();
  }

  /** Takes and acknowledges the next message of a queue. */
  private Optional<String> take(String queue) throws IOException {
    Optional<GetResponse> got = Optional.ofNullable(channel.basicGet(queue, false));
    if (got.isPresent()) {
      channel.basicAck(got.get().getEnvelope().getDeliveryTag(), false);
    }
    return got.map(g -> new String(g.getBody(), StandardCharsets.UTF_8));
  }

  private boolean isThere(String queue) throws Exception {
    try (Connection other = connection()) {
      Channel asking = other.createChannel();
      Throwable absent = failure(() -> asking.queueDeclarePassive(queue));
      if (absent != null) {
        assertThat(absent).hasStackTraceContaining("404");
      }
      return absent == null;
    }
  }

  private static Throwable failure(Step step) {
    return org.assertj.core.api.Assertions.catchThrowable(step::run);
  }

  private RawMqtt mqtt(String clientId, boolean clean) throws IOException {
    var client = keep(new RawMqtt(broker.mqtt()));
    client.connect(clientId, clean);
    return client;
  }

  private static void publishAcked(RawMqtt client, String topic, String text) throws IOException {
    client.publish(topic, text, 1, false, 1);
    client.read(RawMqtt.PUBACK);
  }

  private void publishTwice(String topic, String first, String second) throws IOException {
    RawMqtt publisher = mqtt("to-" + topic, true);
    publisher.publish(topic, first, 2, false, 1);
    publisher.read(RawMqtt.PUBREC);
    publisher.publish(topic, second, 2, false, 2);
    publisher.read(RawMqtt.PUBREC);
  }

  /** Begins a session, subscribes, and goes. */
  private void leave(String clientId, String filter, int qos) throws IOException {
    try (var session = new RawMqtt(broker.mqtt())) {
      session.connect(clientId, false);
      session.subscribe(filter, qos);
    }
  }

  /** Comes back to a session. */
  private RawMqtt come(String clientId) throws IOException {
    var session = keep(new RawMqtt(broker.mqtt()));
    assertThat(session.connect(clientId, false)).as("session present").isTrue();
    return session;
  }
}
