package io.carrick.mqtt;

import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.ServerPackets;
import io.carrick.mqtt.codec.ServerPackets5;
import io.carrick.testing.BrokerExtension;
import java.util.List;

/** How a version spells what both have: for tests of statements that both make. */
enum Version {
  MQTT_3_1_1 {
    @Override
    byte[] connect(String clientId, boolean keep) {
      return keep
          ? Packets.connect(clientId).persistent().bytes()
          : Packets.connect(clientId).bytes();
    }

    @Override
    byte[] connectWithWill(String clientId, String payload, int qos, boolean retain) {
      return Packets.connect(clientId).will("will", payload, qos, retain).bytes();
    }

    @Override
    byte[] connect(String clientId, int keepAlive) {
      return Packets.connect(clientId).keepAlive(keepAlive).bytes();
    }

    @Override
    byte[] connect(String clientId, String user, String password) {
      return Packets.connect(clientId).user(user).password(password).bytes();
    }

    @Override
    byte[] publish(String topic, String payload, int qos, int packetId) {
      return qos == 0
          ? Packets.publish(topic, payload)
          : Packets.publish(topic, payload, qos, packetId);
    }

    @Override
    byte[] subscribe(int packetId, int qos, String... filters) {
      return Packets.subscribe(packetId, qos, filters);
    }

    @Override
    byte[] unsubscribe(int packetId, String... filters) {
      return Packets.unsubscribe(packetId, filters);
    }

    @Override
    List<String> describe(byte[] stream) {
      return ServerPackets.describe(stream);
    }
  },
  MQTT_5 {
    @Override
    byte[] connect(String clientId, boolean keep) {
      return keep
          ? Packets5.connect(clientId).persistent().bytes()
          : Packets5.connect(clientId).bytes();
    }

    @Override
    byte[] connectWithWill(String clientId, String payload, int qos, boolean retain) {
      return Packets5.connect(clientId).will("will", payload, qos, retain).bytes();
    }

    @Override
    byte[] connect(String clientId, int keepAlive) {
      return Packets5.connect(clientId).keepAlive(keepAlive).bytes();
    }

    @Override
    byte[] connect(String clientId, String user, String password) {
      return Packets5.connect(clientId).user(user).password(password).bytes();
    }

    @Override
    byte[] publish(String topic, String payload, int qos, int packetId) {
      return qos == 0
          ? Packets5.publish(topic, payload)
          : Packets5.publish(topic, payload, qos, packetId);
    }

    @Override
    byte[] subscribe(int packetId, int qos, String... filters) {
      return Packets5.subscribe(packetId, qos, filters);
    }

    @Override
    byte[] unsubscribe(int packetId, String... filters) {
      return Packets5.unsubscribe(packetId, filters);
    }

    @Override
    List<String> describe(byte[] stream) {
      return ServerPackets5.plain(stream);
    }
  };

  /**
   * A CONNECT.
   *
   * @param keep whether its session was there before and stays behind it: clean session 0, or clean
   *     start 0 and an expiry interval without end
   */
  abstract byte[] connect(String clientId, boolean keep);

  /** A CONNECT with a will for the topic {@code will}. */
  abstract byte[] connectWithWill(String clientId, String payload, int qos, boolean retain);

  abstract byte[] connect(String clientId, int keepAlive);

  abstract byte[] connect(String clientId, String user, String password);

  abstract byte[] publish(String topic, String payload, int qos, int packetId);

  abstract byte[] subscribe(int packetId, int qos, String... filters);

  abstract byte[] unsubscribe(int packetId, String... filters);

  /** Reads packets of the server in the words of version 3. */
  abstract List<String> describe(byte[] stream);

  /** A client on whose connection nothing was sent. */
  TestClient silent(BrokerExtension broker) {
    return TestClient.silent(broker, this);
  }

  /** A client without a session that lasts, connected. */
  TestClient clean(BrokerExtension broker, String clientId) {
    return silent(broker).send(connect(clientId, false)).expect("CONNACK 0");
  }

  /** A client with a new session that lasts, connected. */
  TestClient persistent(BrokerExtension broker, String clientId) {
    return silent(broker).send(connect(clientId, true)).expect("CONNACK 0");
  }
}
