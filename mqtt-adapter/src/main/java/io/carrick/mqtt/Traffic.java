package io.carrick.mqtt;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What MQTT clients of one loop have sent and got. Written by the loop's thread alone, without a
 * lock, and read by anyone.
 */
final class Traffic {

  /** As many as a line of a processor's cache has: other loops write theirs in other lines. */
  private static final int ROOM = 8;

  private static final int PACKETS_RECEIVED = ROOM;
  private static final int PACKETS_SENT = ROOM + 1;
  private static final int MESSAGES_RECEIVED = ROOM + 2;
  private static final int MESSAGES_SENT = ROOM + 3;
  private static final int BYTES_RECEIVED = ROOM + 4;
  private static final int BYTES_SENT = ROOM + 5;
  private static final int ALL = ROOM + 6 + ROOM;

  private final AtomicLongArray counts = new AtomicLongArray(ALL);

  private void add(int count, long amount) {
    counts.lazySet(count, counts.getPlain(count) + amount);
  }

  /** A read has brought that many packets. */
  void received(int packets) {
    add(PACKETS_RECEIVED, packets);
  }

  /** A packet of any type is sent. */
  void sent() {
    add(PACKETS_SENT, 1);
  }

  /** One of the packets received is a PUBLISH. */
  void published(int payloadBytes) {
    add(MESSAGES_RECEIVED, 1);
    add(BYTES_RECEIVED, payloadBytes);
  }

  /** One of the packets sent is a PUBLISH. */
  void delivered(int payloadBytes) {
    add(MESSAGES_SENT, 1);
    add(BYTES_SENT, payloadBytes);
  }

  /** Adds these to the sums of other loops. */
  void addTo(Sums sums) {
    sums.packetsReceived += counts.get(PACKETS_RECEIVED);
    sums.packetsSent += counts.get(PACKETS_SENT);
    sums.messagesReceived += counts.get(MESSAGES_RECEIVED);
    sums.messagesSent += counts.get(MESSAGES_SENT);
    sums.bytesReceived += counts.get(BYTES_RECEIVED);
    sums.bytesSent += counts.get(BYTES_SENT);
  }

  /** All loops together. Confined to who adds them. */
  static final class Sums {
    long packetsReceived;
    long packetsSent;
    long messagesReceived;
    long messagesSent;

    /** Payloads' bytes. */
    long bytesReceived;

    long bytesSent;
  }
}
