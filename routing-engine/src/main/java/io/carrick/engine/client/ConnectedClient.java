package io.carrick.engine.client;

import io.carrick.AccessRefusedException;
import io.carrick.Binding;
import io.carrick.ChannelInfo;
import io.carrick.ConnectionInfo;
import io.carrick.Identity;
import io.carrick.Message;
import io.carrick.Referral;
import io.carrick.RoutingKey;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.engine.extension.Policies;
import io.carrick.engine.topology.Exchange;
import io.carrick.engine.topology.Owner;
import io.carrick.engine.topology.QueueEntry;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.spi.AdapterContext.AttachRequest;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.AttachmentListener.CloseReason;
import io.carrick.spi.AttachmentListener.Pause;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.QueueDeclaration.SessionQueue;
import io.carrick.spi.Resource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One connected client with all its attachments, and what belongs to it alone. Confined to its
 * loop, except what is final.
 */
public final class ConnectedClient implements Owner {

  final Place place;
  final long number;

  /**
   * Written by its loop alone. It is always the same user, so whoever reads it elsewhere may as
   * well see the one before.
   */
  private Identity identity;

  /** Whether it is this JVM's own program, which needs no permission. */
  final boolean trusted;

  private final String protocol;
  private final String name;
  private final long sinceMs;
  private final AttachmentListener listener;

  /** The first of the chain. */
  private @Nullable ClientAttachment attachments;

  /** Its exclusive queues; null while there are none. */
  private @Nullable Set<QueueEntry> exclusive;

  private boolean askedToClose;

  /** Whether it may do everything, as of a version of what may be done. */
  private boolean unlimited;

  private int unlimitedAt;

  /**
   * Makes a client without attachments.
   *
   * @param number unique in the broker
   * @param request what it has said of itself
   */
  ConnectedClient(
      Place place,
      long number,
      Identity identity,
      boolean trusted,
      AttachRequest request,
      AttachmentListener listener) {
    this.place = place;
    this.number = number;
    this.identity = identity;
    this.trusted = trusted;
    this.protocol = request.protocol();
    this.name = request.name();
    this.sinceMs = place.context().loop().wallTimeMs();
    this.listener = listener;
    if (needsPermission()) {
      unlimitedAt = place.core().policies().version();
      unlimited = mayEverything();
    }
  }

  /** Returns who it is. Callable from any thread. */
  public Identity identity() {
    return identity;
  }

  /**
   * It has proved anew who it is.
   *
   * @throws AccessRefusedException if it is another user, or must not be here any more
   */
  void reauthenticated(Identity who) {
    if (!who.user().equals(identity.user())) {
      throw new AccessRefusedException("a client cannot become user '%s'".formatted(who.user()));
    }
    place.core().policies().check(who, Action.CONNECT, Resource.virtualHost(virtualHost()));
    identity = who;
    if (!trusted) {
      unlimitedAt = place.core().policies().version();
      unlimited = mayEverything();
    }
  }

  /** Returns its number, unique in the broker and higher than those of who came before. */
  public long number() {
    return number;
  }

  /** Describes it. Callable from any thread. */
  public ConnectionInfo info() {
    return new ConnectionInfo(
        connectionId(),
        protocol,
        place.host().name(),
        identity.user(),
        name,
        listener.remote(),
        Instant.ofEpochMilli(sinceMs));
  }

  @Override
  public String connectionId() {
    return ConnectedClients.connectionId(number);
  }

  @Override
  public LoopContext context() {
    return place.context();
  }

  /** Adds an attachment; returns how many there were before, as far as they are still there. */
  int add(ClientAttachment attachment) {
    ClientAttachment last = attachments;
    attachment.next = last;
    attachments = attachment;
    return last == null ? 0 : last.number() + 1;
  }

  /** Takes an attachment out; returns whether it was the last. */
  boolean remove(ClientAttachment attachment) {
    attachments = without(attachments, attachment);
    attachment.next = null;
    return attachments == null;
  }

  private static @Nullable ClientAttachment without(
      @Nullable ClientAttachment chain, ClientAttachment gone) {
    if (chain == gone) {
      return gone.next;
    }
    for (ClientAttachment a = chain; a != null; a = a.next) {
      if (a.next == gone) {
        a.next = gone.next;
      }
    }
    return chain;
  }

  public List<ClientAttachment> attachments() {
    var all = new ArrayList<ClientAttachment>(1);
    for (ClientAttachment a = attachments; a != null; a = a.next) {
      all.add(a);
    }
    return all;
  }

  /** Describes its attachments, the oldest first. */
  public List<ChannelInfo> channels() {
    List<ClientAttachment> youngestFirst = attachments();
    var all = new ArrayList<ChannelInfo>(youngestFirst.size());
    for (int i = youngestFirst.size() - 1; i >= 0; i--) {
      ClientAttachment attachment = youngestFirst.get(i);
      all.add(
          new ChannelInfo(
              connectionId(),
              virtualHost(),
              identity.user(),
              all.size(),
              attachment.consumptions().size(),
              !attachment.idle()));
    }
    return all;
  }

