package io.carrick.engine.client;

import io.carrick.AccessRefusedException;
import io.carrick.BrokerException;
import io.carrick.DrainingException;
import io.carrick.Identity;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.Message;
import io.carrick.Metrics;
import io.carrick.NotFoundException;
import io.carrick.Referral;
import io.carrick.RoutingKey;
import io.carrick.engine.access.ReplyKey;
import io.carrick.engine.extension.CounterRegistry;
import io.carrick.engine.extension.LoopbackLogin;
import io.carrick.engine.loop.Workers;
import io.carrick.engine.routing.ScheduledPublish;
import io.carrick.engine.topology.VirtualHost;
import io.carrick.engine.topology.VirtualHosts;
import io.carrick.spi.AdapterContext;
import io.carrick.spi.Attachment;
import io.carrick.spi.AttachmentListener;
import io.carrick.spi.Authenticator;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Completion;
import io.carrick.spi.Counters;
import io.carrick.spi.Credentials;
import io.carrick.spi.Diversion;
import io.carrick.spi.HeldBytes;
import io.carrick.spi.Loop;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.ReplyRights;
import io.carrick.spi.Resource;
import io.carrick.spi.SaslLogin;
import io.carrick.spi.SaslMechanism;
import io.carrick.spi.SessionListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets clients in: asks who they are, on a thread that may block, and attaches them in their loop.
 * Thread-safe.
 */
public final class BrokerAdapterContext implements AdapterContext {

  private static final Logger log = LoggerFactory.getLogger("io.carrick.engine");

  private final Core core;

  private final VirtualHosts hosts;

  /** Of virtual hosts that somebody was attached to, by the loop's index. */
  private final Map<VirtualHost, List<Place>> places = new ConcurrentHashMap<>();

  private final CounterRegistry counters;
  private final Workers workers;
  private final Optional<Authenticator> authenticator;
  private final ReplyKey replies;

  private final Map<String, SaslMechanism> mechanisms = new LinkedHashMap<>();

  /** Where clients are sent that still come; null while they are let in. */
  private volatile @Nullable Referral draining;

  /**
   * Makes what adapters see of a broker.
   *
   * @param authenticator tells who a client is; without one the built-in rule does
   * @param more ways to log in
   * @param replies by which it is known who was asked
   */
  public BrokerAdapterContext(
      Core core,
      VirtualHosts hosts,
      Workers workers,
      Optional<Authenticator> authenticator,
      List<SaslMechanism> more,
      ReplyKey replies) {
    more.forEach(mechanism -> mechanisms.put(mechanism.name(), mechanism));
    this.core = core;
    this.hosts = hosts;
    this.replies = replies;
    this.counters = core.counters();
    this.workers = workers;
    this.authenticator = authenticator;
  }

  @Override
  public LoopGroup loops() {
    return core.group();
  }

  @Override
  public Limits limits() {
    return core.limits();
  }

  @Override
  public Mapping mapping(String virtualHost) {
    return hosts.mapping(virtualHost);
  }

  @Override
  public Counters counters() {
    return counters;
  }

  @Override
  public Metrics metrics() {
    Metrics counted = counters.snapshot(core.contexts(), core.memory(), core.policies());
    var all = new TreeMap<>(counted.counters());
    for (VirtualHost host : hosts.all()) {
      all.merge("sessions", (long) host.sessionCount(), Long::sum);
      all.merge("subscriptions", host.subscriptionCount(), Long::sum);
      all.merge("last-values", (long) host.lastValues().size(), Long::sum);
    }
    return new Metrics(all);
  }

  @Override
  public void publish(Loop loop, String virtualHost, Message message) {
    VirtualHost host = hosts.host(virtualHost);
    new ScheduledPublish(core.router(core.context(loop)), host, message).runForBroker();
  }

  @Override
  public HeldBytes held(Loop loop) {
    return core.context(loop).held();
  }

  @Override
  public Executor workers() {
    return workers;
  }

  @Override
  public void reserve(String virtualHost, String exchange, Predicate<RoutingKey> reserved) {
    hosts.host(virtualHost).reservedKeys.reserve(exchange, reserved).keep();
  }

  @Override
  public void reserveEverywhere(String exchange, Predicate<RoutingKey> reserved) {
    hosts.reserve(exchange, reserved);
  }

  @Override
  public void divertEverywhere(String exchange, Diversion diversion) {
    hosts.divert(exchange, diversion);
  }

  @Override
  public ReplyRights replyRights(String virtualHost) {
    return new HostReplies(virtualHost, hosts, core.policies(), replies);
  }

  @Override
  public boolean hasVirtualHost(String name) {
    return hosts.find(name) != null;
  }

  @Override
  public void whenSessionEnds(SessionListener listener) {
    hosts.whenSessionEnds(listener);
  }

