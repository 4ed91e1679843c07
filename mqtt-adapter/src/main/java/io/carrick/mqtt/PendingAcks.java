package io.carrick.mqtt;

import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * Inbound messages that the broker has not confirmed yet, in order [MQTT-4.6.0-2]. Confined to the
 * connection's loop.
 */
final class PendingAcks {

  private final ArrayDeque<Pending> order = new ArrayDeque<>();
  private final BitSet packetIds = new BitSet();

  /**
   * A message to be acknowledged.
   *
   * @param qos 1 for PUBACK, 2 for PUBREC
   */
  record Pending(int packetId, int qos) {}

  void add(int packetId, int qos) {
    order.addLast(new Pending(packetId, qos));
    packetIds.set(packetId);
  }

  boolean has(int packetId) {
    return packetIds.get(packetId);
  }

  Pending next() {
    Pending next = order.pollFirst();
    if (next == null) {
      throw new IllegalStateException("a confirm for a message that was not published");
    }
    packetIds.clear(next.packetId);
    return next;
  }
}
