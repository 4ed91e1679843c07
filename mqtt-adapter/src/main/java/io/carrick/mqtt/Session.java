package io.carrick.mqtt;

import io.carrick.spi.Attachment;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.SessionTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
  private final String queue;
  private final boolean persistent;

  /** Outbound identifiers, and what they deliver. */
  private final InflightWindow inflight = new InflightWindow();

  /** Inbound QoS 2 identifiers, from PUBLISH to PUBREL [MQTT-4.3.3-2]; null before the first. */
  private @Nullable Set<Integer> received;

  /** The store's sequence of the last change here. */
  private long storedUpTo;

  private boolean restored;

  Session(String clientId, boolean persistent) {
    this.clientId = clientId;
    this.queue = queueOf(clientId);
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
    return queue;
  }

  /** A session that ends with its connection is a queue that goes with its consumer. */
  QueueDeclaration declaration() {
    return new QueueDeclaration(
        queue,
        persistent,
        false,
        !persistent,
        Map.of(),
        new SessionQueue(clientId, DeliveryTag.ADMISSION));
  }

  InflightWindow inflight() {
    return inflight;
  }

  /** Takes what an earlier broker has stored. */
  void load(SessionTable table) {
    restored = true;
    table.forEach(
        (key, record) -> {
          int packetId = key & 0xFFFF;
          switch (key & ~0xFFFF) {
            case RECEIVED -> noted(packetId);
            case SENT -> inflight.restoreSent(packetId, ByteBuffer.wrap(record).getLong());
            case RELEASED -> inflight.restoreReleased(packetId);
            default -> throw new IllegalStateException("a session record of kind " + key);
          }
        });
  }

  /**
   * Returns the store's sequence of the last change: what was answered on an earlier connection is
   * durable when this is.
   */
  long storedUpTo() {
    return storedUpTo;
  }

  // ---- inbound QoS 2

  /**
   * Notes an inbound identifier; returns whether it is new. The store has it before the message is
   * confirmed since the message follows it in the same batch.
   */
  boolean receive(int packetId, Attachment port) {
    boolean fresh = noted(packetId);
    if (fresh) {
      put(RECEIVED | packetId, NOTHING, port);
    }
    return fresh;
  }

  private boolean noted(int packetId) {
    Set<Integer> ids = received;
    if (ids == null) {
      ids = new HashSet<>();
      received = ids;
    }
    return ids.add(packetId);
  }

  int receivedCount() {
    return received == null ? 0 : received.size();
  }

  /** Forgets an inbound identifier; returns the sequence after which PUBCOMP may go. */
  long complete(int packetId, Attachment port) {
    boolean known = received != null && received.remove(packetId);
    return known ? remove(RECEIVED | packetId, port) : storedUpTo;
  }

  // ---- outbound

  /**
   * Returns the identifier under which a delivery was sent before, 0 if it was not.
   *
   * @param redelivered whether it may have been
   */
  int sentBefore(long deliveryId, boolean redelivered) {
    return redelivered ? inflight.find(deliveryId) : 0;
  }

  /**
   * Returns whether nobody here can tell if a delivery was sent before: an earlier broker kept QoS
   * 2 identifiers only.
   */
  boolean restored() {
    return restored;
  }

  /** Stores an outbound QoS 2 identifier; returns the sequence after which PUBLISH may go. */
  long sent(int packetId, long deliveryId, Attachment port) {
    return persistent
        ? put(SENT | packetId, ByteBuffer.allocate(Long.BYTES).putLong(deliveryId).array(), port)
        : 0;
  }

  /** The client has taken a message over; returns the sequence after which PUBREL may go. */
  long released(int packetId, Attachment port) {
    remove(SENT | packetId, port);
    return put(RELEASED | packetId, NOTHING, port);
  }

  /** The exchange is over. */
  void completed(int packetId, Attachment port) {
    if (inflight.complete(packetId)) {
      remove(RELEASED | packetId, port);
    }
  }

  private long put(int key, byte[] record, Attachment port) {
    if (persistent) {
      storedUpTo = port.sessionTable(clientId).put(key, record);
    }
    return storedUpTo;
  }

  private long remove(int key, Attachment port) {
    if (persistent) {
      storedUpTo = port.sessionTable(clientId).remove(key);
    }
    return storedUpTo;
  }
}