  /** The last attachment has closed and everything of it is gone. */
  void leave() {
    place.core().clients().left(this);
  }

  // ---- what it may

  /** Returns whether anybody is to be asked: not for who may do everything, of whom most are. */
  private boolean needsPermission() {
    Policies policies = place.core().policies();
    if (trusted || !policies.authorizes()) {
      return false;
    }
    int now = policies.version();
    if (now != unlimitedAt) {
      unlimitedAt = now;
      unlimited = mayEverything();
    }
    return !unlimited;
  }

  private boolean mayEverything() {
    return place.core().policies().allowsEverything(identity, virtualHost());
  }

  /**
   * Checks a permission on a queue.
   *
   * @throws AccessRefusedException if the client has not got it
   */
  void mayQueue(Action action, String name) {
    if (needsPermission()) {
      check(action, Resource.queue(virtualHost(), name));
    }
  }

  /**
   * Checks a permission on an exchange.
   *
   * @throws AccessRefusedException if the client has not got it
   */
  void mayExchange(Action action, String name) {
    if (needsPermission()) {
      check(action, Resource.exchange(virtualHost(), name));
    }
  }

  /**
   * Checks that a message is not for where only the broker speaks.
   *
   * @return the message itself, or as it goes elsewhere
   * @throws AccessRefusedException if it is
   */
  Message addressed(Message message) {
    return trusted ? message : place.host().reservedKeys.addressed(message);
  }

  /**
   * Finds an exchange to publish to, for a client that may, of what does not go elsewhere.
   *
   * @throws io.carrick.NotFoundException when there is none, if the client may write to it
   * @throws AccessRefusedException if the client may not, or the exchange is internal
   */
  Exchange mayPublishAsItIs(Message message) {
    if (!trusted) {
      place.host().reservedKeys.check(message);
    }
    return mayPublish(message);
  }

  /**
   * Finds an exchange to publish to, for a client that may and whose message is {@linkplain
   * #addressed addressed} rightly.
   *
   * @throws io.carrick.NotFoundException when there is none, if the client may write to it
   * @throws AccessRefusedException if the client may not, or the exchange is internal
   */
  Exchange mayPublish(Message message) {
    VirtualHost host = place.host();
    boolean asks = needsPermission();
    Exchange exchange = host.exchangeOrNull(message.exchange());
    if (asks) {
      check(
          Action.WRITE,
          exchange == null
              ? Resource.exchange(virtualHost(), message.exchange())
              : exchange.resource(virtualHost()));
    }
    if (exchange == null) {
      exchange = host.exchange(message.exchange()); // says that it is not there
    }
    if (exchange.declaration.internal()) {
      throw new AccessRefusedException(
          "cannot publish to internal exchange '%s' in vhost '%s'"
              .formatted(exchange.name(), host.name()));
    }
    if (asks && exchange.isTopic()) {
      String key = message.routingKey().asKey();
      check(Action.WRITE, Resource.topic(virtualHost(), exchange.name(), key));
      List<RoutingKey> further = message.annotations().furtherKeys();
      for (int i = 0; i < further.size(); i++) { // an iterator would be one for each message
        String also = further.get(i).asKey();
        check(Action.WRITE, Resource.topic(virtualHost(), exchange.name(), also));
      }
    }
    if (asks && host.lastValues().takes(message, exchange)) {
      String key = message.routingKey().asKey();
      check(Action.RETAIN, Resource.topic(virtualHost(), exchange.name(), key));
    }
    return exchange;
  }

  /**
   * Checks the permissions that a binding needs, or its removal.
   *
   * @throws AccessRefusedException if the client has not got one
   */
  void mayBind(Binding binding) {
    if (!needsPermission()) {
      return;
    }
    if (binding.target() == Binding.Target.QUEUE) {
      mayQueue(Action.WRITE, binding.destination());
    } else {
      mayExchange(Action.WRITE, binding.destination());
    }
    mayExchange(Action.READ, binding.exchange());
    Exchange source = place.host().exchangeOrNull(binding.exchange());
    if (source != null && source.isTopic()) {
      Resource topics =
          Resource.topic(virtualHost(), binding.exchange(), binding.key().asBindingKey());
      if (isOfOwnSession(binding) && place.core().policies().filters()) {
        place.core().policies().checkPart(identity, Action.READ, topics);
      } else {
        check(Action.READ, topics);
      }
    }
  }

  private boolean isOfOwnSession(Binding binding) {
    QueueEntry bound =
        binding.target() == Binding.Target.QUEUE
            ? place.host().queueOrNull(binding.destination())
            : null;
    return bound != null && isOwnSession(bound);
  }

  /** Returns whether what goes to the client is asked about message by message. */
  boolean isFiltered() {
    return !trusted && place.core().policies().filters();
  }

