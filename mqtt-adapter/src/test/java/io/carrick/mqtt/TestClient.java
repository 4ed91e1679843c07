package io.carrick.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.PacketType;
import io.carrick.mqtt.codec.Packets;
import io.carrick.mqtt.codec.Packets.ConnectBuilder;
import io.carrick.mqtt.codec.Packets5;
import io.carrick.mqtt.codec.ServerPackets5;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A client that does nothing by itself: a test sends each packet and sees each answer in words.
 * When a call returns, the broker has done everything that follows from it. Confined to the test's
 * thread.
 */
final class TestClient {

  private final LocalPeer peer;
  private final Version version;
  private final Function<byte[], List<String>> reader;
  private final List<String> unread = new ArrayList<>();

  private TestClient(LocalPeer peer, Version version, Function<byte[], List<String>> reader) {
    this.peer = peer;
    this.version = version;
    this.reader = reader;
  }

  /** A connection on which nothing was sent. */
  static TestClient silent(BrokerExtension broker) {
    return silent(broker, Version.MQTT_3_1_1);
  }

  static TestClient silent(BrokerExtension broker, Version version) {
    return new TestClient(broker.peer("mqtt"), version, version::describe);
  }

  /** A connection of version 5 whose packets are read with their properties and codes. */
  static TestClient five(BrokerExtension broker) {
    return new TestClient(broker.peer("mqtt"), Version.MQTT_5, ServerPackets5::describe);
  }

  /** A client of version 5 that is let in; what CONNACK says besides is passed over. */
  static TestClient five(BrokerExtension broker, Packets5.ConnectBuilder connect) {
    TestClient client = five(broker).send(connect.bytes());
    assertThat(client.next()).startsWith("CONNACK 0");
    return client;
  }

  /** A client with a clean session, connected. */
  static TestClient clean(BrokerExtension broker, String clientId) {
    TestClient client = silent(broker).send(Packets.connect(clientId).bytes());
    return client.expect("CONNACK 0");
  }

  /** A client with a session that outlives its connections, connected. */
  static TestClient persistent(BrokerExtension broker, String clientId) {
    TestClient client = silent(broker).send(Packets.connect(clientId).persistent().bytes());
    assertThat(client.next()).startsWith("CONNACK 0");
    return client;
  }

  static TestClient connected(BrokerExtension broker, ConnectBuilder connect) {
    return silent(broker).send(connect.bytes()).expect("CONNACK 0");
  }

  /** A client whose CONNECT is answered, whatever it is: who it is, a worker is asked. */
  static TestClient answered(BrokerExtension broker, ConnectBuilder connect) {
    return silent(broker).send(connect.bytes()).heard(broker);
  }

  /** A client of version 5 whose CONNECT is answered, whatever it is. */
  static TestClient answered(BrokerExtension broker, Packets5.ConnectBuilder connect) {
    return five(broker).send(connect.bytes()).heard(broker);
  }

  /** Waits until something has come, or the end: a worker is asked. */
  TestClient heard(BrokerExtension broker) {
    while (unread.isEmpty() && !closed() && !Thread.currentThread().isInterrupted()) {
      broker.settle();
      Thread.onSpinWait();
      read();
    }
    return this;
  }

  TestClient send(byte[]... packets) {
    peer.send(Packets.join(packets));
    return this;
  }

  /** Sends something and closes its own direction, both at once. */
  TestClient sendLast(byte[]... packets) {
    peer.sendLast(Packets.join(packets));
    return this;
  }

  TestClient subscribe(String filter, int qos) {
    send(version.subscribe(9, qos, filter));
    assertThat(next()).isEqualTo("SUBACK #9 [" + qos + "]");
    return this;
  }

  TestClient publish(String topic, String payload) {
    return send(version.publish(topic, payload, 0, 0));
  }

  /** Publishes with QoS 1 and expects the answer. */
  TestClient publishAcked(String topic, String payload) {
    return send(version.publish(topic, payload, 1, 1)).expect("PUBACK #1");
  }

  TestClient ack(PacketType type, int packetId) {
    return send(Packets.ack(type, packetId));
  }

  /** Expects just these packets, and nothing else, since the last look. */
  TestClient expect(String... packets) {
    assertThat(received()).containsExactly(packets);
    return this;
  }

  /** Expects that nothing has come, and that the connection works. */
  TestClient expectNothing() {
    return send(Packets.PINGREQ).expect("PINGRESP");
  }

  /** Takes one packet. */
  String next() {
    read();
    assertThat(unread).as("packets of the broker").isNotEmpty();
    return unread.remove(0);
  }

  /** Takes what has come. */
  List<String> received() {
    read();
    List<String> all = List.copyOf(unread);
    unread.clear();
    return all;
  }

  private void read() {
    unread.addAll(reader.apply(peer.received()));
  }

  boolean closed() {
    return peer.closed();
  }

  void expectClosed() {
    assertThat(closed()).as("the broker has closed the connection").isTrue();
  }

  /** Goes with a DISCONNECT. */
  void disconnect() {
    send(Packets.DISCONNECT);
    expectClosed();
  }

  /** Goes without a word, as if the network was lost. */
  void vanish() {
    peer.close();
  }
}
