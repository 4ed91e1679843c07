package io.carrick.engine.administration;

import io.carrick.Identity;
import io.carrick.engine.extension.Policies;
import io.carrick.spi.Authorizer.Action;
import io.carrick.spi.Resource;
import org.jspecify.annotations.Nullable;

/**
 * What an administrator may. Immutable; asked in loops, as an authorizer is.
 *
 * @param policies knows the authorizer
 * @param who who administers; null for this JVM's own program, which needs no permission
 */
record Rights(Policies policies, @Nullable Identity who) {

  boolean mayAdminister(String virtualHost) {
    return who == null
        || policies.allows(who, Action.ADMINISTER, Resource.virtualHost(virtualHost));
  }

  /**
   * Checks the right to a virtual host, whether it is there or not.
   *
   * @throws io.carrick.AccessRefusedException if it is not given
   */
  void check(String virtualHost) {
    if (who != null) {
      policies.check(who, Action.ADMINISTER, Resource.virtualHost(virtualHost));
    }
  }

  /**
   * Checks the right to the broker.
   *
   * @throws io.carrick.AccessRefusedException if it is not given
   */
  void checkBroker() {
    if (who != null) {
      policies.check(who, Action.ADMINISTER, Resource.broker());
    }
  }
}
