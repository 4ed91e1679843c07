package io.carrick.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * Inbound messages that the broker has not confirmed yet, in order [MQTT-4.6.0-2]. Confined to the
 * connection's loop; it holds memory from the first message on.
 *
 * <p>An element is QoS and packet identifier in one number.
 */
final class PendingAcks {

  private static final int FIRST_CAPACITY = 4;

  private int @Nullable [] ring;
  private int first;
  private int size;

  void add(int packetId, int qos) {
    int[] r = ring;
    if (r == null) {
      r = new int[FIRST_CAPACITY];
    } else if (size == r.length) {
      var larger = new int[r.length * 2];
      for (int i = 0; i < size; i++) {
        larger[i] = r[(first + i) & (r.length - 1)];
      }
      r = larger;
      first = 0;
    }
    ring = r;
    r[(first + size) & (r.length - 1)] = (qos << 16) | packetId;
    size++;
  }

  /** Returns whether an identifier waits; searches, so ask for what may be a repetition only. */
  boolean has(int packetId) {
    int[] r = ring;
    for (int i = 0; r != null && i < size; i++) {
      if ((r[(first + i) & (r.length - 1)] & 0xFFFF) == packetId) {
        return true;
      }
    }
    return false;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Takes the oldest: {@link #packetId} and {@link #qos} tell what it is. */
  int next() {
    int[] r = ring;
    if (r == null || size == 0) {
      throw new IllegalStateException("a confirm for a message that was not published");
    }
    int next = r[first];
    first = (first + 1) & (r.length - 1);
    size--;
    return next;
  }

  /** Takes the youngest back. */
  void dropLast() {
    size--;
  }

  static int packetId(int element) {
    return element & 0xFFFF;
  }

  static int qos(int element) {
    return element >>> 16;
  }
}
