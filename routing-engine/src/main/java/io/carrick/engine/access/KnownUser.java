package io.carrick.engine.access;

import io.carrick.Identity;
import io.carrick.PasswordHash;
import io.carrick.User;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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

  /** Returns whether it has a password at all. */
  boolean hasPassword() {
    return user.password().isPresent();
  }

  /**
   * Returns whether a password is the one that was right last, so that many clients of one user can
   * come at once.
   *
   * @param quick a hash of it that tells nothing to who has not this process's key
   */
  boolean wasRight(byte[] quick) {
    byte[] last = lastRight;
    return last != null && MessageDigest.isEqual(last, quick);
  }

  /**
   * Checks a password by the slow hash.
   *
   * @param quick as in {@link #wasRight}
   */
  boolean hasPassword(byte[] password, byte[] quick) {
    Optional<PasswordHash> hash = user.password();
    boolean right = password.length > 0 && hash.isPresent() && hash.get().matches(password);
    if (right) {
      lastRight = quick;
    }
    return right;
  }
}
