package io.carrick.engine;

import io.carrick.Broker;
import io.carrick.Limits;
import io.carrick.Mapping;
import io.carrick.Policy;
import io.carrick.Users;
import io.carrick.spi.Authenticator;
import io.carrick.spi.Authorizer;
import io.carrick.spi.BrokerListener;
import io.carrick.spi.ExchangeType;
import io.carrick.spi.LoopGroup;
import io.carrick.spi.ProtocolAdapter;
import io.carrick.spi.PublishInterceptor;
import io.carrick.spi.SaslMechanism;
import io.carrick.storage.MessageStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where a broker comes from. */
public final class EmbeddedBroker {

  private EmbeddedBroker() {}

  /** Starts the description of a broker; what is not said has a default. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The description of a broker, ending in {@link #start()}. Confined to one thread; it may be kept
   * and changed after a start, which has taken a copy.
   */
  public static final class Builder {

    final List<ProtocolAdapter> adapters = new ArrayList<>();
    final List<ExchangeType> exchangeTypes = new ArrayList<>();
    final List<PublishInterceptor> interceptors = new ArrayList<>();
    final List<BrokerListener> listeners = new ArrayList<>();
    final Set<String> virtualHosts = new LinkedHashSet<>(List.of("/"));
    final Map<String, Mapping> mappings = new HashMap<>();
    Mapping mapping = Mapping.lossless();
    Limits limits = Limits.defaults();
    MessageStore.Factory store = MessageStore.inMemory();
    Optional<Authenticator> authenticator = Optional.empty();
    Optional<Authorizer> authorizer = Optional.empty();
    Optional<Authorizer> restriction = Optional.empty();
    final List<SaslMechanism> mechanisms = new ArrayList<>();
    final List<Policy> policies = new ArrayList<>();
    Optional<Users> users = Optional.empty();
    Optional<LoopGroup.Factory> loops = Optional.empty();

    private Builder() {}

    /**
     * Adds a protocol; without one the broker serves this JVM only.
     *
     * @throws IllegalArgumentException when an endpoint has the name of one that is there already
     */
    public Builder adapter(ProtocolAdapter adapter) {
      var names = new HashSet<String>();
      adapters.forEach(added -> names.addAll(added.endpointNames()));
      for (String name : adapter.endpointNames()) {
        if (!names.add(name)) {
          throw new IllegalArgumentException(
              "two endpoints are named '"
                  + name
                  + "': give one of them a name of its own with Endpoint.named");
        }
      }
      adapters.add(adapter);
      return this;
    }

    /** Sets where messages are kept (default: in memory). */
    public Builder store(MessageStore.Factory factory) {
      store = factory;
      return this;
    }

    /** Adds a type of exchange beside direct, fanout, topic and headers. */
    public Builder exchangeType(ExchangeType type) {
      exchangeTypes.add(type);
      return this;
    }

    /** Adds types of exchange, as {@link #exchangeType} adds one. */
    public Builder exchangeTypes(List<ExchangeType> types) {
      exchangeTypes.addAll(types);
      return this;
    }

    /**
     * Sets who may log in (default: who has shown a certificate that its endpoint trusts; else from
     * this machine only, MQTT anybody, AMQP {@code guest} with the password {@code guest}).
     */
    public Builder authenticator(Authenticator value) {
      authenticator = Optional.of(value);
      return this;
    }

    /**
     * Adds a way to log in beside passwords and certificates, which AMQP clients can choose. With
     * {@link #users} there is {@code SCRAM-SHA-256}; {@link SaslMechanism#anonymous} is for who
     * wants it.
     */
    public Builder mechanism(SaslMechanism mechanism) {
      mechanisms.add(mechanism);
      return this;
    }

    /** Sets who may do what (default: everybody everything). */
    public Builder authorizer(Authorizer value) {
      authorizer = Optional.of(value);
      return this;
    }

    /**
     * Sets an authorizer that is asked as well, and may refuse what the users' permissions or the
     * {@linkplain #authorizer authorizer} allow, such as {@link io.carrick.spi.AccessRules}.
     */
    public Builder restrictedBy(Authorizer value) {
      restriction = Optional.of(value);
      return this;
    }

    /**
     * Has the broker keep users of its own, who tell who may log in and who may do what. An
     * authenticator and an authorizer that are given beside them take their place, each for its
     * part.
     */
    public Builder users(Users value) {
      users = Optional.of(value);
      return this;
    }

    /**
     * Adds a policy, which is there at each start: in the place of a stored one of its kind and
     * name.
     */
    public Builder policy(Policy policy) {
      policies.add(policy);
      return this;
    }

    /** Adds an interceptor behind those added before. */
    public Builder interceptor(PublishInterceptor interceptor) {
      interceptors.add(interceptor);
      return this;
    }

    /** Adds a listener. */
    public Builder listener(BrokerListener listener) {
      listeners.add(listener);
      return this;
    }

    /**
     * Sets what becomes of what crosses between MQTT and AMQP (default: {@link
     * Mapping#lossless()}), in every virtual host that is given no other.
     */
    public Builder mapping(Mapping value) {
      mapping = value;
      return this;
    }

    /** Sets what becomes of what crosses between MQTT and AMQP in one virtual host. */
    public Builder mapping(String virtualHost, Mapping value) {
      mappings.put(virtualHost, value);
      return this;
    }

    /** Sets the bounds (default: {@link Limits#defaults()}). */
    public Builder limits(Limits value) {
      limits = value;
      return this;
    }

    /** Sets the loops (default: the first that an adapter offers, else plain threads). */
    public Builder loops(LoopGroup.Factory factory) {
      loops = Optional.of(factory);
      return this;
    }

    /** Adds a virtual host beside {@code "/"}. */
    public Builder virtualHost(String name) {
      virtualHosts.add(name);
      return this;
    }

    /**
     * Starts the broker: when this returns, every port accepts.
     *
     * @throws java.io.UncheckedIOException when a port cannot be bound or the store cannot be
     *     opened, with a message fit for a user; nothing is left running then
     */
    public Broker start() {
      return RunningBroker.start(this);
    }
  }
}
