package io.carrick.mqtt;

import io.carrick.QueueOptions;
import io.carrick.spi.Admission;
import io.carrick.spi.QueueDeclaration;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.SessionTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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

  private final String clientId;
  private final boolean persistent;

  /** From the first message in either direction on that is not QoS 0. */
  private @Nullable Exchanges exchanges;

  Session(String clientId, boolean persistent) {
    this.clientId = clientId;
    this.persistent = persistent;
  }

  /** Returns the session of a client as an earlier broker has stored it. */
  static Session restored(String clientId, SessionTable table) {
    var session = new Session(clientId, true);
    session.exchanges().load(table);
    return session;
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

  /**
   * A session that ends with its connection is a queue that goes with its consumer.
   *
   * @param queue {@link #queueOf} the client
   * @param options what it keeps
   */
  QueueDeclaration declaration(String queue, QueueOptions options) {
    return new QueueDeclaration(queue, persistent, false, !persistent, options.arguments(), this);
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

  /** Returns the store's sequence of the last change to what is under way, 0 without one. */
  long storedUpTo() {
    return exchanges == null ? 0 : exchanges.storedUpTo();
  }

  /** Returns the identifiers between PUBREC and PUBCOMP, in order of their release. */
  int[] released() {
    return exchanges == null ? NONE : exchanges.inflight().released();
  }
}
