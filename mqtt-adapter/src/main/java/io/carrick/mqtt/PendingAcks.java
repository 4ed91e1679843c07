package io.carrick.mqtt;

import io.carrick.mqtt.codec.ReasonCode;
import org.jspecify.annotations.Nullable;

/**
 * Inbound messages that are not answered yet, in order [MQTT-4.6.0-2]. Confined to the connection's
 * loop; it holds memory from the first message on.
 *
 * <p>An element is packet identifier, QoS, the reason code of its answer and whether that is final,
 * in one number.
 */
final class PendingAcks {

  private static final int FIRST_CAPACITY = 4;
  private static final int QOS_SHIFT = 16;
  private static final int CODE_SHIFT = 18;
  private static final int FINAL = 1 << 26;

  private int @Nullable [] ring;
  private int first;
  private int size;

  /** How many of them are of QoS 1. */
  private int atLeastOnce;

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
    r[(first + size) & (r.length - 1)] = (qos << QOS_SHIFT) | packetId;
    size++;
    atLeastOnce += qos & 1;
  }

  /** The broker's answer for the youngest, if it is a good one, means this. */
  void answer(int reasonCode) {
    int[] r = ring;
    if (r != null && size > 0) {
      r[(first + size - 1) & (r.length - 1)] |= reasonCode << CODE_SHIFT;
    }
  }

  /** The youngest will not be heard of any more: this is its answer when its turn comes. */
  void refuse(int reasonCode) {
    answer(reasonCode);
    int[] r = ring;
    if (r != null && size > 0) {
      r[(first + size - 1) & (r.length - 1)] |= FINAL;
    }
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

  int size() {
    return size;
  }

  /** Returns how many of them are of QoS 2. */
  int exactlyOnce() {
    return size - atLeastOnce;
  }

  /** Returns whether the oldest has its answer, and the broker says nothing of it. */
  boolean nextIsFinal() {
    int[] r = ring;
    return r != null && size > 0 && (r[first] & FINAL) != 0;
  }

  /** Takes the oldest: {@link #packetId}, {@link #qos} and {@link #code} tell what it is. */
  int next() {
    int[] r = ring;
    if (r == null || size == 0) {
      throw new IllegalStateException("a confirm for a message that was not published");
    }
    int next = r[first];
    first = (first + 1) & (r.length - 1);
    size--;
    atLeastOnce -= qos(next) & 1;
    return next;
  }

  static int packetId(int element) {
    return element & 0xFFFF;
  }

  static int qos(int element) {
    return (element >>> QOS_SHIFT) & 3;
  }

  /** Returns the reason code of its answer, {@link ReasonCode#SUCCESS} unless it was said. */
  static int code(int element) {
    return (element >>> CODE_SHIFT) & 0xFF;
  }
}
