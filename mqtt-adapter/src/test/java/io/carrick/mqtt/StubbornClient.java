package io.carrick.mqtt;

import static io.carrick.mqtt.codec.PacketType.PUBACK;
import static io.carrick.mqtt.codec.PacketType.PUBCOMP;
import static io.carrick.mqtt.codec.PacketType.PUBREC;
import static io.carrick.mqtt.codec.PacketType.PUBREL;
import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.mqtt.codec.Packets;
import io.carrick.testing.BrokerExtension;
import io.carrick.transport.LocalPeer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A client that keeps its session by the book over any number of connections: what it has not heard
 * of it sends again, and a message of QoS 2 is its own once. Confined to the test's thread.
 */
final class StubbornClient {

  private static final String PUBLISH = "PUBLISH ";

  private final BrokerExtension broker;
  private final Version version;
  private final String id;

  /** Application messages that it was given, in this order. */
  final List<String> got = new ArrayList<>();

  /** Messages to the broker by identifier, until they are done: the packet that is to come next. */
  private final Map<Integer, byte[]> outgoing = new LinkedHashMap<>();

  /** Identifiers of QoS 2 messages of the broker that are not released. */
  private final Set<Integer> unreleased = new HashSet<>();

  private final ArrayDeque<String> unread = new ArrayDeque<>();
  private LocalPeer peer;
  private int lastId;

  StubbornClient(BrokerExtension broker, Version version, String id) {
    this.broker = broker;
    this.version = version;
    this.id = id;
    this.peer = broker.peer("mqtt");
  }

  /** Connects anew, whatever its connection before was about; what came there unread is lost. */
  void connect() {
    unread.clear();
    peer = broker.peer("mqtt");
    peer.send(version.connect(id, true));
    read();
    assertThat(unread.removeFirst()).startsWith("CONNACK 0");
    for (byte[] packet : List.copyOf(outgoing.values())) {
      peer.send(isPublish(packet) ? Packets.dup(packet) : packet);
    }
  }

  private static boolean isPublish(byte[] packet) {
    return (packet[0] & 0xF0) == 0x30;
  }

  /** Goes without a word. */
  void vanish() {
    peer.close();
  }

  void subscribe(int qos, String... filters) {
    peer.send(version.subscribe(0xFFFF, qos, filters));
  }

  void publish(String topic, String payload, int qos) {
    do {
      lastId = lastId % 200 + 1;
    } while (outgoing.containsKey(lastId));
    byte[] packet = version.publish(topic, payload, qos, lastId);
    outgoing.put(lastId, packet);
    peer.send(packet);
  }

  int unfinished() {
    return outgoing.size();
  }

  private void read() {
    unread.addAll(version.describe(peer.received()));
  }

  /** Takes so many packets of what has come, and answers them; returns how many there were. */
  int take(int most) {
    read();
    int taken = 0;
    while (taken < most && !unread.isEmpty()) {
      taken++;
      onPacket(unread.removeFirst());
      read();
    }
    return taken;
  }

  private void onPacket(String packet) {
    if (packet.startsWith(PUBLISH)) {
      onPublish(packet);
      return;
    }
    int packetId = packet.contains("#") ? number(packet) : 0;
    switch (packet.substring(0, packet.indexOf(' ') < 0 ? packet.length() : packet.indexOf(' '))) {
      case "PUBACK", "PUBCOMP" -> outgoing.remove(packetId);
      case "PUBREC" -> {
        if (outgoing.containsKey(packetId)) {
          // Behind what else is under way: PUBRELs go in the order of the PUBRECs.
          outgoing.remove(packetId);
          outgoing.put(packetId, Packets.ack(PUBREL, packetId));
        }
        peer.send(Packets.ack(PUBREL, packetId));
      }
      case "PUBREL" -> {
        unreleased.remove(packetId);
        peer.send(Packets.ack(PUBCOMP, packetId));
      }
      default -> assertThat(packet).matches("(SUBACK|PINGRESP|DISCONNECT).*");
    }
  }

  private void onPublish(String packet) {
    String[] words = packet.split(" ");
    if (packet.contains(" qos2 ")) {
      int packetId = number(packet);
      if (unreleased.add(packetId)) {
        got.add(words[2]);
      }
      peer.send(Packets.ack(PUBREC, packetId));
    } else {
      got.add(words[2]);
      if (packet.contains(" qos1 ")) {
        peer.send(Packets.ack(PUBACK, number(packet)));
      }
    }
  }

  private static int number(String packet) {
    String rest = packet.substring(packet.indexOf('#') + 1);
    int end = 0;
    while (end < rest.length() && Character.isDigit(rest.charAt(end))) {
      end++;
    }
    return Integer.parseInt(rest.substring(0, end));
  }
}
