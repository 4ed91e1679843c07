package io.carrick.engine.topology;

import io.carrick.Limit;
import io.carrick.Limits;
import io.carrick.NotFoundException;
import io.carrick.Policy;
import io.carrick.Policy.AppliesTo;
import io.carrick.Policy.Kind;
import io.carrick.PreconditionFailedException;
import io.carrick.engine.delivery.LoopContext;
import io.carrick.spi.QueueDeclaration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The policies of one virtual host, and what they make of the arguments of its queues and
 * exchanges. Changed under the lock of the virtual host, read by any thread without one.
 */
public final class HostPolicies {

  private static final String PREFIX = "x-";

  /** Queues of the broker's own, which keep nothing. */
  private static final String REPLIES = "amq.rabbitmq.";

  /** Limits, of which the lowest counts: the policy's, the operator's, the argument. */
  private static final Set<String> LOWEST =
      Set.of(
          "message-ttl",
          "expires",
          "max-length",
          "max-length-bytes",
          "delivery-limit",
          "consumer-timeout");

  private final ChangeLog log;
  private final Limits limits;

  /** Those of the highest priority first. */
  private volatile List<NamedPolicy> users = List.of();

  private volatile List<NamedPolicy> operators = List.of();

  HostPolicies(ChangeLog log, Limits limits) {
    this.log = log;
    this.limits = limits;
  }

  // ---- what there is

  /** Returns them by kind and name. */
  public List<Policy> all() {
    var all = new ArrayList<Policy>();
    users.forEach(named -> all.add(named.policy()));
    operators.forEach(named -> all.add(named.policy()));
    all.sort(Comparator.comparing(HostPolicies::key));
    return all;
  }

  /** Returns the place of a policy among all of a virtual host. */
  public static String key(Policy policy) {
    return policy.kind().ordinal() + policy.name();
  }

  private List<NamedPolicy> of(Kind kind) {
    return kind == Kind.USER ? users : operators;
  }

  /**
   * Takes a policy, in the place of the one of its kind and name.
   *
   * @throws PreconditionFailedException if there are too many, or it cannot be stored
   */
  void put(Policy policy, LoopContext here) {
    var fewer = without(policy.kind(), policy.name());
    if (fewer.size() >= limits.value(Limit.POLICIES)) {
      throw new PreconditionFailedException(
          "policy limit of %d is reached".formatted(limits.value(Limit.POLICIES)));
    }
    log.mayStore(here);
    log.policy(policy, here);
    fewer.add(new NamedPolicy(policy));
    set(policy.kind(), fewer);
  }

  /** Takes a policy as the store or the builder has it. */
  void restore(Policy policy) {
    var all = without(policy.kind(), policy.name());
    all.add(new NamedPolicy(policy));
    set(policy.kind(), all);
  }

  /**
   * Removes a policy.
   *
   * @throws NotFoundException if there is none
   */
  void remove(Kind kind, String name, LoopContext here) {
    var fewer = without(kind, name);
    if (fewer.size() == of(kind).size()) {
      throw new NotFoundException("no policy '" + name + "'");
    }
    log.mayStore(here);
    log.policyGone(kind, name, here);
    set(kind, fewer);
  }

  /** Removes one of a virtual host that goes; returns whether there was one. */
  boolean removeOne(LoopContext here) {
    for (Kind kind : Kind.values()) {
      if (!of(kind).isEmpty()) {
        String name = of(kind).get(0).policy().name();
        log.policyGone(kind, name, here);
        set(kind, without(kind, name));
        return true;
      }
    }
    return false;
  }

  private List<NamedPolicy> without(Kind kind, String name) {
    var others = new ArrayList<>(of(kind));
    others.removeIf(named -> named.policy().name().equals(name));
    return others;
  }

  private void set(Kind kind, List<NamedPolicy> all) {
    all.sort(
        Comparator.comparing((NamedPolicy named) -> -(long) named.policy().priority())
            .thenComparing(named -> named.policy().name()));
    if (kind == Kind.USER) {
      users = List.copyOf(all);
    } else {
      operators = List.copyOf(all);
    }
  }

  // ---- what they make of arguments

  /** Returns the arguments that a queue goes by: its own, and what its policies say. */
  Map<String, Object> argumentsOf(QueueDeclaration queue) {
    if ((users.isEmpty() && operators.isEmpty()) || queue.name().startsWith(REPLIES)) {
      return queue.arguments();
    }
    Map<String, Object> given = definitionOf(queue.name(), queueKinds(queue.arguments()));
    if (given.isEmpty()) {
      return queue.arguments();
    }
    var merged = new LinkedHashMap<>(queue.arguments());
    given.forEach(
        (key, value) ->
            merged.merge(
                PREFIX + key, value, (own, policys) -> lower(key, own, policys).orElse(own)));
    return merged;
  }

  /** Returns the name of the exchange that an exchange's unroutable messages go to, or nothing. */
  String alternateOf(Exchange exchange) {
    Object own = exchange.declaration.arguments().get(Exchange.ALTERNATE);
    if (own != null || (users.isEmpty() && operators.isEmpty())) {
      return own == null ? "" : own.toString();
    }
    Object given =
        definitionOf(exchange.name(), Set.of(AppliesTo.ALL, AppliesTo.EXCHANGES))
            .get(Policy.ALTERNATE_EXCHANGE);
    return given == null ? "" : given.toString();
  }

  private static Set<AppliesTo> queueKinds(Map<String, Object> arguments) {
    AppliesTo own =
        switch (QueueArguments.type(arguments)) {
          case "quorum" -> AppliesTo.QUORUM_QUEUES;
          case "stream" -> AppliesTo.STREAMS;
          default -> AppliesTo.CLASSIC_QUEUES;
        };
    return Set.of(AppliesTo.ALL, AppliesTo.QUEUES, own);
  }

  private Map<String, Object> definitionOf(String name, Set<AppliesTo> kinds) {
    Optional<Policy> user = first(users, name, kinds);
    Optional<Policy> operator = first(operators, name, kinds);
    Map<String, Object> definition = user.map(Policy::definition).orElse(Map.of());
    if (operator.isEmpty()) {
      return definition;
    }
    var merged = new LinkedHashMap<>(definition);
    operator
        .get()
        .definition()
        .forEach(
            (key, value) ->
                merged.merge(
                    key, value, (users, operators) -> lower(key, users, operators).orElse(value)));
    return merged;
  }

  private static Optional<Policy> first(
      List<NamedPolicy> policies, String name, Set<AppliesTo> kinds) {
    for (NamedPolicy named : policies) {
      if (kinds.contains(named.policy().appliesTo()) && named.matches(name)) {
        return Optional.of(named.policy());
      }
    }
    return Optional.empty();
  }

  /** Returns the lower of two limits, of which a negative one is none; empty if it is no limit. */
  private static Optional<Object> lower(String key, Object one, Object other) {
    if (!LOWEST.contains(key) || !(one instanceof Number a) || !(other instanceof Number b)) {
      return Optional.empty();
    }
    boolean first = b.longValue() < 0 || (a.longValue() >= 0 && a.longValue() <= b.longValue());
    return Optional.of(first ? one : other);
  }
}
