package io.carrick.mqtt;

import io.carrick.Rejection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way to a client from queues that its session has joined. They name deliveries each
 * for itself; here each has a key of its own, by which the session's packet identifiers know it.
 * Used as the {@link Session} is.
 */
final class JoinedDeliveries {

  /** Above all ids that a queue gives. */
  private static final long KEYS = 1L << 62;

  private final Map<Long, Entry> underWay = new HashMap<>();

  /** The keys of what an earlier connection was given with QoS 2, by where that is. */
  private final Map<Place, Long> left = new HashMap<>();

  /**
   * The packet identifiers of what an earlier connection was given with QoS 1: others may have it
   * by now, but if it comes back here it has its identifier again [MQTT-4.4.0-1].
   */
  private final Map<Place, Integer> sentOnce = new HashMap<>();

  /**
   * What the client said of deliveries of an earlier connection that it does not want: their queues
   * hear of it when they give them again. By their keys.
   */
  private final Map<Long, Rejection> rejected = new HashMap<>();

  private long lastKey = KEYS;

  /** A delivery as its queue names it. Immutable. */
  private record Place(String queue, long deliveryId) {}

  /**
   * A delivery that is under way. Immutable.
   *
   * @param by who has brought it; null if that was an earlier connection
   */
  private record Entry(Place place, @Nullable JoinedQueue by) {}

  /** Returns whether an id is a key of these. */
  static boolean isKey(long id) {
    return id >= KEYS;
  }

  /** A connection begins: what an earlier one was given is to come again, or goes to others. */
  void begin(InflightWindow inflight) {
    sentOnce.clear();
    left.clear();
    inflight.forgetOnce(
        JoinedDeliveries::isKey,
        (packetId, key) -> {
          Entry entry = underWay.remove(key);
          if (entry != null) {
            sentOnce.put(entry.place, packetId);
          }
        });
    underWay.replaceAll((key, entry) -> new Entry(entry.place, null));
    underWay.forEach((key, entry) -> left.put(entry.place, key));
  }

  /**
   * Takes the keys of what an earlier connection was given with QoS 2 and no queue gives again.
   *
   * @param queues that may give something again
   */
  List<Long> lost(Set<String> queues) {
    var lost = new ArrayList<Long>(0);
    left.forEach(
        (place, key) -> {
          if (!queues.contains(place.queue)) {
            lost.add(key);
          }
        });
    lost.forEach(key -> left.values().remove(key));
    return lost;
  }

  /** Takes what an earlier broker has stored of a delivery, and returns its key. */
  long restore(String queue, long deliveryId) {
    var place = new Place(queue, deliveryId);
    underWay.put(++lastKey, new Entry(place, null));
    return lastKey;
  }

  // ---- deliveries

  /** Returns whether an earlier connection was given a delivery with QoS 2. */
  boolean isLeft(String queue, long deliveryId) {
    return left.containsKey(new Place(queue, deliveryId));
  }

  /** Returns the key of a delivery that a member brings: the old one if there is one. */
  long brought(JoinedQueue by, long deliveryId) {
    var place = new Place(by.queue(), deliveryId);
    Long old = left.remove(place);
    long key = old == null ? ++lastKey : old;
    underWay.put(key, new Entry(place, by));
    return key;
  }

  /** The client does not want a delivery that its queue is going to give once more. */
  void rejects(long key, Rejection said) {
    if (underWay.containsKey(key)) {
      rejected.put(key, said);
    }
  }

  /** Returns what the client has said of a delivery that it does not want; null if it may. */
  @Nullable Rejection rejection(long key) {
    return rejected.isEmpty() ? null : rejected.remove(key);
  }

  /** Gives a delivery of QoS 1 the packet identifier that it had on an earlier connection. */
  void identifyAgain(long key, InflightWindow inflight) {
    Entry entry = underWay.get(key);
    Integer packetId = entry == null ? null : sentOnce.remove(entry.place);
    if (packetId != null) {
      inflight.assignAgain(packetId, key);
    }
  }

  /**
   * A delivery is settled.
   *
   * @return who has brought it; null if that was an earlier connection, so that it comes again
   */
  @Nullable JoinedQueue bringer(long key) {
    Entry entry = underWay.get(key);
    return entry == null ? null : entry.by;
  }

  /** Forgets a delivery and returns what its queue calls it. */
  long forget(long key) {
    Entry entry = underWay.remove(key);
    return entry == null ? 0 : entry.place.deliveryId;
  }

  // ---- in the store

  /** Writes which delivery it is: as others, and its queue behind that. */
  byte[] record(long key) {
    Entry entry = underWay.get(key);
    if (entry == null) {
      throw new IllegalStateException("a delivery that is not under way");
    }
    byte[] queue = entry.place.queue.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + queue.length)
        .putLong(entry.place.deliveryId)
        .put(queue)
        .array();
  }
}
