package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.carrick.ConnectionInfo;
import io.carrick.Identity;
import io.carrick.engine.EmbeddedBroker;
import io.carrick.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Eclipse Paho's Java client against the broker. */
@Timeout(60)
@Tag("MQTT-7.0.0-2/311")
@Tag("MQTT-7.1.1-1/311")
class PahoClientTest {

  @RegisterExtension
  final BrokerExtension broker =
      BrokerExtension.of(
              EmbeddedBroker.builder()
                  .adapter(Mqtt.onAnyPort())
                  .authenticator(
                      c ->
                          c.user().isEmpty()
                                  || new String(c.password(), StandardCharsets.UTF_8)
                                      .equals("secret")
                              ? Optional.of(new Identity(c.user(), c.clientId()))
                              : Optional.empty()))
          .realTime();

  private final List<MqttClient> clients = new ArrayList<>();

  /** A message as it came, in words. */
  private record Arrived(String topic, String payload, int qos, boolean retained) {}

  @AfterEach
  void close() throws MqttException {
    for (MqttClient client : clients) {
      if (client.isConnected()) {
        client.disconnectForcibly(100, 100);
      }
      client.close(true);
    }
  }

  private MqttClient client(String id) throws MqttException {
    var client = new MqttClient(broker.url("tcp", "mqtt"), id, new MemoryPersistence());
    client.setTimeToWait(10_000);
    clients.add(client);
    return client;
  }

  private MqttClient connected(String id) throws MqttException {
    var options = new MqttConnectOptions();
    options.setMaxInflight(1_000); // Paho counts a publish as under way for a while after its end
    MqttClient client = client(id);
    client.connect(options);
    return client;
  }

  private static BlockingQueue<Arrived> subscribe(MqttClient client, String filter, int qos)
      throws MqttException {
    var arrived = new LinkedBlockingQueue<Arrived>();
    client.subscribe(
        filter,
        qos,
        (topic, m) ->
            arrived.add(
                new Arrived(
                    topic,
                    new String(m.getPayload(), StandardCharsets.UTF_8),
                    m.getQos(),
                    m.isRetained())));
    return arrived;
  }

  private static Arrived take(BlockingQueue<Arrived> from) throws InterruptedException {
    Arrived next = from.poll(10, TimeUnit.SECONDS);
    assertThat(next).as("a message within ten seconds").isNotNull();
    return next;
  }

  @Test
  void everyQosArrivesOnce() throws Exception {
    BlockingQueue<Arrived> arrived = subscribe(connected("subscriber"), "sensors/+/t", 2);
    MqttClient publisher = connected("publisher");
    for (int qos = 0; qos <= 2; qos++) {
      publisher.publish("sensors/a/t", ("q" + qos).getBytes(StandardCharsets.UTF_8), qos, false);
    }
    for (int qos = 0; qos <= 2; qos++) {
      assertThat(take(arrived)).isEqualTo(new Arrived("sensors/a/t", "q" + qos, qos, false));
    }
  }

  @Test
  void thousandsOfQos2MessagesArriveOnceEach() throws Exception {
    BlockingQueue<Arrived> arrived = subscribe(connected("subscriber"), "t", 2);
    MqttClient publisher = connected("publisher");
    for (int i = 0; i < 2_000; i++) {
      publisher.publish("t", ("" + i).getBytes(StandardCharsets.UTF_8), 2, false);
    }
    var payloads = new HashSet<String>();
    for (int i = 0; i < 2_000; i++) {
      payloads.add(take(arrived).payload());
    }
    assertThat(payloads).hasSize(2_000);
    assertThat(arrived).isEmpty();
  }

  @Test
  void aRetainedMessageWaitsForSubscribers() throws Exception {
    connected("publisher").publish("state", "on".getBytes(StandardCharsets.UTF_8), 1, true);
    assertThat(take(subscribe(connected("subscriber"), "#", 1)))
        .isEqualTo(new Arrived("state", "on", 1, true));
  }

