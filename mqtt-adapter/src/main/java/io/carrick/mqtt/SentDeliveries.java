package io.carrick.mqtt;

/**
 * Under which packet identifiers deliveries were sent: a hash table of numbers, for a reconnect
 * asks for each of up to 65,535. Entries may be out of date. Used by the loop that holds the
 * session's lease.
 */
final class SentDeliveries {

  private static final int FIRST_CAPACITY = 16;
  private static final long FIBONACCI = 0x9E37_79B9_7F4A_7C15L;

  private long[] deliveries = new long[FIRST_CAPACITY];

  /** 0 where there is none. */
  private char[] packetIds = new char[FIRST_CAPACITY];

  private int size;

  /** Notes the identifier of a delivery in place of what was noted before. */
  void put(long deliveryId, int packetId) {
    if (size > packetIds.length / 2) {
      grow();
    }
    int place = placeOf(deliveryId);
    if (packetIds[place] == 0) {
      size++;
    }
    deliveries[place] = deliveryId;
    packetIds[place] = (char) packetId;
  }

  private void grow() {
    long[] oldDeliveries = deliveries;
    char[] oldPacketIds = packetIds;
    deliveries = new long[oldDeliveries.length * 2];
    packetIds = new char[oldDeliveries.length * 2];
    for (int i = 0; i < oldPacketIds.length; i++) {
      if (oldPacketIds[i] != 0) {
        int place = placeOf(oldDeliveries[i]);
        deliveries[place] = oldDeliveries[i];
        packetIds[place] = oldPacketIds[i];
      }
    }
  }

  /** Returns the identifier of a delivery, 0 if none is known. */
  int find(long deliveryId) {
    return packetIds[placeOf(deliveryId)];
  }

  private int placeOf(long deliveryId) {
    int mask = packetIds.length - 1;
    int place = (int) ((deliveryId * FIBONACCI) >>> 32) & mask;
    while (packetIds[place] != 0 && deliveries[place] != deliveryId) {
      place = (place + 1) & mask;
    }
    return place;
  }
}
