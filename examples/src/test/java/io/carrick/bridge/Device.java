package io.carrick.bridge;

import java.nio.charset.StandardCharsets;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** An MQTT client: Paho's. For the test's thread; what arrives comes by Paho's. */
final class Device implements AutoCloseable {

  private static final int PATIENCE_MS = 20_000;

  private final MqttClient client;
  private final Inbox<Arrived> inbox;
  private final Inbox<String> losses;

  /**
   * A message as the client saw it.
   *
   * @param id the packet identifier, 0 at QoS 0
   */
  record Arrived(String topic, byte[] payload, int qos, boolean retained, boolean dup, int id) {

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }
  }

  private Device(String serverUri, String clientId) throws MqttException {
    this.client = new MqttClient(serverUri, clientId, new MemoryPersistence());
    this.inbox = new Inbox<>("device " + clientId);
    this.losses = new Inbox<>("the end of the connection of " + clientId);
    client.setTimeToWait(PATIENCE_MS);
    client.setCallback(
        new MqttCallback() {
          @Override
          public void connectionLost(Throwable cause) {
            losses.add(String.valueOf(cause));
          }

          @Override
          public void messageArrived(String topic, MqttMessage m) {
            inbox.add(
                new Arrived(
                    topic, m.getPayload(), m.getQos(), m.isRetained(), m.isDuplicate(), m.getId()));
          }

          @Override
          public void deliveryComplete(IMqttDeliveryToken token) {}
        });
  }

  static Device connect(String serverUri, String clientId, MqttConnectOptions options)
      throws MqttException {
    var device = new Device(serverUri, clientId);
    device.client.connect(options);
    return device;
  }

  static MqttConnectOptions options(boolean cleanSession) {
    var options = new MqttConnectOptions();
    options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
    options.setCleanSession(cleanSession);
    options.setMaxInflight(1_000);
    options.setSocketFactory(new PromptSockets());
    return options;
  }

  /** Leaves acknowledging to {@link #acknowledge}. */
  Device acknowledgingByHand() {
    client.setManualAcks(true);
    return this;
  }

  Device subscribe(String filter, int qos) throws MqttException {
    client.subscribe(filter, qos);
    return this;
  }

  /** Publishes and waits for the acknowledgement that the QoS promises. */
  void unsubscribe(String filter) throws MqttException {
    client.unsubscribe(filter);
  }

  void publish(String topic, String text, int qos) throws MqttException {
    publish(topic, text.getBytes(StandardCharsets.UTF_8), qos, false);
  }

  void publish(String topic, byte[] payload, int qos, boolean retained) throws MqttException {
    client.publish(topic, payload, qos, retained);
  }

  Arrived take() {
    return inbox.take();
  }

  Inbox<Arrived> inbox() {
    return inbox;
  }

  void acknowledge(Arrived message) throws MqttException {
    client.messageArrivedComplete(message.id(), message.qos());
  }

  /** Waits for the broker to end the connection. */
  void expectConnectionLost() {
    losses.take();
  }

  boolean connected() {
    return client.isConnected();
  }

  void disconnect() throws MqttException {
    client.disconnect();
  }

  @Override
  public void close() throws MqttException {
    if (client.isConnected()) {
      client.disconnect(0);
    }
    client.close(true);
  }
}