  @Test
  void aPersistentSessionKeepsWhatCameWhileItsClientWasAway() throws Exception {
    var options = new MqttConnectOptions();
    options.setCleanSession(false);
    MqttClient away = client("away");
    away.connect(options);
    subscribe(away, "t", 1);
    away.disconnect();
    MqttClient publisher = connected("publisher");
    for (int i = 0; i < 100; i++) {
      publisher.publish("t", ("" + i).getBytes(StandardCharsets.UTF_8), 1, false);
    }
    var payloads = new LinkedBlockingQueue<Arrived>();
    MqttClient back = client("away");
    back.setCallback(new Collecting(payloads));
    assertThat(back.connectWithResult(options).getSessionPresent()).isTrue();
    for (int i = 0; i < 100; i++) {
      assertThat(take(payloads).payload()).isEqualTo("" + i);
    }
  }

  /** Collects what comes for subscriptions that were made on an earlier connection. */
  private record Collecting(BlockingQueue<Arrived> into)
      implements org.eclipse.paho.client.mqttv3.MqttCallback {

    @Override
    public void connectionLost(Throwable cause) {}

    @Override
    public void messageArrived(String topic, MqttMessage m) {
      into.add(
          new Arrived(
              topic,
              new String(m.getPayload(), StandardCharsets.UTF_8),
              m.getQos(),
              m.isRetained()));
    }

    @Override
    public void deliveryComplete(org.eclipse.paho.client.mqttv3.IMqttDeliveryToken token) {}
  }

  @Test
  void aClientThatIsCutOffLeavesItsWill() throws Exception {
    BlockingQueue<Arrived> arrived = subscribe(connected("watcher"), "wills/#", 1);
    var options = new MqttConnectOptions();
    options.setWill("wills/dying", "gone".getBytes(StandardCharsets.UTF_8), 1, false);
    MqttClient dying = client("dying");
    dying.connect(options);
    dying.disconnectForcibly(0, 0, false);
    assertThat(take(arrived)).isEqualTo(new Arrived("wills/dying", "gone", 1, false));
  }

  @Test
  void mqtt31IsSpokenToo() throws Exception {
    var options = new MqttConnectOptions();
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1);
    MqttClient client = client("old");
    client.connect(options);
    BlockingQueue<Arrived> arrived = subscribe(client, "t", 2);
    client.publish("t", "x".getBytes(StandardCharsets.UTF_8), 2, false);
    assertThat(take(arrived)).isEqualTo(new Arrived("t", "x", 2, false));
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::protocol)
        .containsExactly("MQTT 3.1");
  }

  @Test
  void aLargeMessageArrivesWhole() throws Exception {
    String large = "0123456789".repeat(500_000);
    BlockingQueue<Arrived> arrived = subscribe(connected("subscriber"), "t", 1);
    connected("publisher").publish("t", large.getBytes(StandardCharsets.UTF_8), 1, false);
    assertThat(take(arrived).payload()).isEqualTo(large);
  }

  @Test
  void aWrongPasswordIsRefusedWithItsCode() throws Exception {
    var options = new MqttConnectOptions();
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1); // or it tries 3.1 as well
    options.setUserName("ann");
    options.setPassword("wrong".toCharArray());
    MqttClient client = client("c");
    assertThatThrownBy(() -> client.connect(options))
        .isInstanceOfSatisfying(
            MqttException.class,
            e ->
                assertThat(e.getReasonCode())
                    .isEqualTo(MqttException.REASON_CODE_FAILED_AUTHENTICATION));
    options.setPassword("secret".toCharArray());
    client.connect(options);
    assertThat(broker.broker().connections())
        .extracting(ConnectionInfo::user)
        .containsExactly("ann");
    assertThat(broker.broker().metrics().value("logins.refused")).isEqualTo(1);
  }
}
