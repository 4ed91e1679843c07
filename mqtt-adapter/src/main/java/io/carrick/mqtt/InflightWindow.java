package io.carrick.mqtt;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The packet identifiers of messages on their way to one client: given out in order, kept from one
 * connection to the next so that what is sent again has its old one [MQTT-4.4.0-1]. Used by the
 * loop that holds the session's lease.
 */
final class InflightWindow {

  private static final int MOST = 0xFFFF;

  /** By identifier: what it delivers. */
  private final Map<Integer, Inflight> byPacketId = new HashMap<>();

  private final Map<Long, Integer> byDeliveryId = new HashMap<>();
  private final BitSet used = new BitSet();
  private int last;

  /**
   * A message on its way.
   *
   * @param deliveryId names it to its queue
   * @param qos 1 or 2
   */
  record Inflight(long deliveryId, int qos) {}

  /** Returns how many identifiers are in use. */
  int size() {
    return used.cardinality();
  }

  boolean isFull() {
    return used.cardinality() == MOST;
  }

  /** Returns whether a delivery has an identifier from an earlier connection. */
  boolean knows(long deliveryId) {
    return byDeliveryId.containsKey(deliveryId);
  }

  /** Gives a delivery its identifier, the one it had if it had one. */
  int assign(long deliveryId, int qos) {
    Integer known = byDeliveryId.get(deliveryId);
    int packetId = known == null ? next() : known;
    used.set(packetId);
    byPacketId.put(packetId, new Inflight(deliveryId, qos));
    byDeliveryId.put(deliveryId, packetId);
    return packetId;
  }

  private int next() {
    if (isFull()) {
      throw new IllegalStateException("more than 65,535 messages on their way to one client");
    }
    int packetId = used.nextClearBit(last == MOST ? 1 : last + 1);
    if (packetId > MOST) {
      packetId = used.nextClearBit(1);
    }
    last = packetId;
    return packetId;
  }

  /** Takes the message of an identifier, which stays in use if it is {@linkplain #reserve}d. */
  @Nullable Inflight take(int packetId) {
    Inflight inflight = byPacketId.remove(packetId);
    if (inflight != null) {
      byDeliveryId.remove(inflight.deliveryId);
      used.clear(packetId);
    }
    return inflight;
  }

  @Nullable Inflight peek(int packetId) {
    return byPacketId.get(packetId);
  }

  /** Notes an identifier that an earlier broker gave out. */
  void restore(int packetId, long deliveryId) {
    used.set(packetId);
    byPacketId.put(packetId, new Inflight(deliveryId, 2));
    byDeliveryId.put(deliveryId, packetId);
  }

  void reserve(int packetId) {
    used.set(packetId);
  }

  void free(int packetId) {
    used.clear(packetId);
  }
}
