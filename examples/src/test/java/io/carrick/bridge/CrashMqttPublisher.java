package io.carrick.bridge;

import io.carrick.bridge.RawMqtt.Packet;
import java.io.IOException;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Publishes rising numbers, and what was not acknowledged again on the next connection, under its
 * old identifier. Used by one thread at a time.
 */
final class CrashMqttPublisher extends CrashWorker {

  private static final int WINDOW = 32;
  private static final int IDS = 10_000;
  private static final int RELEASED = -1;

  private final String name;
  private final int qos;

  /** By identifier, in order: the number of a message, or that its PUBREC has come. */
  private final Map<Integer, Integer> underWay = new LinkedHashMap<>();

  /** Guarded by {@code this}. */
  private final BitSet acknowledged = new BitSet();

  private final BitSet publishedAgain = new BitSet();
  private int last;

  CrashMqttPublisher(String name, int qos) {
    this.name = name;
    this.qos = qos;
  }

  synchronized BitSet acknowledged() {
    return (BitSet) acknowledged.clone();
  }

  BitSet publishedAgain() {
    return publishedAgain;
  }

  @Override
  void work(CrashBroker broker) throws IOException {
    try (var client = new RawMqtt(broker.mqtt())) {
      client.connect(name, false);
      ready();
      goOn(client);
      while (!finishing() || !underWay.isEmpty()) {
        if (!finishing() && underWay.size() < WINDOW) {
          int number = ++last;
          underWay.put(number % IDS + 1, number);
          publish(client, number % IDS + 1, number, false);
        } else {
          take(client, client.read());
        }
      }
    }
  }

  /** Sends again what has no answer, in its order [MQTT-4.4.0-1] [MQTT-4.6.0-1]. */
  private void goOn(RawMqtt client) throws IOException {
    for (var message : underWay.entrySet()) {
      if (message.getValue() == RELEASED) {
        client.acknowledge(RawMqtt.PUBREL, message.getKey());
      } else {
        publishedAgain.set(message.getValue());
        publish(client, message.getKey(), message.getValue(), true);
      }
    }
  }

  private synchronized void acknowledged(int number) {
    acknowledged.set(number);
  }

  private void publish(RawMqtt client, int id, int number, boolean dup) throws IOException {
    client.publish("crash/" + name, CrashLedger.text(name, number), qos, dup, id);
  }

  private void take(RawMqtt client, Packet answer) throws IOException {
    int id = answer.id();
    Integer number = underWay.get(id);
    if (number != null && number != RELEASED) {
      acknowledged(number);
    }
    if (answer.type() == RawMqtt.PUBREC) {
      underWay.replace(id, RELEASED);
      client.acknowledge(RawMqtt.PUBREL, id);
    } else {
      underWay.remove(id);
    }
  }
}
