package io.carrick.mqtt;

import io.carrick.spi.Attachment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges of one session that are under way: which packet identifiers are in use, in both
 * directions. Used as its {@link Session} is.
 *
 * <p>What must survive a restart is in the session's table too: by {@code packet id + kind}.
 */
final class Exchanges {

  private static final int RECEIVED = 0;
  private static final int SENT = 1 << 16;
  private static final int RELEASED = 2 << 16;
  private static final byte[] NOTHING = {};

  private final String clientId;
  private final boolean persistent;

  /** Outbound identifiers, and what they deliver. */
  private final InflightWindow inflight = new InflightWindow();

  /** Inbound QoS 2 identifiers, from PUBLISH to PUBREL [MQTT-4.3.3-2]; null before the first. */
  private @Nullable Set<Integer> received;

  /** The store's sequence of the last change here. */
  private long storedUpTo;

  /** What comes from other queues than its own; null before the first. */
  private @Nullable JoinedDeliveries joined;

  private boolean restored;

  /** Deliveries of an earlier broker that are the client's since PUBREC. */
  private Set<Long> takenOver = Set.of();

  Exchanges(String clientId, boolean persistent) {
    this.clientId = clientId;
    this.persistent = persistent;
  }

  InflightWindow inflight() {
    return inflight;
  }

  /** What is under way is what an earlier broker has stored, and follows now. */
  void restore() {
    restored = true;
    takenOver = new HashSet<>();
  }

  /** Takes a record that an earlier broker has stored. */
  void load(int key, byte[] record) {
    int packetId = key & 0xFFFF;
    switch (key & ~0xFFFF) {
      case RECEIVED -> noted(packetId);
      case SENT -> restoreSent(packetId, delivery(record));
      case RELEASED -> {
        inflight.restoreReleased(packetId);
        takenOver.add(delivery(record));
      }
      default -> throw new IllegalStateException("a session record of kind " + key);
    }
  }

  /** A message that was not stored has gone with the broker: all that is left is to release it. */
  private void restoreSent(int packetId, long deliveryId) {
    if (deliveryId > 0) {
      inflight.restoreSent(packetId, deliveryId);
    } else {
      inflight.restoreReleased(packetId);
    }
  }

  private long delivery(byte[] record) {
    ByteBuffer in = ByteBuffer.wrap(record);
    long deliveryId = in.getLong();
    if (!in.hasRemaining() || deliveryId <= 0) {
      return deliveryId;
    }
    return joined().restore(StandardCharsets.UTF_8.decode(in).toString(), deliveryId);
  }

  private byte[] record(long deliveryId) {
    if (JoinedDeliveries.isKey(deliveryId)) {
      return joined().record(deliveryId);
    }
    return ByteBuffer.allocate(Long.BYTES).putLong(deliveryId).array();
  }

  /** Returns what comes from other queues than its own. */
  JoinedDeliveries joined() {
    JoinedDeliveries j = joined;
    if (j == null) {
      j = new JoinedDeliveries();
      joined = j;
    }
    return j;
  }

  /**
   * A connection begins: what is under way comes again.
   *
   * @param inOrder whether the session's own queue gives it before anything new
   */
  void begin(boolean inOrder) {
    inflight.begin(deliveryId -> inOrder && !JoinedDeliveries.isKey(deliveryId));
    if (joined != null) {
      joined.begin(inflight);
    }
  }

  /**
   * Takes the keys of what an earlier connection was given with QoS 2 by other queues, and what no
   * queue is going to give again.
   *
   * @param queues that may
   */
  List<Long> lost(Set<String> queues) {
    return joined == null ? List.of() : joined.lost(queues);
  }

  /** The client has taken a delivery over that its queue is going to give once more. */
  void takesOver(long deliveryId) {
    if (takenOver.isEmpty()) {
      takenOver = new HashSet<>();
    }
    takenOver.add(deliveryId);
  }

  /**
   * Returns whether the client took a delivery over before the broker stopped, and the queue has
   * not heard of it.
   */
  boolean hasTakenOver(long deliveryId) {
    return !takenOver.isEmpty() && takenOver.remove(deliveryId);
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
   * Notes an inbound identifier; returns whether it is new. The store has it with the message or
   * not at all: one without the other would be a message lost or doubled.
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
    return persistent ? put(SENT | packetId, record(deliveryId), port) : 0;
  }

  /**
   * The client has taken a message over; the queue hears of it afterwards, so that a crash between
   * leaves a record that the message is the client's.
   *
   * @return the sequence after which PUBREL may go
   */
  long released(int packetId, long deliveryId, Attachment port) {
    if (persistent) {
      port.atomically(
          () -> {
            remove(SENT | packetId, port);
            put(RELEASED | packetId, record(deliveryId), port);
          });
    }
    return storedUpTo;
  }

  /** The client does not take a message over: its exchange is at its end (MQTT 5 §4.3.3). */
  void rejected(int packetId, Attachment port) {
    remove(SENT | packetId, port);
  }

  /** The exchange is over; returns whether it was under way. */
  boolean completed(int packetId, Attachment port) {
    boolean released = inflight.complete(packetId);
    if (released) {
      remove(SENT | packetId, port);
      remove(RELEASED | packetId, port);
    }
    return released;
  }

  private long put(int key, byte[] record, Attachment port) {
    if (persistent) {
      storedUpTo = Math.max(storedUpTo, port.sessionTable(clientId).put(key, record));
    }
    return storedUpTo;
  }

  private long remove(int key, Attachment port) {
    if (persistent) {
      storedUpTo = Math.max(storedUpTo, port.sessionTable(clientId).remove(key));
    }
    return storedUpTo;
  }
}
