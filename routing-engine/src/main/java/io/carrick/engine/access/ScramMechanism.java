package io.carrick.engine.access;

import io.carrick.PasswordHash.Scram;
import io.carrick.spi.Credentials;
import io.carrick.spi.SaslMechanism;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.function.Supplier;

/** {@code SCRAM-SHA-256} (RFC 5802, RFC 7677) for the users that the broker keeps. Thread-safe. */
public final class ScramMechanism implements SaslMechanism {

  private static final int NONCE_BYTES = 18;

  private final UserTable users;
  private final Supplier<String> nonces;

  /** Makes it for users, with nonces that nobody can guess. */
  public ScramMechanism(UserTable users) {
    this(users, ScramMechanism::nonce);
  }

  ScramMechanism(UserTable users, Supplier<String> nonces) {
    this.users = users;
    this.nonces = nonces;
  }

  private static String nonce() {
    byte[] random = new byte[NONCE_BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getEncoder().encodeToString(random);
  }

  @Override
  public String name() {
    return "SCRAM-SHA-256";
  }

  @Override
  public Exchange begin(Credentials peer) {
    return new ScramExchange(users, peer, nonces.get());
  }

  /** Returns what the conversation is about: of nobody something that looks the same. */
  static Scram of(UserTable users, String user) {
    return users.scram(user).orElseGet(() -> users.decoy(user));
  }
}