  @Override
  public void attach(
      Loop loop, AttachRequest request, AttachmentListener listener, Completion<Attachment> done) {
    authenticate(
        loop,
        request.credentials(),
        new Completion<>() {
          @Override
          public void completed(Identity identity) {
            attach(loop, identity, request, listener, done);
          }

          @Override
          public void failed(BrokerException reason) {
            done.failed(reason);
          }
        });
  }

  @Override
  public void authenticate(Loop loop, Credentials credentials, Completion<Identity> done) {
    if (authenticator.isEmpty()) {
      // The built-in rule never blocks: no need to leave the loop.
      answer(done, credentials, LoopbackLogin.authenticate(credentials));
      return;
    }
    workers.execute(
        () -> {
          Optional<Identity> who = ask(authenticator.get(), credentials);
          try {
            loop.execute(() -> answer(done, credentials, who));
          } catch (RejectedExecutionException closed) {
            log.debug("login by {} after the broker has closed", credentials.protocol());
          }
        });
  }

  @Override
  public boolean proves(Credentials shown) {
    return authenticator.isPresent() || !shown.certificates().isEmpty();
  }

  @Override
  public void authenticateAgain(
      Loop loop, Credentials credentials, Identity who, Completion<Identity> done) {
    if (authenticator.isPresent() && authenticator.get().secretsExpire()) {
      authenticate(loop, credentials, done);
    } else {
      done.completed(who);
    }
  }

  private static Optional<Identity> ask(Authenticator authenticator, Credentials credentials) {
    try {
      return authenticator.authenticate(credentials);
    } catch (RuntimeException bug) {
      log.error("the authenticator has failed", bug);
      return Optional.empty();
    }
  }

  private void answer(Completion<Identity> done, Credentials credentials, Optional<Identity> who) {
    if (who.isPresent()) {
      done.completed(who.get().withClientId(credentials.clientId()));
    } else {
      counters.counter("logins.refused").add();
      done.failed(new AccessRefusedException("login refused"));
    }
  }

  @Override
  public List<String> mechanisms() {
    return List.copyOf(mechanisms.keySet());
  }

  @Override
  public SaslLogin login(Loop loop, String name, Credentials peer) {
    SaslMechanism mechanism = mechanisms.get(name);
    if (mechanism == null) {
      throw new NotFoundException("no mechanism '" + name + "'");
    }
    return new SaslConversation(
        loop, mechanism.begin(peer), workers, () -> counters.counter("logins.refused").add());
  }

  @Override
  public void attach(
      Loop loop,
      Identity identity,
      AttachRequest request,
      AttachmentListener listener,
      Completion<Attachment> done) {
    Attachment attachment;
    try {
      attachment = attach(loop, request, identity, listener);
    } catch (DrainingException elsewhere) {
      counters.counter("logins.referred").add();
      done.failed(elsewhere);
      return;
    } catch (BrokerException refused) {
      counters.counter("logins.refused").add();
      done.failed(refused);
      return;
    }
    done.completed(attachment);
  }

  /** Attaches a known client, if it may; called in its loop. */
  Attachment attach(
      Loop loop, AttachRequest request, Identity identity, AttachmentListener listener) {
    Resource host = Resource.virtualHost(request.virtualHost());
    core.policies().check(identity, Action.CONNECT, host);
    return attach(place(request.virtualHost(), loop), request, identity, false, listener);
  }

  /** Attaches this JVM's own program, which may do everything; called in its loop. */
  public Attachment attachProgram(Loop loop, AttachRequest request, AttachmentListener listener) {
    return attach(place(request.virtualHost(), loop), request, Identity.ANONYMOUS, true, listener);
  }

  private Attachment attach(
      Place place,
      AttachRequest request,
      Identity identity,
      boolean trusted,
      AttachmentListener listener) {
    ConnectedClients clients = core.clients();
    var client =
        new ConnectedClient(place, clients.nextNumber(), identity, trusted, request, listener);
    var attachment = new ClientAttachment(client, listener);
    clients.arrived(client);
    // Behind the arrival: either we see these, or who deletes or drains sees us.
    if (place.host().ended()) {
      attachment.close();
      throw new NotFoundException("no virtual host '" + place.host().name() + "'");
    }
    Referral elsewhere = draining;
    if (elsewhere != null && !trusted) {
      attachment.close();
      throw new DrainingException(elsewhere);
    }
    return attachment;
  }

  private Place place(String virtualHost, Loop loop) {
    VirtualHost host = hosts.host(virtualHost);
    return places.computeIfAbsent(host, this::newPlaces).get(core.context(loop).index());
  }

  /** From now on nobody is let in but programs of this JVM. */
  public void drain(Referral referral) {
    draining = referral;
  }

  /** A virtual host has gone. */
  public void forget(VirtualHost host) {
    places.remove(host);
  }

  /** Returns where clients can be attached. */
  public VirtualHosts hosts() {
    return hosts;
  }

  private List<Place> newPlaces(VirtualHost host) {
    var keeper = core.keeper(host);
    return core.contexts().stream().map(c -> new Place(core, host, keeper, c)).toList();
  }
}
