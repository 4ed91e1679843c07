package io.carrick.mqtt;

import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.SessionTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The protocol state of one client that outlives its connections: which packet identifiers are in
 * use, in both directions. Used by the loop of the connection that holds the lease of the session's
 * queue, which hands it over.
 *
 * <p>What must survive a restart is in the session's table too: by {@code packet id + kind}.
 */
final class Session {

  private static final String PREFIX = "mqtt.session.";
  private static final int LONGEST_SHOWN = 255 - PREFIX.length();
  private static final int HASH_BYTES = 16;
  private static final int RECEIVED = 0;
  private static final int SENT = 1 << 16;
  private static final int RELEASED = 2 << 16;
  private static final byte[] NOTHING = {};

  private final String clientId;
  private final boolean persistent;

  /** Inbound QoS 2 identifiers, from PUBLISH to PUBREL [MQTT-4.3.3-2]. */
  private final Set<Integer> received = new HashSet<>();

  /** Outbound identifiers from PUBLISH to PUBACK or PUBREC, and what they deliver. */
  private final InflightWindow inflight = new InflightWindow();

  /** Outbound QoS 2 identifiers from PUBREC to PUBCOMP, in order. */
  private final Set<Integer> released = new LinkedHashSet<>();

  Session(String clientId, boolean persistent) {
    this.clientId = clientId;
    this.persistent = persistent;
  }

  String clientId() {
    return clientId;
  }

  boolean persistent() {
    return persistent;
  }

  /** Names the queue of a client; an id that is too long for AMQP to name shows as a hash. */
  static String queueOf(String clientId) {
    byte[] utf8 = clientId.getBytes(StandardCharsets.UTF_8);
    return PREFIX + (utf8.length <= LONGEST_SHOWN ? clientId : hash(utf8));
  }

  private static String hash(byte[] clientId) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(clientId);
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  String queue() {
    return queueOf(clientId);
  }

  QueueDeclaration declaration() {
    return new QueueDeclaration(
        queue(),
        persistent,
        false,
        false,
        Map.of(),
        new SessionQueue(clientId, DeliveryTag.ADMISSION));
  }

  InflightWindow inflight() {
    return inflight;
  }

  /** Takes what an earlier broker has stored. */
  void load(SessionTable table) {
    table.forEach(
        (key, record) -> {
          int packetId = key & 0xFFFF;
          switch (key & ~0xFFFF) {
            case RECEIVED -> received.add(packetId);
            case SENT -> inflight.restore(packetId, ByteBuffer.wrap(record).getLong());
            case RELEASED -> released(packetId);
            default -> throw new IllegalStateException("a session record of kind " + key);
          }
        });
  }

  // ---- inbound QoS 2

  /**
   * Notes an inbound identifier; returns whether it is new. The store has it before the message is
   * confirmed since the message follows it in the same batch.
   */
  boolean receive(int packetId, SessionTable table) {
    boolean fresh = received.add(packetId);
    if (fresh && persistent) {
      table.put(RECEIVED | packetId, NOTHING);
    }
    return fresh;
  }

  int receivedCount() {
    return received.size();
  }

  /** Forgets an inbound identifier; returns the sequence after which PUBCOMP may go. */
  long complete(int packetId, SessionTable table) {
    return received.remove(packetId) && persistent ? table.remove(RECEIVED | packetId) : 0;
  }

  // ---- outbound QoS 2

  /** Stores an outbound identifier; returns the sequence after which PUBLISH may go. */
  long sent(int packetId, long deliveryId, SessionTable table) {
    return persistent
        ? table.put(SENT | packetId, ByteBuffer.allocate(Long.BYTES).putLong(deliveryId).array())
        : 0;
  }

  /** The client has taken a message over; returns the sequence after which PUBREL may go. */
  long release(int packetId, SessionTable table) {
    released(packetId);
    if (!persistent) {
      return 0;
    }
    table.remove(SENT | packetId);
    return table.put(RELEASED | packetId, NOTHING);
  }

  private void released(int packetId) {
    released.add(packetId);
    inflight.reserve(packetId);
  }

  /** The exchange is over. */
  void completed(int packetId, SessionTable table) {
    if (released.remove(packetId)) {
      inflight.free(packetId);
      if (persistent) {
        table.remove(RELEASED | packetId);
      }
    }
  }

  /** Returns the identifiers whose PUBREL is to be sent again, in order. */
  List<Integer> released() {
    return new ArrayList<>(released);
  }
}
