package io.carrick.engine.extension;

import io.carrick.Identity;
import io.carrick.spi.Authorizer;
import io.carrick.spi.Resource;
import java.util.Optional;

/**
 * Allows what two authorizers allow. Immutable.
 *
 * @param one is asked first
 * @param other may refuse what the first allows
 */
public record RestrictedAuthorizer(Authorizer one, Authorizer other) implements Authorizer {

  /** Joins two, either of which may not be there. */
  public static Optional<Authorizer> of(
      Optional<? extends Authorizer> one, Optional<? extends Authorizer> other) {
    if (one.isPresent() && other.isPresent()) {
      return Optional.of(new RestrictedAuthorizer(one.get(), other.get()));
    }
    return one.<Authorizer>map(there -> there).or(() -> other);
  }

  @Override
  public boolean allows(Identity who, Action action, Resource resource) {
    return one.allows(who, action, resource) && other.allows(who, action, resource);
  }

  @Override
  public boolean allowsDelivery(Identity who, Resource topic) {
    return one.allowsDelivery(who, topic) && other.allowsDelivery(who, topic);
  }

  @Override
  public boolean filters() {
    return one.filters() || other.filters();
  }

  @Override
  public boolean allowsPart(Identity who, Action action, Resource topics) {
    return part(one, who, action, topics) && part(other, who, action, topics);
  }

  private static boolean part(Authorizer of, Identity who, Action action, Resource topics) {
    return of.allows(who, action, topics) || of.allowsPart(who, action, topics);
  }

  @Override
  public boolean allowsEverything(Identity who, String virtualHost) {
    return one.allowsEverything(who, virtualHost) && other.allowsEverything(who, virtualHost);
  }

  @Override
  public int version() {
    return 31 * one.version() + other.version();
  }
}