  /** Returns whether a queue is the session's of this client alone. */
  boolean isOwnSession(QueueEntry entry) {
    SessionQueue session = entry.queue.declaration().session();
    return session != null && session.name().equals(identity.clientId());
  }

  /** Returns whether the client may have a message that its session was bound for. */
  boolean mayGet(Message message) {
    return !needsPermission() || allowsRead(identity, message);
  }

  private boolean allowsRead(Identity who, Message message) {
    Resource topic =
        Resource.topic(virtualHost(), message.exchange(), message.routingKey().asKey());
    return place.core().policies().allows(who, Action.READ, topic);
  }

  /**
   * Returns why the client may not let messages of a new exchange or queue go on to another
   * exchange, as its alternate or dead-letter exchange; null if it may. As in RabbitMQ that is
   * reading from the one and writing to the other.
   *
   * @param from the new one
   * @param to what an argument names; what is no text names nothing
   */
  @Nullable AccessRefusedException whyNotPassOn(Resource from, @Nullable Object to) {
    if (!needsPermission() || !(to instanceof String exchange)) {
      return null;
    }
    try {
      check(Action.READ, from);
      mayExchange(Action.WRITE, exchange);
      return null;
    } catch (AccessRefusedException refused) {
      return refused;
    }
  }

  /** Returns whether a last value is for the client, which may bind with a key that matches it. */
  boolean mayHave(Message lastValue) {
    return !needsPermission() || allowsDelivery(identity, lastValue);
  }

  /** May be called in any loop. */
  private boolean allowsDelivery(Identity who, Message lastValue) {
    String key = lastValue.routingKey().asKey();
    for (String topics : place.host().reservedKeys.exchanges()) {
      Resource topic = Resource.topic(virtualHost(), topics, key);
      if (!place.core().policies().allowsDelivery(who, topic)) {
        return false;
      }
    }
    return true;
  }

  /** Returns which last values are for it as it is now; what is returned may be asked anywhere. */
  Predicate<Message> lastValuesForIt() {
    if (!needsPermission()) {
      return any -> true;
    }
    Identity who = identity;
    return value -> allowsDelivery(who, value) && (!isFiltered() || allowsRead(who, value));
  }

  private void check(Action action, Resource resource) {
    place.core().policies().check(identity, action, resource);
  }

  private String virtualHost() {
    return place.host().name();
  }

  // ---- what is its own

  @Override
  public void owns(QueueEntry entry) {
    Set<QueueEntry> queues = exclusive;
    if (queues == null) {
      queues = new HashSet<>();
      exclusive = queues;
    }
    queues.add(entry);
  }

  @Override
  public void disowns(QueueEntry entry) {
    if (exclusive != null) {
      exclusive.remove(entry);
    }
  }

  @Override
  public void recalls(VirtualHost host, Binding bound, List<Message> messages) {
    place.core().router(context()).recall(host, bound, messages);
  }

  List<QueueEntry> exclusiveQueues() {
    return exclusive == null ? List.of() : List.copyOf(exclusive);
  }

  @Override
  public boolean mayUse(QueueEntry entry) {
    SessionQueue session = entry.queue.declaration().session();
    return session == null
        || (session.admission().admits(session.name(), identity.clientId())
            && session.user().map(identity.user()::equals).orElse(true));
  }

  /** Nothing more comes from the client: what it has published is finished. */
  public void stopReading() {
    if (attachments != null) {
      listener.pauseReading(Pause.SHUTDOWN);
    }
  }

  /** Runs a task when every publish is confirmed, perhaps before returning. */
  public void whenIdle(Runnable task) {
    for (ClientAttachment attachment : attachments()) {
      if (!attachment.idle()) {
        attachment.whenIdle(() -> whenIdle(task));
        return;
      }
    }
    task.run();
  }

  /** Asks the client to leave; later calls do nothing. */
  public void requestClose(CloseReason reason, String text) {
    if (!askedToClose && attachments != null) {
      askedToClose = true;
      listener.closeRequested(reason, text);
    }
  }

  /**
   * Asks the client, which is {@linkplain #stopReading read from no more}, to leave for another
   * server; later calls do nothing.
   */
  public void refer(Referral referral) {
    if (!askedToClose && attachments != null) {
      askedToClose = true;
      listener.drained(referral);
      listener.resumeReading(Pause.SHUTDOWN); // it may have to say that it has heard that
    }
  }

  /** Returns whether it is this JVM's own program. Callable from any thread. */
  public boolean isProgram() {
    return trusted;
  }

  /** Returns whether it is attached to a virtual host. Callable from any thread. */
  public boolean isIn(VirtualHost host) {
    return place.host() == host;
  }

  /** Asks the client to leave and does not wait for it: its attachments close at once. */
  public void expel(CloseReason reason, String text) {
    requestClose(reason, text);
    attachments().forEach(ClientAttachment::close);
  }

  /** Returns whether nothing of it is under way. */
  public boolean idle() {
    return attachments().stream().allMatch(ClientAttachment::idle);
  }
}
