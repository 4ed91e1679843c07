package io.carrick.mqtt;

import io.carrick.QueueOptions;
import io.carrick.spi.Admission;
import io.carrick.spi.Attachment;
import io.carrick.spi.Completion;
import io.carrick.spi.Done;
import io.carrick.spi.Membership;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.SessionTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The protocol state of one client that outlives its connections. Used by the loop of the
 * connection that holds the lease of the session's queue, which hands it over; what the queue asks
 * of it never changes.
 */
final class Session implements SessionQueue {

  private static final String PREFIX = "mqtt.session.";
  private static final int LONGEST_SHOWN = 255 - PREFIX.length();
  private static final int HASH_BYTES = 16;
  private static final int[] NONE = {};
  private static final long UNKNOWN = -1;

  /** Where its table has {@link #delayedWill}; packet identifiers have the keys below. */
  private static final int WILL = 3 << 16;

  private static final Completion<Done> UNHEARD = new Unheard<>("its expiry");

  private final String clientId;
  private final boolean persistent;

  /** Whose it is; null if nobody has to prove who it is. */
  private final @Nullable String user;

  /** How long it outlives its connection: as the queue knows it. Read by those who take it over. */
  private volatile long expiryMs = ConnectOptions.FOR_EVER;

  /** Under which name a will is kept that may yet be cancelled, empty for none. Read as above. */
  private volatile String delayedWill = "";

  /** From the first message in either direction on that is not QoS 0. */
  private @Nullable Exchanges exchanges;

  Session(String clientId, boolean persistent, @Nullable String user) {
    this.clientId = clientId;
    this.persistent = persistent;
    this.user = user;
  }

  /** Returns the session of a client as an earlier broker has stored it. */
  static Session restored(String clientId, @Nullable String user, SessionTable table) {
    var session = new Session(clientId, true, user);
    session.expiryMs = UNKNOWN;
    session.exchanges().restore();
    session.delayedWill = storedWill(table);
    table.forEach(
        (key, record) -> {
          if (key != WILL) {
            session.exchanges().load(key, record);
          }
        });
    return session;
  }

  /** Returns the name of the will that an earlier broker may publish yet, or empty. */
  static String storedWill(SessionTable table) {
    var will = new StringBuilder();
    table.forEach(
        (key, record) -> {
          if (key == WILL) {
            will.append(new String(record, StandardCharsets.UTF_8));
          }
        });
    return will.toString();
  }

  /** Returns the client id. */
  @Override
  public String name() {
    return clientId;
  }

  @Override
  public Admission admission() {
    return DeliveryTag.ADMISSION;
  }

  /** MQTT 5 §5.4.2: a client identifier does not give a user what is another user's. */
  @Override
  public Optional<String> user() {
    return Optional.ofNullable(user);
  }

  boolean persistent() {
    return persistent;
  }

  /** Names the queue of a client; an id that is too long for AMQP to name shows as a hash. */
  static String queueOf(String clientId) {
    byte[] utf8 = clientId.getBytes(StandardCharsets.UTF_8);
    return PREFIX + (utf8.length <= LONGEST_SHOWN ? clientId : hash(utf8));
  }

  /** Returns a short name for a long one. */
  static String hash(byte[] clientId) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(clientId);
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * A session that ends with its connection is a queue that goes with its consumer.
   *
   * @param queue {@link #queueOf} the client
   * @param options what it keeps
   */
  QueueDeclaration declaration(String queue, QueueOptions options) {
    return new QueueDeclaration(queue, persistent, false, !persistent, options.arguments(), this);
  }

  /** Says how long the session outlives its connection. */
  void expireAfter(long afterMs, Attachment port) {
    if (afterMs != expiryMs) {
      expiryMs = afterMs;
      port.sessionExpiry(queueOf(clientId), afterMs, UNHEARD);
    }
  }

  /** Returns how long the session outlives its connection, in milliseconds. */
  long expiryMs() {
    return persistent ? expiryMs : 0;
  }

  /** Returns the name of a will that is to be published unless the client comes back, or empty. */
  String delayedWill() {
    return delayedWill;
  }

  /**
   * Notes such a will.
   *
   * @param name empty for none
   */
  void delayedWill(String name, Attachment port) {
    if (!persistent || name.equals(delayedWill)) {
      return;
    }
    delayedWill = name;
    SessionTable table = port.sessionTable(clientId);
    if (name.isEmpty()) {
      table.remove(WILL);
    } else {
      table.put(WILL, name.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Returns how many messages of QoS 2 from the client are not released. */
  int receivedCount() {
    return exchanges == null ? 0 : exchanges.receivedCount();
  }

  /** Returns what is under way in either direction. */
  Exchanges exchanges() {
    Exchanges e = exchanges;
    if (e == null) {
      e = new Exchanges(clientId, persistent);
      exchanges = e;
    }
    return e;
  }

  /**
   * A connection begins.
   *
   * @param inOrder whether the session's queue gives what is under way before anything new
   */
  void begin(boolean inOrder) {
    if (exchanges != null) {
      exchanges.begin(inOrder);
    }
  }

  /**
   * Takes the keys of what an earlier connection was given with QoS 2, and what no queue is going
   * to give again.
   */
  List<Long> lost(List<Membership> memberships) {
    return exchanges == null
        ? List.of()
        : exchanges.lost(memberships.stream().map(Membership::queue).collect(Collectors.toSet()));
  }

  /** Returns the store's sequence of the last change to what is under way, 0 without one. */
  long storedUpTo() {
    return exchanges == null ? 0 : exchanges.storedUpTo();
  }

  /** Returns the identifiers between PUBREC and PUBCOMP, in order of their release. */
  int[] released() {
    return exchanges == null ? NONE : exchanges.inflight().released();
  }
}
