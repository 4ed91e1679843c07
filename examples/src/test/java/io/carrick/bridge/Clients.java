package io.carrick.bridge;

import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import io.carrick.testing.BrokerExtension;
import java.util.ArrayDeque;
import java.util.Deque;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Opens real clients of both protocols and closes them when the test ends. For its thread. */
final class Clients implements AfterEachCallback {

  private final BrokerExtension broker;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  Clients(BrokerExtension broker) {
    this.broker = broker;
  }

  /** Connects an MQTT client whose session ends with its connection. */
  Device device(String clientId) throws MqttException {
    return device(clientId, Device.options(true));
  }

  /** Connects an MQTT client to the session that it left, or a new one that it may leave. */
  Device returningDevice(String clientId) throws MqttException {
    return device(clientId, Device.options(false));
  }

  Device device(String clientId, MqttConnectOptions options) throws MqttException {
    return keep(Device.connect(broker.url("tcp", "mqtt"), clientId, options));
  }

  /** Connects a client of MQTT 5 whose session ends with its connection. */
  Device5 device5(String clientId) {
    return keep(Device5.connect(broker.address("mqtt"), clientId));
  }

  Device5 device5(String clientId, Mqtt5Connect connect) {
    return keep(Device5.connect(broker.address("mqtt"), clientId, connect));
  }

  Service service() throws Exception {
    return keep(Service.connect(broker.address("amqp")));
  }

  Service service(String user, String password) throws Exception {
    return keep(Service.connect(broker.address("amqp"), user, password));
  }

  RawMqtt rawMqtt() throws Exception {
    return keep(new RawMqtt(broker.address("mqtt")));
  }

  RawAmqp rawAmqp() throws Exception {
    return keep(new RawAmqp(broker.address("amqp")));
  }

  <T extends AutoCloseable> T keep(T client) {
    opened.push(client);
    return client;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
  }
}
