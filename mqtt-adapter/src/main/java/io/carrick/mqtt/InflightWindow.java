package io.carrick.mqtt;

import java.util.BitSet;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The packet identifiers of messages on their way to one client: given out in order, kept from one
 * connection to the next so that what is sent again has its old one [MQTT-4.4.0-1]. Used by the
 * loop that holds the session's lease.
 *
 * <p>An identifier's place in the table is its lower bits; one is only given out when its place is
 * free. The table grows so that half of it is, as long as it can, and where nearly all identifiers
 * are in use those that are not are kept in a set: nothing is searched for.
 */
final class InflightWindow {

  /** What an operation returns for an identifier that it has nothing to do with any more. */
  static final long UNKNOWN = -1;

  /** What an operation returns for an identifier that is in use for something else. */
  static final long WRONG = -2;

  private static final int MOST = 0xFFFF;
  private static final int FIRST_CAPACITY = 4;

  /** How many places that are taken are looked at before the free ones are noted. */
  private static final int MOST_LOOKS = 64;

  private static final byte FREE = 0;

  /** From PUBLISH QoS 1 to PUBACK. */
  private static final byte SENT_ONCE = 1;

  /** From PUBLISH QoS 2 to PUBREC. */
  private static final byte SENT_TWICE = 2;

  /** From PUBREC to PUBCOMP. */
  private static final byte RELEASED = 3;

  private @Nullable Places places;

  /** Where deliveries are that may be sent again; null before one is asked for. */
  private @Nullable SentDeliveries sent;

  /**
   * Identifiers of deliveries of earlier connections that have not come again; null if there are
   * none, or it is not asked.
   */
  private @Nullable BitSet earlier;

  /** Identifiers that are not in use; null unless nearly all of them are. */
  private @Nullable BitSet free;

  private int size;
  private int last;
  private long releases;

  /** A table of identifiers: their state, and the delivery or the number of the release. */
  private record Places(byte[] states, char[] packetIds, long[] values) {

    Places(int capacity) {
      this(new byte[capacity], new char[capacity], new long[capacity]);
    }

    int capacity() {
      return states.length;
    }

    int of(int packetId) {
      return packetId & (states.length - 1);
    }

    /** Returns whether what is in a place is a delivery without an answer. */
    boolean isSent(int place) {
      return states[place] == SENT_ONCE || states[place] == SENT_TWICE;
    }

    boolean isFree(int packetId) {
      return states[of(packetId)] == FREE;
    }

    boolean has(int packetId, byte state) {
      int place = of(packetId);
      return states[place] == state && packetIds[place] == packetId;
    }

    /** Returns the state of an identifier, free if another one is in its place. */
    byte state(int packetId) {
      int place = of(packetId);
      return packetIds[place] == packetId ? states[place] : FREE;
    }

    void put(int packetId, byte state, long value) {
      int place = of(packetId);
      states[place] = state;
      packetIds[place] = (char) packetId;
      values[place] = value;
    }
  }

  /** Returns how many identifiers are in use. */
  int size() {
    return size;
  }

  /**
   * Returns the identifier that a delivery got on an earlier connection, 0 if none. The first call
   * looks through all of them, so ask for what is delivered again only.
   */
  int find(long deliveryId) {
    Places p = places;
    if (p == null) {
      return 0;
    }
    SentDeliveries s = sent;
    if (s == null) {
      s = new SentDeliveries();
      for (int i = 0; i < p.capacity(); i++) {
        if (p.isSent(i)) {
          s.put(p.values[i], p.packetIds[i]);
        }
      }
      sent = s;
    }
    int packetId = s.find(deliveryId);
    int place = p.of(packetId);
    boolean there = packetId != 0 && p.packetIds[place] == packetId;
    if (!there || !p.isSent(place) || p.values[place] != deliveryId) {
      return 0;
    }
    notAwaited(packetId);
    return packetId;
  }

  private void notAwaited(int packetId) {
    if (earlier != null) {
      earlier.clear(packetId);
    }
  }

  /**
   * A connection begins.
   *
   * @param inOrder of which deliveries it is known that they come again before anything new
   */
  void begin(LongPredicate inOrder) {
    sent = null;
    earlier = null;
    Places p = places;
    for (int i = 0; p != null && i < p.capacity(); i++) {
      if (p.isSent(i) && inOrder.test(p.values[i])) {
        earlier = earlier == null ? new BitSet() : earlier;
        earlier.set(p.packetIds[i]);
      }
    }
  }

  /** Returns whether there may be deliveries of earlier connections that have not come again. */
  boolean hasEarlier() {
    return earlier != null;
  }

  /** Takes the identifiers of those, which will not come any more: rising. */
  int[] takeEarlier() {
    BitSet ids = earlier;
    earlier = null;
    return ids == null ? new int[0] : ids.stream().toArray();
  }

  /** Returns the QoS under which an identifier was given out that {@link #find} has found. */
  int qos(int packetId) {
    Places p = places;
    return p != null && p.has(packetId, SENT_ONCE) ? 1 : 2;
  }

  /**
   * Gives a delivery the next identifier.
   *
   * @param qos 1 or 2
   */
  int assign(long deliveryId, int qos) {
    if (size == MOST) {
      throw new IllegalStateException("more than 65,535 messages on their way to one client");
    }
    Places p = roomy();
    int packetId = last;
    int looks = 0;
    do {
      packetId = packetId == MOST ? 1 : packetId + 1;
    } while (!p.isFree(packetId) && ++looks < MOST_LOOKS);
    if (looks == MOST_LOOKS) {
      packetId = nextFree(p, packetId);
    }
    last = packetId;
    use(p, packetId, qos == 1 ? SENT_ONCE : SENT_TWICE, deliveryId);
    if (sent != null) {
      sent.put(deliveryId, packetId);
    }
    return packetId;
  }

