package io.carrick.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Broker;
import io.carrick.Client;
import io.carrick.Delivery;
import io.carrick.Guarantee;
import io.carrick.MessageProperties;
import io.carrick.amqp.Amqp;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.journal.Journal;
import io.carrick.mqtt.Mqtt;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A journal that the last broker with records of version 1 has written, with queues, a session,
 * retained and other messages of both protocols and of this JVM.
 */
class OldJournalTest {

  @TempDir Path directory;

  @BeforeEach
  void unpack() throws IOException {
    InputStream packed = OldJournalTest.class.getResourceAsStream("journal-of-version-1.zip");
    try (var zip = new ZipInputStream(Objects.requireNonNull(packed))) {
      for (ZipEntry file = zip.getNextEntry(); file != null; file = zip.getNextEntry()) {
        Files.copy(zip, directory.resolve(file.getName()));
      }
    }
  }

  private Broker broker() {
    return EmbeddedBroker.builder()
        .adapter(Mqtt.onAnyPort())
        .adapter(Amqp.onAnyPort())
        .store(Journal.in(directory))
        .start();
  }

  private static Delivery next(Client client, String queue) {
    return client.poll(queue).orElseThrow();
  }

  @Test
  void everythingInItIsThereAndStaysWhenThisVersionHasWrittenItAnew() {
    try (Broker broker = broker();
        Client client = broker.connect()) {
      assertNeutral(next(client, "jobs"));
      assertByAmqp(next(client, "jobs"));
      Delivery kitchen = next(client, "readings");
      assertThat(kitchen.message().text()).isEqualTo("21.5");
      assertThat(kitchen.routingKey()).isEqualTo("sensors.kitchen");
      kitchen.accept();
    }
    try (Broker broker = broker();
        Client client = broker.connect()) {
      Delivery dotted = next(client, "readings");
      assertThat(dotted.message().text()).isEqualTo("22.5");
      assertThat(dotted.message().routingKey().asTopic()).isEqualTo("sensors/a.b");
      assertThat(dotted.message().properties().guarantee()).isEqualTo(Guarantee.EXACTLY_ONCE);
      assertNeutral(next(client, "jobs"));
      assertByAmqp(next(client, "jobs"));
    }
  }

  private static void assertNeutral(Delivery delivery) {
    MessageProperties p = delivery.message().properties();
    assertThat(delivery.message().text()).isEqualTo("neutral");
    assertThat(delivery.exchange()).isEqualTo("orders");
    assertThat(p.persistent()).isTrue();
    assertThat(p.priority()).hasValue(3);
    assertThat(p.timestamp()).contains(Instant.ofEpochSecond(1_700_000_000));
    assertThat(p.contentType()).contains("text/plain");
    assertThat(p.correlationId().orElseThrow()).isEqualTo("c-1".getBytes(StandardCharsets.UTF_8));
    assertThat(p.messageId()).contains("m-1");
    assertThat(p.headers()).isEqualTo(Map.of("n", 7L, "list", List.of(1, "two")));
  }

  private static void assertByAmqp(Delivery delivery) {
    MessageProperties p = delivery.message().properties();
    assertThat(delivery.message().text()).isEqualTo("by amqp!");
    assertThat(p.contentType()).contains("text/amqp");
    assertThat(p.guarantee()).isEqualTo(Guarantee.EXACTLY_ONCE);
    assertThat(p.headers()).containsEntry("u", 65_535);
  }

  @Test
  void aDeviceFindsItsSessionAndTheRetainedMessage() throws MqttException {
    try (Broker broker = broker()) {
      int port = broker.address("mqtt").getPort();
      String uri = "tcp://127.0.0.1:" + port;
      try (Device old = Device.connect(uri, "old-device", Device.options(false));
          Device other = Device.connect(uri, "other", Device.options(true))) {
        Device.Arrived alert = old.take();
        assertThat(alert.topic()).isEqualTo("alerts/fire");
        assertThat(alert.text()).isEqualTo("run");
        assertThat(alert.qos()).isEqualTo(2);

        Device.Arrived retained = other.subscribe("sensors/+", 2).take();
        assertThat(retained.topic()).isEqualTo("sensors/a.b");
        assertThat(retained.text()).isEqualTo("22.5");
        assertThat(retained.retained()).isTrue();
      }
    }
  }
}
