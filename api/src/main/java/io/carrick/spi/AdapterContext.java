package io.carrick.spi;

import io.carrick.Identity;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.Metrics;
import io.carrick.NotFoundException;
import io.carrick.RoutingKey;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/** What the broker gives to an adapter. Thread-safe. */
public interface AdapterContext {

  /** Returns the broker's loops. */
  LoopGroup loops();

  /** Returns the broker's bounds. */
  Limits limits();

  /**
   * Returns what becomes of what crosses between protocols in a virtual host, the same as long as
   * the broker runs.
   *
   * @param virtualHost one that need not be there
   */
  default Mapping mapping(String virtualHost) {
    return Mapping.lossless();
  }

  /** Returns the broker's counters. */
  Counters counters();

  /** Returns a snapshot of every counter of the broker, and of what there is now. */
  Metrics metrics();

  /**
   * Publishes as the broker itself, also to what is {@linkplain #reserve reserved}, which no store
   * keeps. Called in the loop; without an exchange of the message's, nothing happens.
   *
   * @throws io.carrick.NotFoundException when there is no such virtual host
   */
  void publish(Loop loop, String virtualHost, Message message);

  /**
   * Returns the account of what a loop holds in memory.
   *
   * @param loop one of the broker's
   */
  HeldBytes held(Loop loop);

  /**
   * Returns threads for what may block or takes long, such as reading files and the mathematics of
   * a TLS handshake. They are made when needed, as many as there are tasks, and end with the
   * broker.
   */
  Executor workers();

  /**
   * Reserves addresses of an exchange for the broker: a client from outside this JVM that publishes
   * to one, by whichever protocol, is refused with {@link io.carrick.AccessRefusedException}. Said
   * by an adapter while it starts, of the exchange that carries its topics; the virtual host cannot
   * be deleted then.
   *
   * @param virtualHost where
   * @param exchange its name; it need not be there
   * @param reserved tells them by the routing key; asked in any loop, and only about keys whose
   *     first level starts with {@code $}
   * @throws io.carrick.NotFoundException when there is no such virtual host
   */
  void reserve(String virtualHost, String exchange, Predicate<RoutingKey> reserved);

  /**
   * Reserves addresses of an exchange as {@link #reserve} does, in every virtual host that there is
   * or will be; such a virtual host can still be deleted. Said by an adapter while it starts.
   */
  default void reserveEverywhere(String exchange, Predicate<RoutingKey> reserved) {}

  /**
   * Has somebody asked where messages of clients go, in every virtual host that there is or will
   * be: those to an exchange with keys whose first level starts with {@code $}, before any of them
   * is refused as {@linkplain #reserve reserved}. Said by an adapter while it starts.
   */
  default void divertEverywhere(String exchange, Diversion diversion) {}

  /** Returns what lets clients answer the requests that they get in a virtual host. */
  default ReplyRights replyRights(String virtualHost) {
    return ReplyRights.NONE;
  }

  /** Returns whether there is a virtual host of that name now. */
  default boolean hasVirtualHost(String name) {
    return false;
  }

  /**
   * Has somebody told of the end of every session, by whatever it ends. Said by an adapter while it
   * starts: then it hears of those, too, whose time has run out while the broker was down.
   */
  void whenSessionEnds(SessionListener listener);

  /**
   * Authenticates and attaches a client. The answer comes in {@code loop}; a failure is {@link
   * io.carrick.AccessRefusedException} (credentials, permission), {@link
   * io.carrick.NotFoundException} (virtual host) or {@link io.carrick.DrainingException} (the
   * broker lets nobody in any more).
   *
   * @param loop the loop that the client's connection is confined to
   */
  void attach(
      Loop loop, AttachRequest request, AttachmentListener listener, Completion<Attachment> done);

  /**
   * Authenticates a client that says only later where it wants to attach: AMQP answers the login
   * before it hears of the virtual host. The answer comes in {@code loop}; a failure is {@link
   * io.carrick.AccessRefusedException}.
   *
   * @param loop the loop that the client's connection is confined to
   */
  void authenticate(Loop loop, Credentials credentials, Completion<Identity> done);

  /**
   * Returns whether who shows this and is let in has proved who it is. Where nobody tells who
   * clients are, whoever comes from this machine is let in under the name that it gives, which
   * proves nothing.
   */
  default boolean proves(Credentials shown) {
    return true;
  }

  /**
   * Authenticates a client that is in and shows another secret, if secrets {@linkplain
   * Authenticator#secretsExpire run out}; else it remains who it is. Answers like {@link
   * #authenticate}.
   *
   * @param who as it was authenticated before
   */
  default void authenticateAgain(
      Loop loop, Credentials credentials, Identity who, Completion<Identity> done) {
    authenticate(loop, credentials, done);
  }

  /**
   * Returns the names of the mechanisms by which a client can log in with {@link #login}, beside
   * what it shows as {@link Credentials}; the best first.
   */
  default List<String> mechanisms() {
    return List.of();
  }

  /**
   * Begins a login of several steps; who has been let in is attached as after {@link
   * #authenticate}.
   *
   * @param loop the loop that the client's connection is confined to
   * @param mechanism one of {@link #mechanisms}
   * @param peer what is known of the client, without a user
   * @throws io.carrick.NotFoundException if there is no such mechanism
   */
  default SaslLogin login(Loop loop, String mechanism, Credentials peer) {
    throw new NotFoundException("no mechanism '" + mechanism + "'");
  }

  /**
   * Attaches a client that {@link #authenticate} has let in; answers like the other form.
   *
   * @param identity as authenticated
   * @param request its credentials are not checked again
   */
  void attach(
      Loop loop,
      Identity identity,
      AttachRequest request,
      AttachmentListener listener,
      Completion<Attachment> done);

  /**
   * Who wants to attach.
   *
   * @param virtualHost where
   * @param credentials what it shows
   * @param protocol for people, {@code MQTT 3.1.1}
   * @param name what the client calls itself: the MQTT client id or the AMQP connection name
   */
  record AttachRequest(String virtualHost, Credentials credentials, String protocol, String name) {}
}
