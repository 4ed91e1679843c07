package io.carrick.bridge;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * A client of MQTT 5 that tells packet identifiers and subscription identifiers: Paho's. For the
 * test's thread; what arrives comes by Paho's.
 */
final class Session5 implements AutoCloseable {

  private static final int PATIENCE_MS = 20_000;

  /** It tells refusals as errors. Held here, or it would be forgotten. */
  private static final Logger PAHO = Logger.getLogger("org.eclipse.paho.mqttv5");

  static {
    PAHO.setLevel(Level.OFF);
  }

  private final MqttAsyncClient client;
  private final Inbox<Arrived> inbox;

  /**
   * A message as the client saw it.
   *
   * @param id the packet identifier, 0 at QoS 0
   * @param subscriptions their identifiers
   */
  record Arrived(String text, int qos, int id, List<Integer> subscriptions) {

    static Arrived of(MqttMessage m) {
      return new Arrived(
          new String(m.getPayload(), StandardCharsets.UTF_8),
          m.getQos(),
          m.getId(),
          List.copyOf(m.getProperties().getSubscriptionIdentifiers()));
    }
  }

  private Session5(String serverUri, String clientId) throws MqttException {
    this.client = new MqttAsyncClient(serverUri, clientId, new MemoryPersistence());
    this.inbox = new Inbox<>("session " + clientId);
    client.setCallback(
        new MqttCallback() {
          @Override
          public void disconnected(MqttDisconnectResponse response) {}

          @Override
          public void mqttErrorOccurred(MqttException exception) {}

          @Override
          public void messageArrived(String topic, MqttMessage m) {
            inbox.add(Arrived.of(m));
          }

          @Override
          public void deliveryComplete(IMqttToken token) {}

          @Override
          public void connectComplete(boolean reconnect, String server) {}

          @Override
          public void authPacketArrived(int reasonCode, MqttProperties properties) {}
        });
  }

  /** Connects to the session of that id, or a new one, which the client may leave. */
  static Session5 connect(String serverUri, String clientId) throws MqttException {
    var session = new Session5(serverUri, clientId);
    var options = new MqttConnectionOptions();
    options.setCleanStart(false);
    options.setSessionExpiryInterval(0xFFFF_FFFFL);
    options.setAutomaticReconnect(false);
    session.client.connect(options).waitForCompletion(PATIENCE_MS);
    return session;
  }

  /** Acknowledges nothing with QoS 1. */
  Session5 acknowledgingNothing() {
    client.setManualAcks(true);
    return this;
  }

  /** Subscribes with an identifier. */
  Session5 subscribe(String filter, int qos, int identifier) throws MqttException {
    var properties = new MqttProperties();
    properties.setSubscriptionIdentifier(identifier);
    client
        .subscribe(
            new MqttSubscription[] {new MqttSubscription(filter, qos)}, null, null, properties)
        .waitForCompletion(PATIENCE_MS);
    return this;
  }

  Arrived take() {
    return inbox.take();
  }

  /** Ends the connection without a goodbye. */
  void cut() throws MqttException {
    client.disconnectForcibly(0, 1, false);
  }

  @Override
  public void close() throws MqttException {
    if (client.isConnected()) {
      client.disconnectForcibly(0, 100, true);
    }
    client.close(true);
  }
}
