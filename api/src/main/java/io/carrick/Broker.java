package io.carrick;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A running broker. Whoever holds one holds it running: there is no built-but-not-started state.
 *
 * <p>Thread-safe. No method may be called from a broker loop.
 */
public interface Broker extends AutoCloseable {

  /**
   * Connects the calling program to the default virtual host {@code "/"} with every permission.
   *
   * @return a client of its own, to be closed by the caller
   * @throws IllegalStateException when the broker is closed
   */
  Client connect();

  /**
   * Connects the calling program to a virtual host with every permission.
   *
   * @param virtualHost name of an existing virtual host
   * @return a client of its own, to be closed by the caller
   * @throws NotFoundException when there is no such virtual host
   */
  Client connect(String virtualHost);

  /**
   * Returns the address that an endpoint really bound, which is how a port 0 becomes known.
   *
   * @param endpoint its {@linkplain Endpoint#named name}, else the adapter's, {@code "mqtt"} or
   *     {@code "amqp"}
   * @throws NotFoundException when no adapter that was given to the builder has such an endpoint,
   *     and when it is a Unix socket, which has none
   */
  InetSocketAddress address(String endpoint);

  /**
   * Reads the certificates of all endpoints with TLS from their files again. Who connects from now
   * on meets the new ones, connections that are there stay. It is also done, a little later, for
   * files that are seen to have changed. Blocks.
   *
   * @throws java.io.UncheckedIOException when those of an endpoint cannot be used, with a message
   *     fit for a user; the old ones stay in force there
   */
  void reloadCertificates();

  /** Returns a snapshot of every counter. */
  Metrics metrics();

  /** Returns why publishers have to wait now; empty if they need not. */
  Set<Alarm> alarms();

  /**
   * Returns the means to look into the broker page by page, and to change it, with every
   * permission. The lists below are short cuts to it for few things.
   */
  Admin admin();

  /**
   * Returns the means to look into the broker and to change it with the rights of somebody: each
   * call asks the authorizer.
   *
   * @param who who administers
   */
  Admin admin(Identity who);

  /**
   * Follows messages from now on, as {@link #trace(TraceFilter, TraceListener)} does, and tells
   * nobody: {@link Trace#messages()} shows them.
   */
  Trace trace(TraceFilter which);

  /**
   * Follows messages from now on: through which exchanges and bindings they came to which queues,
   * who got them, how that was settled, what was dropped and why. It costs something for messages
   * that are followed, and while it lasts a look at each that arrives.
   *
   * @param which messages
   * @param listener hears of each event
   * @return to be closed by the caller
   * @throws IllegalStateException when the broker is closed, or {@link Limit#TRACES} are there
   */
  Trace trace(TraceFilter which, TraceListener listener);

  /** Returns the queues of all virtual hosts, sessions' queues included, as they are now. */
  List<QueueInfo> queues();

  /** Returns the consumers of all queues as they are now. */
  List<ConsumerInfo> consumers();

  /** Returns the connected clients, in-JVM clients included. */
  List<ConnectionInfo> connections();

  /** Returns the sessions that adapters keep, connected or not. */
  List<SessionInfo> sessions();

  /**
   * Copies what the store holds while the broker goes on working. A broker that is started on the
   * copy is as this one was at some moment during the call, after an unclean stop: everything that
   * was acknowledged before the call is there.
   *
   * @param directory a new or empty one
   * @throws java.io.UncheckedIOException when it cannot be written, or the store is in memory
   */
  void snapshot(Path directory);

  /**
   * Closes a connection as an administrator does: the peer is told so in its protocol's words.
   *
   * @param connectionId {@link ConnectionInfo#id()}
   * @param reason what the peer and the log are told
   * @return whether there was such a connection
   */
  boolean closeConnection(String connectionId, String reason);

  /**
   * Stops accepting connections and waits until what is under way is done: every publish confirmed
   * and every delivery settled. Connected clients may go on meanwhile.
   *
   * @param timeout how long to wait at most
   * @return whether everything was done in time
   */
  boolean drain(Duration timeout);

  /**
   * Lets nobody in any more, asks every client to go, and waits until all have gone and what was
   * under way is done. Programs of this JVM may stay. Who is connected is read from no more, gets
   * the confirms of what it has published, within {@link Limit#CLOSE_TIMEOUT_MS}, and is told in
   * its protocol's words. Ports stay open until {@link #close}, which follows, so that who still
   * connects is told the same.
   *
   * @param timeout how long to wait at most
   * @param referral where the clients are sent, for those whose protocol can say it
   * @return whether everything was done in time
   */
  boolean drain(Duration timeout, Referral referral);

  /**
   * Says goodbye to every client in its protocol's words, delivers pending confirms within {@link
   * Limit#CLOSE_TIMEOUT_MS}, closes the store and ends every thread. Blocks; closing twice is
   * harmless.
   */
  @Override
  void close();
}