  private int nextFree(Places p, int from) {
    if (p.capacity() <= MOST) {
      int packetId = from; // half of the places are free
      while (!p.isFree(packetId)) {
        packetId = packetId == MOST ? 1 : packetId + 1;
      }
      return packetId;
    }
    BitSet all = free;
    if (all == null) {
      all = new BitSet(MOST + 1);
      for (int i = 1; i <= MOST; i++) {
        all.set(i, p.isFree(i));
      }
      free = all;
    }
    int next = all.nextSetBit(from);
    return next < 0 ? all.nextSetBit(1) : next;
  }

  private void use(Places p, int packetId, byte state, long value) {
    p.put(packetId, state, value);
    size++;
    if (free != null) {
      free.clear(packetId);
    }
  }

  private void unuse(Places p, int packetId) {
    p.put(packetId, FREE, 0);
    size--;
    notAwaited(packetId);
    if (free != null) {
      free.set(packetId);
    }
  }

  /** Gives a delivery of QoS 1 an identifier that it had before, unless that is in use. */
  void assignAgain(int packetId, long deliveryId) {
    Places p = roomy();
    if (p.isFree(packetId)) {
      use(p, packetId, SENT_ONCE, deliveryId);
      if (sent != null) {
        sent.put(deliveryId, packetId);
      }
    }
  }

  /**
   * Frees the identifiers of some deliveries of QoS 1.
   *
   * @param which deliveries
   * @param each gets identifier and delivery
   */
  void forgetOnce(LongPredicate which, BiConsumer<Integer, Long> each) {
    Places p = places;
    for (int i = 0; p != null && i < p.capacity(); i++) {
      if (p.states[i] == SENT_ONCE && which.test(p.values[i])) {
        int packetId = p.packetIds[i];
        long deliveryId = p.values[i];
        unuse(p, packetId);
        each.accept(packetId, deliveryId);
      }
    }
  }

  /** A table with a place for one more, and for identifier 0 that nothing gets. */
  private Places roomy() {
    Places p = places;
    if (p == null) {
      p = new Places(FIRST_CAPACITY);
      places = p;
    } else if (size > p.capacity() / 2 && p.capacity() <= MOST) {
      p = grown(p);
    }
    return p;
  }

  private Places grown(Places from) {
    var larger = new Places(from.capacity() * 2);
    for (int i = 0; i < from.capacity(); i++) {
      if (from.states[i] != FREE) {
        larger.put(from.packetIds[i], from.states[i], from.values[i]);
      }
    }
    places = larger;
    return larger;
  }

  /**
   * PUBACK: frees the identifier and returns its delivery; or {@link #UNKNOWN}, or {@link #WRONG}
   * if it is one of QoS 2.
   */
  long acknowledge(int packetId) {
    return end(packetId, SENT_ONCE);
  }

  /**
   * PUBREC: keeps the identifier for PUBREL and returns its delivery; or {@link #UNKNOWN}, also if
   * it was released before, or {@link #WRONG} if it is one of QoS 1.
   */
  long release(int packetId) {
    Places p = places;
    if (p == null || !p.has(packetId, SENT_TWICE)) {
      return p != null && p.state(packetId) == SENT_ONCE ? WRONG : UNKNOWN;
    }
    long deliveryId = p.values[p.of(packetId)];
    p.put(packetId, RELEASED, ++releases);
    notAwaited(packetId);
    return deliveryId;
  }

  /**
   * PUBREC with a failure: frees the identifier and returns its delivery; or {@link #UNKNOWN}, or
   * {@link #WRONG} if it is one of QoS 1.
   */
  long reject(int packetId) {
    Places p = places;
    boolean released = p != null && p.has(packetId, RELEASED);
    return released ? UNKNOWN : end(packetId, SENT_TWICE);
  }

  /** Returns whether an identifier is in use and PUBREC has not come for it. */
  boolean awaitsFirst(int packetId) {
    byte state = places == null ? FREE : places.state(packetId);
    return state == SENT_ONCE || state == SENT_TWICE;
  }

  /** PUBCOMP: frees the identifier; returns whether it was released. */
  boolean complete(int packetId) {
    return end(packetId, RELEASED) >= 0;
  }

  private long end(int packetId, byte state) {
    Places p = places;
    if (p == null || !p.has(packetId, state)) {
      return p == null || p.state(packetId) == FREE ? UNKNOWN : WRONG;
    }
    long value = p.values[p.of(packetId)];
    unuse(p, packetId);
    return value;
  }

  /** Returns the identifiers between PUBREC and PUBCOMP, in order of their release. */
  int[] released() {
    Places p = places;
    if (p == null) {
      return new int[0];
    }
    return IntStream.range(0, p.capacity())
        .filter(i -> p.states[i] == RELEASED)
        .boxed()
        .sorted((a, b) -> Long.compare(p.values[a], p.values[b]))
        .mapToInt(i -> p.packetIds[i])
        .toArray();
  }

  // ---- after a restart

  /** Notes an identifier that an earlier broker has given to a QoS 2 delivery. */
  void restoreSent(int packetId, long deliveryId) {
    restore(packetId, SENT_TWICE, deliveryId);
  }

  /** Notes an identifier that an earlier broker has released. */
  void restoreReleased(int packetId) {
    restore(packetId, RELEASED, ++releases);
  }

  private void restore(int packetId, byte state, long value) {
    Places p = roomy();
    while (!p.isFree(packetId)) {
      p = grown(p);
    }
    use(p, packetId, state, value);
    last = Math.max(last, packetId);
  }
}
