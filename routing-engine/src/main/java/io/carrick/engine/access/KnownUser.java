package io.carrick.engine.access;

import io.carrick.Identity;
import io.carrick.PasswordHash;
import io.carrick.User;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A user as it is now, with what makes it quick to ask about. Immutable, but for the last password
 * that was found right. Thread-safe.
 */
final class KnownUser {

  private final User user;
  private final Map<String, HostRights> rights;

  /** A quick hash of it, with a key of this process; which one is kept when two race is all one. */
  private volatile byte @Nullable [] lastRight;

  KnownUser(User user) {
    this.user = user;
    var all = new HashMap<String, HostRights>();
    user.permissions()
        .forEach(
            (host, permissions) ->
                all.put(
                    host,
                    HostRights.of(
                        user.name(),
                        host,
                        permissions,
                        user.topicPermissions().getOrDefault(host, Map.of()))));
    this.rights = Map.copyOf(all);
  }

  User user() {
    return user;
  }

  Identity identity() {
    return new Identity(user.name(), "", user.tags());
  }

  /** Returns what it may in a virtual host; null if it may not even attach to it. */
  @Nullable HostRights in(String virtualHost) {
    return rights.get(virtualHost);
  }

  /**
   * Checks a password. The slow hash is made for one that was not the last right one only, so that
   * many clients of one user can come at once.
   *
   * @param quickly a hash that tells nothing to who has not this process's key
   */
  boolean hasPassword(byte[] password, UnaryOperator<byte[]> quickly) {
    Optional<PasswordHash> hash = user.password();
    if (password.length == 0 || hash.isEmpty()) {
      return false;
    }
    byte[] quick = quickly.apply(password);
    byte[] last = lastRight;
    if (last != null && MessageDigest.isEqual(last, quick)) {
      return true;
    }
    boolean right = hash.get().matches(password);
    if (right) {
      lastRight = quick;
    }
    return right;
  }
}
