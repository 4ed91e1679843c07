package io.carrick;

import java.util.concurrent.CompletionStage;

/**
 * Looks into a broker and changes it, as an administrator: everything, whoever it belongs to. Got
 * by {@link Broker#admin()} or, with the rights of a user, by {@link Broker#admin(Identity)}.
 *
 * <p>Thread-safe, and never blocks: a stage completes in a loop of the broker, so continue with
 * {@code …Async} what may block. It fails with {@link AccessRefusedException} for who is not
 * allowed to administer the virtual host, with {@link NotFoundException} and the other {@link
 * BrokerException}s as the methods say, and with {@link IllegalStateException} when the broker is
 * closed.
 *
 * <p>Lists come in pages, in a fixed order. What comes or goes meanwhile may be in a later page or
 * not; what is there all the time is in exactly one, but for parts of something that changes
 * (bindings of one destination, consumers of one queue, channels of one client). A page holds no
 * loop for long, however much there is: what it needs of queues and clients is read in their loops,
 * a few hundred at a time. Who may administer some virtual hosts sees what is in those. A
 * {@linkplain Selection#pattern() pattern} that takes too long fails with {@link
 * PreconditionFailedException}, as does a page that begins where no page ended.
 */
public interface Admin {

  /** Returns the users that the broker keeps. */
  UserAdmin users();

  /** Returns the policies of the virtual hosts. */
  PolicyAdmin policies();

  // ---- looking

  /** Lists virtual hosts, by name. */
  CompletionStage<Page<VirtualHostInfo>> virtualHosts(Selection which);

  /** Lists exchanges, by virtual host and name. */
  CompletionStage<Page<ExchangeDefinition>> exchanges(Selection which);

  /** Lists queues, those of sessions included, by virtual host and name. */
  CompletionStage<Page<QueueDetails>> queues(Selection which);

  /**
   * Lists bindings, of a virtual host those of queues first, by name.
   *
   * @param which chooses by the names of destinations
   */
  CompletionStage<Page<BindingInfo>> bindings(Selection which);

  /**
   * Lists the bindings that lead to one queue or exchange.
   *
   * @param which where to begin, and how many
   */
  CompletionStage<Page<BindingInfo>> bindingsTo(
      String virtualHost, Binding.Target target, String name, Selection which);

  /**
   * Lists the bindings that lead from one exchange.
   *
   * @param which chooses by the names of destinations
   */
  CompletionStage<Page<BindingInfo>> bindingsFrom(
      String virtualHost, String exchange, Selection which);

  /**
   * Lists consumers, by virtual host and queue.
   *
   * @param which chooses by the names of queues
   */
  CompletionStage<Page<ConsumerInfo>> consumers(Selection which);

  /**
   * Lists sessions, by virtual host and queue.
   *
   * @param which chooses by the names of sessions
   */
  CompletionStage<Page<SessionInfo>> sessions(Selection which);

  /**
   * Lists connected clients, in-JVM clients included, in the order of their coming.
   *
   * @param which chooses by {@link ConnectionInfo#name()}
   */
  CompletionStage<Page<ConnectionInfo>> connections(Selection which);

  /**
   * Lists what connected clients act through.
   *
   * @param which chooses by {@link ConnectionInfo#name()}
   */
  CompletionStage<Page<ChannelInfo>> channels(Selection which);

  /**
   * Lists last values (MQTT: retained messages), in no particular order. A page costs what the
   * pages before it cost together, so ask for few large ones.
   *
   * @param filter which topics, in the form of either protocol
   * @param which how many, and from where on; last values have no names
   */
  CompletionStage<Page<LastValueInfo>> lastValues(RoutingKey filter, Selection which);

  // ---- acting

  /**
   * Makes a virtual host with its predeclared exchanges; one that is there already stays. With a
   * durable store it is there after a restart. Fails with {@link PreconditionFailedException} for a
   * name that is empty or too long, for one virtual host too many, and while an older one of that
   * name is still going.
   *
   * @return completes when clients can attach
   */
  CompletionStage<Void> createVirtualHost(String name);

  /**
   * Deletes a virtual host with everything in it. Its clients are told so in their protocols' words
   * and disconnected. It comes back, empty, with the next start if the builder names it.
   *
   * @return completes when everything of it is gone; fails with {@link NotFoundException} if there
   *     is none, with {@link PreconditionFailedException} if an adapter has its topics in it
   */
  CompletionStage<Void> deleteVirtualHost(String name);

  /**
   * Has each message that is published in a virtual host, and each delivery of one that was, copied
   * to its exchange {@code amq.rabbitmq.trace}, or no more. Copies are dropped, counted {@code
   * firehose}, where they come faster than they are routed; publishers do not wait. It is off after
   * a restart. ({@link Broker#trace} shows more, and to a program.)
   */
  CompletionStage<Void> firehose(String virtualHost, boolean on);

  /**
   * Declares an exchange; fails as {@link ExchangeSpec#declare} does.
   *
   * @return completes when it is in force and stored, as of all changes
   */
  CompletionStage<Void> declare(ExchangeDefinition exchange);

  /**
   * Declares a queue; fails as {@link QueueSpec#declare} does.
   *
   * @return its name
   */
  CompletionStage<String> declare(QueueDefinition queue);

  /**
   * Deletes an exchange with its bindings; one that is not there is passed over.
   *
   * @param ifUnused whether to fail with {@link PreconditionFailedException} if it is bound from
   */
  CompletionStage<Void> deleteExchange(String virtualHost, String name, boolean ifUnused);

  /**
   * Deletes a queue; one that is not there is passed over. With a session's queue the session has
   * ended, and its client is disconnected.
   *
   * @param ifUnused whether to fail with {@link PreconditionFailedException} if it is consumed
   * @param ifEmpty whether to fail with {@link PreconditionFailedException} if messages are ready
   * @return how many messages went with it
   */
  CompletionStage<Long> deleteQueue(
      String virtualHost, String name, boolean ifUnused, boolean ifEmpty);

  /** Adds a binding; fails as {@link Topology#bind} does. */
  CompletionStage<Void> bind(String virtualHost, Binding binding);

  /** Removes a binding; one that is not there is passed over. */
  CompletionStage<Void> unbind(String virtualHost, Binding binding);

  /**
   * Removes the ready messages of a queue, a session's or an exclusive one as well.
   *
   * @return how many there were; fails with {@link NotFoundException} if there is no such queue
   */
  CompletionStage<Long> purge(String virtualHost, String queue);

  /**
   * Has publishers wait, whatever is measured, until {@link #releaseAlarm}. It is not kept over a
   * restart.
   */
  CompletionStage<Void> holdAlarm(Alarm alarm);

  /** Ends what {@link #holdAlarm} has begun; what is measured counts again. */
  CompletionStage<Void> releaseAlarm(Alarm alarm);

  /**
   * Changes how many bytes the broker may hold in memory, {@link Limit#MEMORY_BYTES}, until it
   * ends.
   *
   * @param bytes 1 at least
   */
  CompletionStage<Void> memoryWatermark(long bytes);

  /**
   * Closes a connection: the peer is told so in its protocol's words.
   *
   * @param connectionId {@link ConnectionInfo#id()}
   * @param reason what the peer and the log are told
   * @return whether there was such a connection
   */
  CompletionStage<Boolean> closeConnection(String connectionId, String reason);
}
